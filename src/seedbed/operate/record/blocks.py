"""Serial numbers: units that are numbered one by one, held in blocks that split and always add up.

What is given is taken from the lowest numbers held; what is issued gets the next numbers of its asset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from seedbed.base.errors import InvalidInputError
from seedbed.operate.record.chain import canonical, recorded
from seedbed.operate.record.tables import block as blocks
from seedbed.operate.record.tables import lot as lots
from seedbed.operate.record.tables import transfer as transfers

if TYPE_CHECKING:
    from seedbed.operate.record.ledger import Move

Range = list[int]  # first, last


def open_lot(connection: sa.Connection, asset: str, name: str, expires: date | None, about: Mapping[str, Any]) -> None:
    """Have a lot known: what its units have in common, and their last day; once known it stays as it is."""
    row = {"asset": asset, "id": name, "expires": expires, "body": canonical(recorded(about))}
    known = connection.execute(sa.select(lots).where(lots.c.asset == asset, lots.c.id == name)).mappings().first()
    if known is None:
        connection.execute(sa.insert(lots), row)
    elif dict(known) != row:
        raise InvalidInputError(f"lot {name} of {asset} is known otherwise.", where="lot", fix="use another id.")


def moved(connection: sa.Connection, row: Mapping[str, Any], issues: bool, move: Move, where: str) -> list[Range]:
    """Move the numbers of a transfer; the ranges that moved. Raises InvalidInputError where they cannot."""
    asset, count, target = row["asset"], row["amount"], row["target"]
    if move.voids:
        return _returned(connection, row, where)
    if issues:
        last = connection.execute(sa.select(sa.func.max(blocks.c.last)).where(blocks.c.asset == asset)).scalar() or 0
        connection.execute(sa.insert(blocks), {"asset": asset, "first": last + 1, "last": last + count,
                                               "account": target, "lot": row["lot"]})
        return [[last + 1, last + count]]
    return _taken(connection, row, move.expired, where)


def _taken(connection: sa.Connection, row: Mapping[str, Any], expired: bool, where: str) -> list[Range]:
    asset, left, on = row["asset"], row["amount"], row["on_day"]
    asked = (sa.select(blocks, lots.c.expires)
             .outerjoin(lots, sa.and_(lots.c.asset == blocks.c.asset, lots.c.id == blocks.c.lot))
             .where(blocks.c.asset == asset, blocks.c.account == row["source"]).order_by(blocks.c.first))
    if row["lot"]:
        asked = asked.where(blocks.c.lot == row["lot"])
    ranges, late = [], 0
    for held in connection.execute(asked).all():
        over = held.expires is not None and held.expires < on
        if over != expired:
            late += over * (held.last - held.first + 1)
            continue
        take = min(left, held.last - held.first + 1)
        ranges.append([held.first, held.first + take - 1])
        _split(connection, held, held.first + take - 1, row["target"])
        left -= take
        if not left:
            return ranges
    said = f" of lot {row['lot']}" if row["lot"] else ""
    because = f"; {late} others are past their last day" if late else ""
    raise InvalidInputError(f"{row['source']} lacks {left} of {row['amount']} units{said}{because}.", where=where,
                            fix="transfer fewer, or units that are still valid.")


def _split(connection: sa.Connection, held: Any, last: int, target: str) -> None:
    """Give the units of a block up to `last` to `target`; the rest stays."""
    here = sa.and_(blocks.c.asset == held.asset, blocks.c.first == held.first)
    if last < held.last:
        connection.execute(sa.insert(blocks), {"asset": held.asset, "first": last + 1, "last": held.last,
                                               "account": held.account, "lot": held.lot})
    connection.execute(sa.update(blocks).where(here).values(last=last, account=target))


def _returned(connection: sa.Connection, row: Mapping[str, Any], where: str) -> list[Range]:
    """The same numbers back, where who got them still has them."""
    raw = connection.execute(sa.select(transfers.c.serials).where(transfers.c.id == row["voids"])).scalar()
    ranges: list[Range] = json.loads(raw or "[]")
    for first, last in ranges:
        asked = sa.select(blocks).where(blocks.c.asset == row["asset"], blocks.c.first <= last,
                                        blocks.c.last >= first).order_by(blocks.c.first)
        for held in connection.execute(asked).all():
            if held.account != row["source"]:
                raise InvalidInputError(f"units {held.first}–{held.last} have gone on to {held.account}.", where=where,
                                        fix="reverse what came after first.")
            if held.first < first:
                _split(connection, held, first - 1, held.account)
                held = connection.execute(sa.select(blocks).where(
                    blocks.c.asset == row["asset"], blocks.c.first == first)).one()
            _split(connection, held, min(last, held.last), row["target"])
    return ranges


def held(connection: sa.Connection, account: str) -> list[tuple[int, int, str | None]]:
    """The blocks of an account, joined where they touch: first, last, lot."""
    found: list[tuple[int, int, str | None]] = []
    for row in connection.execute(sa.select(blocks).where(blocks.c.account == account).order_by(blocks.c.first)):
        if found and found[-1][1] + 1 == row.first and found[-1][2] == row.lot:
            found[-1] = (found[-1][0], row.last, row.lot)
        else:
            found.append((row.first, row.last, row.lot))
    return found
