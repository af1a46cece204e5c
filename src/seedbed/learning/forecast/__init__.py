"""Forecasts of a panel from one origin: quantiles of every region and year ahead, by what was known then."""
