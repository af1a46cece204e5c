"""Facts: every number the product uses, with its unit, place, year and source.

from seedbed import facts
sales = facts.read("national_vehicles")
sales.series("nev")            # {2010: 4884.0, …, 2024: 12865872.0}
sales.source.publisher.en      # "China Association of Automobile Manufacturers (CAAM)"
"""

from seedbed.facts.adding import add, forget
from seedbed.facts.read import Facts, read
from seedbed.facts.registry import Table, note, source, tables

__all__ = ["Facts", "Table", "add", "forget", "note", "read", "source", "tables"]
