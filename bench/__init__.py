"""Benchmarks: the numbers that the project holds itself to, measured on the machine at hand."""

import os

for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # may slow linear algebra, ours and that of others
    os.environ.pop(_name, None)
