"""The schemes: one folder an instrument."""
