"""A demonstration: a coherent world in a record of its own."""
