"""The journal: what a programme, an authority or an enterprise records, through one object.

    journal = Journal.open(by="gd-platform")
    journal.add(Party(id="cgn", kind="organisation", name={"zh": "…", "en": "…"}))
    journal.asset(Asset(id="points:CN-GD", unit="point"))
    journal.account(Account(id="pool", owner="cgn", asset="points:CN-GD", negative=True))
    journal.transfer("pool", "wang", 960, on=date(2026, 7, 1), key="trip-17")
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from seedbed.base import units
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.facts.places import located
from seedbed.operate.record import blocks, ledger, persons, tables, uses
from seedbed.operate.record.chain import canonical, recorded
from seedbed.operate.record.ledger import Balance, ConflictError, Move, Transfer
from seedbed.operate.record.nouns import FORWARD, NOUNS, Account, Asset, Claim, Noun, Party, Product, Use
from seedbed.operate.record.store import Draft, Place, Store, append, keyed
from seedbed.operate.record.verify import Verdict, verify

N = TypeVar("N", bound=Noun)
W = TypeVar("W")
KIND = {schema: kind for kind, schema in NOUNS.items()}
MANY = 500  # names in one query


class Writer(NamedTuple):
    """What can be written together in one transaction."""

    journal: Journal
    connection: sa.Connection

    def add(self, *nouns: Noun, on: date) -> list[Place]:
        """As `Journal.add`."""
        return self.journal._add(self.connection, nouns, on, None)

    def record(self, kind: str, about: str, body: Mapping[str, Any], *, on: date, key: str | None = None) -> Place:
        """As `Journal.record`."""
        return self.journal._record(self.connection, kind, about, body, on, key)

    def asset(self, asset: Asset) -> None:
        """As `Journal.asset`."""
        ledger.open_asset(self.journal.store, self.connection, asset, self.journal.by)

    def account(self, account: Account) -> None:
        """As `Journal.account`."""
        ledger.open_account(self.journal.store, self.connection, account, self.journal.by)

    def lot(self, asset: str, name: str, expires: date | None, about: Mapping[str, Any]) -> None:
        """As `Journal.lot`."""
        blocks.open_lot(self.connection, asset, name, expires, about)

    def known(self, key: str) -> bool:
        """Whether something is recorded under a key."""
        return key in keyed(self.connection, [key])

    def gained(self, account: str, on: date) -> Decimal:
        """What an account has got on a day, in the asset's unit."""
        return ledger.gained(self.connection, account, on)

    def post(self, moves: Sequence[Move]) -> list[Transfer]:
        """As `Journal.post`."""
        return ledger.post(self.journal.store, self.connection, moves, self.journal.by)

    def take(self, asked: Sequence[Use], *, on: date, decision: str | None = None) -> None:
        """As `Journal.take`."""
        uses.take(self.journal.store, self.connection, asked, by=self.journal.by, on=on, decision=decision)


class Event:
    """An event as recorded."""

    __slots__ = ("about", "at", "before", "body", "by", "hash", "key", "kind", "number", "on", "stream")

    def __init__(self, row: Any) -> None:
        self.stream, self.number, self.kind, self.on, self.at = row.stream, row.number, row.kind, row.on_day, row.at
        self.by, self.about, self.key, self.before, self.hash = row.by, row.about, row.key, row.before, row.hash
        self.body: dict[str, Any] = json.loads(row.body)


class Journal:
    """A record, written as `by` (the party that acts)."""

    def __init__(self, store: Store, by: str = "local") -> None:
        self.store, self.by = store, by

    @classmethod
    def open(cls, at: str | None = None, by: str = "local") -> Journal:
        """The journal at `at` (default: SEEDBED_DATABASE, else in the home), made where there is none."""
        return cls(Store(at), by)

    @property
    def demo(self) -> bool:
        """Whether all that is here is a demonstration."""
        return next(self.events(stream="journal:demo", most=1), None) is not None

    def today(self) -> date:
        """The day on which what has no other day happens."""
        return self.store.clock().date()

    # nouns -----------------------------------------------------------------------------------------------------

    def add(self, *nouns: Noun, on: date | None = None, key: str | None = None) -> list[Place]:
        """Record nouns, all or none: new ones, or the next version of known ones. The same again changes nothing."""
        return self.store.write(lambda connection: self._add(connection, nouns, on or self.today(), key))

    def _add(self, connection: sa.Connection, nouns: Sequence[Noun], on: date, key: str | None) -> list[Place]:
        drafts, rows, places = [], [], []
        versions: dict[tuple[str, str], tuple[int, str]] = {}
        beside: set[tuple[str, str]] = set()
        for noun in nouns:
            kind = KIND[type(noun)]
            version, before = versions.get((kind, noun.id)) or self._last(connection, kind, noun.id)
            body = recorded(noun)
            if before is not None and json.loads(before) == body:
                continue
            if isinstance(noun, Claim):
                _forward(noun, json.loads(before) if before else None)
            if isinstance(noun, Party) and noun.place:
                located(noun.place)
            for unit in (noun.unit, noun.mass.unit if noun.mass else "kg") if isinstance(noun, Product) else ():
                units.dimension(unit)
            self._refer(connection, noun, beside)
            beside.add((kind, noun.id))
            versions[kind, noun.id] = version + 1, canonical(body)
            verb = "recorded" if before is None else "superseded"
            drafts.append(Draft(f"{kind}:{noun.id}", f"{kind}.{verb}@1", on, self.by, noun.id, body,
                                key if len(nouns) == 1 else None))
            rows.append({"kind": kind, "id": noun.id, "version": version + 1, "body": canonical(body),
                         "owner": getattr(noun, "by", None) or getattr(noun, "maker", None)
                         or getattr(noun, "party", None), "about": getattr(noun, "about", None)})
        if drafts:
            places = append(self.store, connection, drafts)
            for row, place in zip(rows, places, strict=True):
                row |= {"stream": place.stream, "number": place.number}
            connection.execute(sa.insert(tables.noun), rows)
        return places

    def _last(self, connection: sa.Connection, kind: str, name: str) -> tuple[int, str | None]:
        n = tables.noun
        row = connection.execute(sa.select(n.c.version, n.c.body).where(n.c.kind == kind, n.c.id == name)
                                 .order_by(n.c.version.desc()).limit(1)).first()
        return (row.version, row.body) if row else (0, None)

    def _refer(self, connection: sa.Connection, noun: Noun, beside: set[tuple[str, str]]) -> None:
        """Every noun that another names must be known."""
        for field, kind in REFERS.items():
            named = getattr(noun, field, None)
            for name in named if isinstance(named, tuple) else (named,):
                if name is not None and (kind, name) not in beside:
                    self._known(connection, kind, name, field, noun.id)

    def _known(self, connection: sa.Connection, kind: str, name: str, field: str, of: str) -> None:
        """Raise UnknownNameError where no noun of a kind has the id that a `field` of another names."""
        if self._last(connection, kind, name)[1] is None:
            known = connection.execute(sa.select(tables.noun.c.id).where(tables.noun.c.kind == kind)
                                       .limit(5000)).scalars()
            raise UnknownNameError(f"{kind} ({field} of {of})", name, known)

    def get(self, schema: type[N], name: str, version: int | None = None) -> N:
        """A noun as it holds now, or as one of its versions."""
        n, kind = tables.noun, KIND[schema]
        with self.store.reading() as connection:
            _, body = self._last(connection, kind, name)
            if body is None:
                raise UnknownNameError(kind, name, connection.execute(
                    sa.select(n.c.id).where(n.c.kind == kind).limit(5000)).scalars())
            if version is not None:
                body = connection.execute(sa.select(n.c.body).where(n.c.kind == kind, n.c.id == name,
                                                                    n.c.version == version)).scalar()
            if body is None:
                raise InvalidInputError(f"{name} has no version {version}.", where="version",
                                        fix="leave it out for the last; versions count from 1.")
        return schema.model_validate_json(body)

    def all(self, schema: type[N], *, owner: str | None = None, about: str | None = None) -> Iterator[N]:
        """The nouns of a kind as they hold now, by id; of an owner, or about something."""
        n = tables.noun
        later = n.alias()
        asked = sa.select(n.c.body).where(n.c.kind == KIND[schema], ~sa.exists().where(
            later.c.kind == n.c.kind, later.c.id == n.c.id, later.c.version > n.c.version)).order_by(n.c.id)
        asked = asked.where(n.c.owner == owner) if owner else asked
        asked = asked.where(n.c.about == about) if about else asked
        with self.store.reading() as connection:
            for body in connection.execute(asked.execution_options(yield_per=2000)).scalars():
                yield schema.model_validate_json(body)

    def bodies(self, schema: type[Noun], names: Collection[str], by: str = "id") -> Iterator[dict[str, Any]]:
        """What is recorded of the nouns with these ids (or `by="about"`: about these), as it holds now, unparsed."""
        n = tables.noun
        asked = sa.select(n.c.id, n.c.body).where(n.c.kind == KIND[schema]).order_by(n.c.id, n.c.version)
        every = sorted(names)
        with self.store.reading() as connection:
            for start in range(0, len(every), MANY):
                rows = connection.execute(asked.where(n.c[by].in_(every[start:start + MANY])))
                for body in {row.id: row.body for row in rows}.values():  # the last version of each
                    yield json.loads(body)

    # events ----------------------------------------------------------------------------------------------------

    def record(self, kind: str, about: str, body: Mapping[str, Any], *, on: date | None = None,
               key: str | None = None) -> Place:
        """Record that something happened. The same key with the same body is the same event."""
        return self.store.write(lambda connection: self._record(connection, kind, about, body, on, key))

    def _record(self, connection: sa.Connection, kind: str, about: str, body: Mapping[str, Any], on: date | None,
                key: str | None) -> Place:
        said = recorded(body)
        if key and (row := keyed(connection, [key]).get(key)):
            before = json.loads(row.body)
            differs = [name for name in sorted(before.keys() | said.keys()) if before.get(name) != said.get(name)]
            differs += [name for name, one, other in (("kind", row.kind, kind), ("about", row.about, about))
                        if one != other]
            if differs:
                raise ConflictError(f"key {key!r} stands for an event with another {' and '.join(differs)}.",
                                    where="key", fix="use a new key for a new event.")
            return Place(row.stream, row.number, row.at)
        draft = Draft(about if ":" in about else f"about:{about}", kind, on or self.today(), self.by, about, said, key)
        return append(self.store, connection, [draft])[0]

    def events(self, *, about: str | None = None, kind: str | None = None, stream: str | None = None,
               most: int | None = None) -> Iterator[Event]:
        """Events in the order recorded."""
        e = tables.event
        asked = sa.select(e).order_by(e.c.at, e.c.stream, e.c.number)
        for column, value in ((e.c.about, about), (e.c.kind, kind), (e.c.stream, stream)):
            asked = asked.where(column == value) if value else asked
        with self.store.reading() as connection:
            for row in connection.execute(asked.limit(most).execution_options(yield_per=2000)):
                yield Event(row)

    # ledger ----------------------------------------------------------------------------------------------------

    def asset(self, asset: Asset) -> None:
        """Have an asset known."""
        self.store.write(lambda connection: ledger.open_asset(self.store, connection, asset, self.by))

    def account(self, *accounts: Account) -> None:
        """Open accounts of parties that are known; those that are open stay as they are."""
        def work(connection: sa.Connection) -> None:
            for one in accounts:
                self._known(connection, "party", one.owner, "owner", one.id)
                ledger.open_account(self.store, connection, one, self.by)

        self.store.write(work)

    def lot(self, asset: str, name: str, *, expires: date | None = None, **about: Any) -> None:
        """Have a lot of serial units known: what its units have in common, and their last day."""
        self.store.write(lambda connection: blocks.open_lot(connection, asset, name, expires, about))

    def post(self, moves: Sequence[Move]) -> list[Transfer]:
        """Make transfers in order, all or none."""
        return self.store.write(lambda connection: ledger.post(self.store, connection, moves, self.by))

    def transfer(self, source: str, target: str, amount: Decimal | int | str, *, on: date | None = None,
                 key: str | None = None, lot: str | None = None, **why: Any) -> Transfer:
        """Transfer an amount now."""
        return self.post([Move(source, target, amount, on, key, lot=lot, why=why)])[0]

    def reserve(self, source: str, target: str, amount: Decimal | int | str, until: datetime, *,
                on: date | None = None, key: str | None = None) -> Transfer:
        """Hold an amount until a moment; `settle` or `release` it before."""
        return self.post([Move(source, target, amount, on, key, reserve=until)])[0]

    def settle(self, reserved: str, amount: Decimal | int | str | None = None, *, on: date | None = None,
               key: str | None = None) -> Transfer:
        """Transfer what is reserved, or a part of it; the rest is free again."""
        return self.post([Move(amount=amount, on=on, key=key, closes=reserved)])[0]

    def release(self, reserved: str, *, key: str | None = None) -> Transfer:
        """Let go what is reserved."""
        return self.post([Move(key=key, closes=reserved, release=True)])[0]

    def reverse(self, transfer: str, *, on: date | None = None, key: str | None = None, **why: Any) -> Transfer:
        """Undo a posted transfer, once, by another."""
        return self.post([Move(on=on, key=key, voids=transfer, why=why)])[0]

    def balance(self, account: str, on: date | None = None) -> Balance:
        """What an account holds now, or held at the end of a day."""
        with self.store.reading() as connection:
            return ledger.balance(self.store, connection, account, on)

    def trial(self) -> dict[str, int]:
        """The trial balance of each asset: zero."""
        with self.store.reading() as connection:
            return ledger.trial(connection)

    def serials(self, account: str) -> list[tuple[int, int, str | None]]:
        """The numbers that an account holds: first, last, lot."""
        with self.store.reading() as connection:
            return blocks.held(connection, account)

    def accounts(self, *, owner: str | None = None, asset: str | None = None) -> list[Account]:
        """Open accounts by id."""
        a = tables.account
        asked = sa.select(a.c.id, a.c.owner, a.c.asset, a.c.negative).order_by(a.c.id)
        asked = asked.where(a.c.owner == owner) if owner else asked
        asked = asked.where(a.c.asset == asset) if asset else asked
        with self.store.reading() as connection:
            return [Account(**row) for row in connection.execute(asked).mappings()]

    def together(self, work: Callable[[Writer], W]) -> W:
        """Several things in one transaction, all or none: `work` is given a writer."""
        return self.store.write(lambda connection: work(Writer(self, connection)))

    # uses, persons, the whole ----------------------------------------------------------------------------------

    def take(self, *asked: Use, on: date | None = None, decision: str | None = None) -> None:
        """Record what claims take from the world, all or none; what a rule excludes is refused."""
        day = on or self.today()
        self.store.write(lambda connection: uses.take(self.store, connection, asked, by=self.by, on=day,
                                                      decision=decision))

    def uses(self, source: str | None = None) -> list[Use]:
        """Uses recorded, of one source or of all."""
        u = tables.use
        asked = sa.select(*(u.c[name] for name in Use.model_fields)).order_by(u.c.source, u.c.number)
        with self.store.reading() as connection:
            return [Use(**row) for row in connection.execute(asked.where(u.c.source == source) if source else asked)
                    .mappings()]

    def keep_contact(self, person: str, data: Mapping[str, str]) -> str:
        """Keep name and contact of a person apart from the record; the digest in the chain."""
        return self.store.write(lambda connection: persons.keep(self.store, connection, person, data, by=self.by,
                                                                on=self.today()))

    def erase_contact(self, person: str) -> None:
        """Erase what is kept of a person; the record stays whole."""
        self.store.write(lambda connection: persons.erase(self.store, connection, person, by=self.by, on=self.today()))

    def contact(self, person: str) -> dict[str, str] | None:
        """Name and contact of a person; None once erased."""
        with self.store.reading() as connection:
            found = persons.contact(connection, person)
        return found[0] if found else None

    def verify(self) -> Verdict:
        """Check the chain, the ledger and the tables against one another."""
        return verify(self.store)


REFERS = {"parent": "party", "maker": "party", "made_at": "party", "by": "party", "verified_by": "party",
          "party": "party", "evidence": "evidence"}
"""Fields of nouns that name another noun."""


def _forward(claim: Claim, before: Mapping[str, Any] | None) -> None:
    """A claim changes its status only, and forward; another quantity is another claim, which supersedes it."""
    if before is None:
        return
    moving = {"status", "verified_by", "evidence"}
    changed = [name for name, value in recorded(claim).items() if name not in moving and before[name] != value]
    if changed:
        raise InvalidInputError(f"claim {claim.id} was stated with another {' and '.join(changed)}.", where="claim",
                                fix="make a new claim that supersedes it.")
    if claim.status != before["status"] and claim.status not in FORWARD[before["status"]]:
        raise InvalidInputError(f"claim {claim.id} is {before['status']} and cannot become {claim.status}.",
                                where="claim", fix="make a new claim that supersedes it.")
