"""Operate: the instruments that a plan names, run; what they record is the next plan's data."""
