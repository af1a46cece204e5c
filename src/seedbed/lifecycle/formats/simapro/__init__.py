"""SimaPro CSV: text exports, read only."""
