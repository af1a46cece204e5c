"""The ground that every floor stands on: numbers with their sources, text, units, years, files, errors."""
