"""Benchmarks: the numbers that the project holds itself to, measured on the machine at hand."""
