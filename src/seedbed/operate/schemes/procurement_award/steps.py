"""The award is a ranking with its stability."""

from seedbed.operate.ranking import steps as steps
