"""What Seedbed raises, for those who call it: `from seedbed.errors import InvalidInputError`."""

from seedbed.base.errors import InvalidInputError, SeedbedError, UnknownNameError

__all__ = ["InvalidInputError", "SeedbedError", "UnknownNameError"]
