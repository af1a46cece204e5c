"""The best mix: the rule or every intensity, moved by gradient through the whole simulation (docs/optimise.md)."""
