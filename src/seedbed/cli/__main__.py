"""`python -m seedbed.cli` is `seedbed`."""

from seedbed.cli import main

main()
