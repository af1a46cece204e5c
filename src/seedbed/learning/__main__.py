"""`python -m seedbed.learning` is `make fit`: what ships is fitted, tested and written again."""

from seedbed.learning.fit import fit_all

fit_all()
