"""The import gate: what comes in is read leniently, judged strictly, and reported."""
