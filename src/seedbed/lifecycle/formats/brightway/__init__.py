"""Brightway: datapackages read and written, `.bw2package` files read."""
