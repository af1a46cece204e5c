"""An explanation for readers: tables, a page, files and the terminal."""
