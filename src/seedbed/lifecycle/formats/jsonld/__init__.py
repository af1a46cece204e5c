"""openLCA JSON-LD: packages of JSON objects, read and written."""
