"""Footprints for people: pages (HTML, PDF), terminal tables and trees, and files of data."""
