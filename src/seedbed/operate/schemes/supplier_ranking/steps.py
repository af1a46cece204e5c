"""Suppliers are ranked as candidates for an award are."""

from seedbed.operate.ranking import steps as steps
