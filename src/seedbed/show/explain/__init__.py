"""An explanation for readers: tables, a page and data."""
