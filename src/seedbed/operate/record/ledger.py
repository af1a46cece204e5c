"""The ledger: double entry in whole units, without overdraft, each transfer an event of the account it leaves.

A transfer is posted at once, or reserved (pending, with a time-out) and later settled or released; it is reversed once,
by another. Accounts are locked in the order of their names, so that writers cannot wait for one another in a circle.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.exact import decimal
from seedbed.operate.record import blocks
from seedbed.operate.record.chain import canonical, recorded
from seedbed.operate.record.nouns import MOST, Account, Asset
from seedbed.operate.record.store import Draft, Store, append, keyed, pieces, stamp
from seedbed.operate.record.tables import account as accounts
from seedbed.operate.record.tables import asset as assets
from seedbed.operate.record.tables import entry as entries
from seedbed.operate.record.tables import transfer as transfers

SOON = timedelta(days=1)  # the day may have begun elsewhere
DONE = "transfer.posted@1"


# Statements made once: to make them costs as much as to run them.
LOCKED = (sa.select(accounts, assets.c.digits, assets.c.unit, assets.c.serial)
          .join(assets, assets.c.id == accounts.c.asset)
          .where(accounts.c.id.in_(sa.bindparam("ids", expanding=True))).order_by(accounts.c.id))
LOCKED_ROWS = LOCKED.with_for_update(of=accounts)
_closing = transfers.alias()
PENDING = (sa.select(transfers.c.source, sa.func.sum(transfers.c.amount))
           .where(transfers.c.source.in_(sa.bindparam("ids", expanding=True)), transfers.c.phase == "pending",
                  transfers.c.expires > sa.bindparam("at"), ~sa.exists().where(_closing.c.closes == transfers.c.id))
           .group_by(transfers.c.source))
MADE, ENTERED = sa.insert(transfers), sa.insert(entries)
BALANCED = (sa.update(accounts).where(accounts.c.id == sa.bindparam("of"))
            .values(balance=sa.bindparam("b"), version=sa.bindparam("v")))


class ConflictError(InvalidInputError):
    """The same key was used for something else."""


class OverdraftError(InvalidInputError):
    """An account has less than it should give."""


class Move(NamedTuple):
    """A transfer to be made; `amount` in the asset's unit.

    `reserve`: until this moment the amount is only held. `closes`: the reserved transfer that this one settles (all of
    it, or `amount`) or, with `release`, lets go. `voids`: the transfer that it reverses. `expired`: takes units whose
    time is over.
    """

    source: str = ""
    target: str = ""
    amount: Decimal | int | str | None = None
    on: date | None = None
    key: str | None = None
    reserve: datetime | None = None
    closes: str | None = None
    release: bool = False
    voids: str | None = None
    lot: str | None = None
    expired: bool = False
    why: Mapping[str, Any] = {}


class Transfer(NamedTuple):
    """A transfer as recorded; `existing`: its key had been used for just this before. Amount in the asset's unit."""

    id: str
    asset: str
    source: str
    target: str
    amount: Decimal
    phase: str
    on: date
    at: str
    serials: tuple[tuple[int, int], ...] = ()
    existing: bool = False


class Balance(NamedTuple):
    """What an account holds, what of it is reserved, and what it can give; in the asset's unit."""

    amount: Decimal
    held: Decimal
    available: Decimal
    unit: str


def units(amount: object, digits: int, unit: str, where: str) -> int:
    """`amount` in whole units of 10^−digits. Raises InvalidInputError for finer, negative or enormous ones."""
    exact = decimal(amount, where=where).scaleb(digits)
    if exact != exact.to_integral_value():
        raise InvalidInputError(f"{amount} {unit} is finer than this is counted.", where=where,
                                fix=f"give at most {digits} decimals.")
    if not 0 < exact <= MOST:
        raise InvalidInputError(f"{amount} {unit} cannot be transferred.", where=where,
                                fix=f"give more than 0 and at most {Decimal(MOST).scaleb(-digits)}.")
    return int(exact)


def open_asset(store: Store, connection: sa.Connection, asset: Asset, by: str) -> None:
    """Have `asset` known; once known it stays as it is."""
    row = connection.execute(sa.select(assets).where(assets.c.id == asset.id)).first()
    said = asset.model_dump() | {"label": canonical(recorded(asset.label)) if asset.label else None}
    if row is None:
        connection.execute(sa.insert(assets), said)
        append(store, connection, [Draft(f"asset:{asset.id}", "asset.opened@1", store.clock().date(), by, asset.id,
                                         recorded(asset))])
    elif (differs := [name for name in ("unit", "digits", "serial") if said[name] != row._mapping[name]]):
        raise ConflictError(f"asset {asset.id} is known with another {' and '.join(differs)}.", where="asset",
                            fix="use another id.")


def open_account(store: Store, connection: sa.Connection, account: Account, by: str) -> None:
    """Have `account`, empty; once opened it stays as it is."""
    if connection.execute(sa.select(assets.c.id).where(assets.c.id == account.asset)).first() is None:
        raise UnknownNameError("asset", account.asset, connection.execute(sa.select(assets.c.id)).scalars())
    row = connection.execute(sa.select(accounts).where(accounts.c.id == account.id)).first()
    if row is None:
        connection.execute(sa.insert(accounts), account.model_dump() | {"balance": 0, "version": 0})
        append(store, connection, [Draft(f"account:{account.id}", "account.opened@1", store.clock().date(), by,
                                         account.id, recorded(account))])
        return
    if differs := [name for name, value in account if value != row._mapping[name]]:
        raise ConflictError(f"account {account.id} is open with another {' and '.join(differs)}.", where="account",
                            fix="use another id.")


class _Book:
    """Accounts, assets and transfers as they stand inside one transaction."""

    def __init__(self, store: Store, connection: sa.Connection, moves: Sequence[Move]) -> None:
        self.store, self.connection, self.moment = store, connection, store.clock()
        named = {name for move in moves for name in (move.closes, move.voids) if name}
        self.past = {row.id: row for piece in pieces(sorted(named))
                     for row in connection.execute(sa.select(transfers).where(transfers.c.id.in_(piece)))}
        for name in named - self.past.keys():
            raise UnknownNameError("transfer", name, ())
        ids = {name for move in moves for name in (move.source, move.target) if name}
        ids |= {name for row in self.past.values() for name in (row.source, row.target)}
        self.accounts = self._locked(sorted(ids))
        self.assets = {row["asset"]: row for row in self.accounts.values()}
        self.closed = {row.closes for piece in pieces(sorted(named)) for row in connection.execute(
            sa.select(transfers.c.closes).where(transfers.c.closes.in_(piece)))}
        self.voided = {row.voids for piece in pieces(sorted(named)) for row in connection.execute(
            sa.select(transfers.c.voids).where(transfers.c.voids.in_(piece)))}
        givers = {move.source for move in moves if move.source and not self.accounts[move.source]["negative"]}
        givers |= {name for row in self.past.values() for name in (row.source, row.target)}
        self.held = _held(connection, givers, stamp(self.moment))

    def _locked(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The accounts with unit and digits of their assets, held until the transaction ends, in order."""
        found, asked = {}, LOCKED if self.store.sqlite else LOCKED_ROWS
        for piece in pieces(ids):
            rows = self.connection.execute(asked, {"ids": list(piece)}).mappings()
            found |= {row["id"]: dict(row) for row in rows}
        if missing := [name for name in ids if name not in found]:
            known = self.connection.execute(sa.select(accounts.c.id).limit(2000)).scalars()
            raise UnknownNameError("account", missing[0], known)
        return found

    def shown(self, amount: int, asset: str) -> str:
        row = self.assets[asset]
        return f"{Decimal(amount).scaleb(-row['digits']):f} {row['unit']}"


def _held(connection: sa.Connection, ids: Iterable[str], at: str) -> dict[str, int]:
    """Units reserved on each account at moment `at`: pending, not closed, not timed out."""
    found: dict[str, int] = defaultdict(int)
    for piece in pieces(sorted(set(ids))):
        for name, amount in connection.execute(PENDING, {"ids": list(piece), "at": at}):
            found[name] = int(amount)
    return found


def post(store: Store, connection: sa.Connection, moves: Sequence[Move], by: str) -> list[Transfer]:
    """Make all `moves`, in order, or none. Raises ConflictError, OverdraftError, UnknownNameError."""
    today = store.clock().date()
    known = keyed(connection, sorted({move.key for move in moves if move.key}))
    fresh = [move for move in moves if not (move.key and move.key in known)]
    book = _Book(store, connection, moves)
    drafts, rows, made = [], [], {}
    sums: list[dict[str, Any]] = []
    for at, move in enumerate(moves):
        row, digest = _row(book, move, today)
        if move.key and (before := known.get(move.key)):
            made[at] = _existing(book, connection, before, digest, move.key)
            continue
        row["id"] = f"t-{uuid4().hex}"
        sums += _applied(book, row, move, at)
        body = {**digest, "id": row["id"], "why": recorded(move.why)}
        if row["serials"]:
            body["serials"] = row["serials"]
        draft = Draft(f"account:{row['source']}", DONE, row["on_day"], by, row["source"], body, move.key)
        if move.key:
            known[move.key] = draft  # type: ignore[assignment]
        drafts.append(draft)
        rows.append(row)
        made[at] = row
    if not fresh:
        return [made[at] for at in range(len(moves))]
    places = append(store, connection, drafts)
    for row, place in zip(rows, places, strict=True):
        row |= {"stream": place.stream, "number": place.number, "at": place.at}
    connection.execute(MADE, [row | {"serials": json.dumps(row["serials"]) if row["serials"] else None}
                                              for row in rows])
    if sums:
        connection.execute(ENTERED, sums)
        touched = {one["account"] for one in sums}
        connection.execute(
            BALANCED,
            [{"of": name, "b": book.accounts[name]["balance"], "v": book.accounts[name]["version"]}
             for name in sorted(touched)])
    return [found if isinstance(found, Transfer) else _transfer(book, found) for _, found in sorted(made.items())]


def _row(book: _Book, move: Move, today: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """A move as a row of the table, and what of it a key stands for."""
    source, target, amount, phase, lot = move.source, move.target, move.amount, "posted", move.lot
    if sum((bool(move.closes), bool(move.voids), bool(move.reserve))) > 1:
        raise InvalidInputError("reserves, closes and reverses at once.", where="transfer", fix="do one of them.")
    past = book.past.get(move.closes or move.voids or "")
    if past is not None:
        given = [name for name in ("source", "target") if getattr(move, name)]
        if given:
            raise InvalidInputError("names accounts that the earlier transfer names already.", where="transfer",
                                    fix=f"leave {' and '.join(given)} out.")
        source, target = (past.target, past.source) if move.voids else (past.source, past.target)
        lot = past.lot
    if not source or not target:
        raise InvalidInputError("lacks an account.", where="transfer", fix="name source and target.")
    if source == target:
        raise InvalidInputError(f"goes from {source} to itself.", where="transfer", fix="name two accounts.")
    asset = book.accounts[source]["asset"]
    if book.accounts[target]["asset"] != asset:
        raise InvalidInputError(f"{source} holds {asset}, {target} holds {book.accounts[target]['asset']}.",
                                where="transfer", fix="name accounts of one asset.")
    digits, unit = book.assets[asset]["digits"], book.assets[asset]["unit"]
    if move.release:
        phase, count = "released", 0
    elif past is not None and amount is None:
        count = past.amount
    elif amount is None:
        raise InvalidInputError("lacks an amount.", where="transfer", fix="give one.")
    else:
        count = units(amount, digits, unit, "amount")
    if move.voids and count != past.amount:  # type: ignore[union-attr]
        raise InvalidInputError("reverses a part.", where="transfer", fix="leave the amount out: a reversal is whole.")
    if move.on is not None and move.on > today + SOON:
        raise InvalidInputError(f"{move.on} lies in the future.", where="on",
                                fix="record a transfer on the day it happens; reserve what is to be held.")
    if move.reserve:
        phase = "pending"
    digest = {"asset": asset, "source": source, "target": target, "amount": recorded(count), "phase": phase,
              "on": (move.on or today).isoformat()}
    optional = {"closes": move.closes, "voids": move.voids, "lot": lot,
                "expires": stamp(move.reserve) if move.reserve else None}
    digest |= {name: value for name, value in optional.items() if value is not None}
    return {"asset": asset, "source": source, "target": target, "amount": count, "phase": phase, "serials": None,
            "on_day": move.on or today, **optional}, digest


def _existing(book: _Book, connection: sa.Connection, before: Any, digest: Mapping[str, Any], key: str) -> Transfer:
    """The transfer recorded under the same key, if it is the same."""
    body = json.loads(before.body) if isinstance(before.body, str) else before.body
    differs = [name for name in sorted(digest.keys() | (body.keys() - {"id", "why", "serials"}))
               if body.get(name) != digest.get(name)]
    if differs:
        said = ", ".join(f"{name} ({body.get(name)}, now {digest.get(name)})" for name in differs)
        raise ConflictError(f"key {key!r} stands for a transfer with another {said}.", where="key",
                            fix="use a new key for a new transfer.")
    row = connection.execute(sa.select(transfers).where(transfers.c.id == body["id"])).mappings().first()
    if row is None:  # earlier in the same batch
        fresh = {"id": body["id"], "asset": body["asset"], "source": body["source"], "target": body["target"],
               "amount": int(body["amount"]), "phase": body["phase"], "on_day": date.fromisoformat(body["on"]),
               "at": stamp(book.moment), "serials": body.get("serials")}
        return _transfer(book, fresh)._replace(existing=True)
    return _transfer(book, dict(row))._replace(existing=True)  # type: ignore[arg-type]


def _transfer(book: _Book, row: Mapping[str, Any]) -> Transfer:
    serials = json.loads(row["serials"]) if isinstance(row["serials"], str) else row["serials"] or ()
    return Transfer(row["id"], row["asset"], row["source"], row["target"],
                    Decimal(row["amount"]).scaleb(-book.assets[row["asset"]]["digits"]), row["phase"], row["on_day"],
                    row["at"], tuple((first, last) for first, last in serials))


def _applied(book: _Book, row: dict[str, Any], move: Move, at: int) -> list[dict[str, Any]]:
    """Check one transfer against the accounts as they stand, and move the units. The entries that it makes."""
    source, target, count = book.accounts[row["source"]], book.accounts[row["target"]], row["amount"]
    where = f"transfer {at + 1}"
    if move.closes:
        _closes(book, move, row, where)
    if move.voids:
        _voids(book, move, where)
    available = source["balance"] - book.held[row["source"]]
    if not source["negative"] and count > available:
        held = book.held[row["source"]]
        less = f", of which {book.shown(held, row['asset'])} is reserved" if held else ""
        raise OverdraftError(f"{row['source']} has {book.shown(source['balance'], row['asset'])}{less}; "
                             f"{book.shown(count, row['asset'])} is asked.", where=where,
                             fix=f"transfer at most {book.shown(max(available, 0), row['asset'])}.")
    if row["phase"] == "pending":
        if move.reserve and move.reserve <= book.moment:
            raise InvalidInputError("is reserved until a moment that is past.", where=where, fix="give a later one.")
        book.held[row["source"]] += count
        return []
    if row["phase"] == "released":
        return []
    if target["balance"] + count > MOST or source["balance"] - count < -MOST:
        raise InvalidInputError("makes a balance too large to be kept.", where=where, fix="use another account.")
    if source["serial"]:
        row["serials"] = blocks.moved(book.connection, row, source["negative"], move, where)
    made = []
    for holding, amount in ((source, -count), (target, count)):
        holding["balance"] += amount
        holding["version"] += 1
        made.append({"account": holding["id"], "version": holding["version"], "transfer": row["id"], "amount": amount,
                     "after": holding["balance"], "on_day": row["on_day"]})
    return made


def _closes(book: _Book, move: Move, row: Mapping[str, Any], where: str) -> None:
    past = book.past[str(move.closes)]
    if past.phase != "pending":
        raise InvalidInputError(f"{past.id} was not reserved; it is {past.phase}.", where=where,
                                fix="settle or release a reserved transfer.")
    if past.id in book.closed:
        raise ConflictError(f"{past.id} was settled or released before.", where=where, fix="make a new transfer.")
    if past.expires <= stamp(book.moment):
        raise InvalidInputError(f"{past.id} was reserved until {past.expires} only.", where=where,
                                fix="make a new transfer.")
    if row["amount"] > past.amount:
        raise InvalidInputError(f"{book.shown(row['amount'], past.asset)} is more than the "
                                f"{book.shown(past.amount, past.asset)} that is reserved.", where=where,
                                fix="settle at most that.")
    book.closed.add(past.id)
    book.held[past.source] -= past.amount


def _voids(book: _Book, move: Move, where: str) -> None:
    past = book.past[str(move.voids)]
    if past.id in book.voided:
        raise ConflictError(f"{past.id} was reversed before.", where=where, fix="make a new transfer.")
    if past.phase != "posted" or past.voids is not None:
        raise InvalidInputError(f"{past.id} is {'a reversal' if past.voids else past.phase}.", where=where,
                                fix="reverse a posted transfer; a reversal is undone by a new transfer.")
    book.voided.add(past.id)


def balance(store: Store, connection: sa.Connection, account: str, on: date | None = None) -> Balance:
    """What an account holds now, or held at the end of day `on` (by the days things happened)."""
    row = connection.execute(sa.select(accounts, assets.c.digits, assets.c.unit)
                             .join(assets, assets.c.id == accounts.c.asset)
                             .where(accounts.c.id == account)).first()
    if row is None:
        raise UnknownNameError("account", account, connection.execute(sa.select(accounts.c.id).limit(2000)).scalars())
    held = 0 if on else _held(connection, [account], stamp(store.clock()))[account]
    amount = row.balance if on is None else int(connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(entries.c.amount), 0))
        .where(entries.c.account == account, entries.c.on_day <= on)).scalar_one())
    whole, kept, free = (Decimal(n).scaleb(-row.digits) for n in (amount, held, amount - held))
    return Balance(whole, kept, free, row.unit)


def gained(connection: sa.Connection, account: str, on: date) -> Decimal:
    """What came into an account on a day, less what was reversed, in the asset's unit."""
    t = transfers
    back = t.alias()
    rows = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(t.c.amount), 0)).where(
            t.c.target == account, t.c.on_day == on, t.c.phase == "posted", t.c.voids.is_(None),
            ~sa.exists().where(back.c.voids == t.c.id))).scalar_one()
    digits = connection.execute(sa.select(assets.c.digits).join(accounts, accounts.c.asset == assets.c.id)
                                .where(accounts.c.id == account)).scalar()
    return Decimal(int(rows)).scaleb(-(digits or 0))


def trial(connection: sa.Connection) -> dict[str, int]:
    """The trial balance of each asset: the sum over its accounts, which is zero."""
    asked = sa.select(accounts.c.asset, sa.func.sum(accounts.c.balance)).group_by(accounts.c.asset)
    return {name: int(total) for name, total in connection.execute(asked.order_by(accounts.c.asset))}
