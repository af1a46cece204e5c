"""`python -m seedbed.learn` is `make fit`: what ships is fitted, tested and written again."""

from seedbed.learn.fit import fit_all

fit_all()
