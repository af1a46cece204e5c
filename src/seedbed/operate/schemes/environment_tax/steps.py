"""Of each outlet only the pollutants with most equivalents are charged, with the reductions of article 13."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.operate.assess import Book

OXYGEN = ("cod", "bod5", "toc")  # only one of these three is charged (table 2, note)


def steps(book: Book) -> None:
    """The charge of each pollutant, and the tax."""
    rows, v = book.tables["pollutants"], book.values
    span, counted, reduction = book.rule("range"), book.rule("counted"), book.rule("reduction")
    for medium in ("air", "water"):
        least, most = span[f"{medium}_least"], span[f"{medium}_most"]
        if not least <= v[f"{medium}_rate"] <= most:
            raise InvalidInputError(f"{v[f'{medium}_rate']} CNY lies outside the law's {least}–{most}.",
                                    where=Parameter(f"{medium}_rate"), fix="give the rate of the province.")
    groups: dict[tuple[str, Decimal], list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        groups[row["outlet"], row["medium"]].append(n)
    charged = [Decimal(0)] * len(rows)
    for (_, medium), members in groups.items():
        ranked, oxygen = [], False
        for n in sorted(members, key=lambda n: -rows[n]["units"]):
            if rows[n]["pollutant"] in OXYGEN:
                if oxygen:
                    continue
                oxygen = True
            ranked.append(n)
        for n in ranked[: int(counted[str(int(medium))])]:
            rate = v["air_rate"] if medium == 1 else v["water_rate"]
            charged[n] = rows[n]["units"] * rate * _part(rows[n]["below"], reduction)
    book.column("pollutants", "charged", charged)
    book.line("tax", sum(charged, Decimal(0)))


def _part(below: Decimal, reduction: dict[str, Decimal]) -> Decimal:
    if below >= Decimal("0.5"):
        return reduction["50"]
    return reduction["30"] if below >= Decimal("0.3") else Decimal(1)
