"""The factor follows the purpose; a factor of the other purpose is refused by its unit."""

from __future__ import annotations

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.operate.assess import Book

UNITS = {"organisation": "kgCO2/kWh", "product": "kgCO2e/kWh"}


def steps(book: Book) -> None:
    """Emissions by place, and for an organisation by market too."""
    v, unit = book.values, UNITS[book.values["purpose"]]
    if v["factor"] is not None:
        if v["factor_unit"].replace(" ", "").replace("₂", "2") != unit:
            raise InvalidInputError(f"a factor in {v['factor_unit'] or 'no unit'} cannot serve this purpose.",
                                    where=Parameter("factor_unit"), fix=f"give a factor in {unit}.")
        factor = v["factor"]
    else:
        factor = book.rule("emission" if v["purpose"] == "organisation" else "footprint")
    if v["certified_kwh"] > v["kwh"]:
        raise InvalidInputError("exceeds the electricity used.", where=Parameter("certified_kwh"), fix="give less.")
    book.line("used_factor", factor)
    book.line("emissions", v["kwh"] * factor)
    if v["purpose"] == "organisation" and book.rule("residual", needed=False) is not None:
        book.line("market", (v["kwh"] - v["certified_kwh"]) * book.rule("residual"))
    else:
        book.line("market", "–")
