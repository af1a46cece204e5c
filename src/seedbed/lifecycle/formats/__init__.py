"""Formats of life-cycle data: one file each, `read` (lenient) and, where we write it, `write`."""
