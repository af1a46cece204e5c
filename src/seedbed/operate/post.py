"""What an assessment gives is recorded: the assessment itself, transfers, claims and uses, in one transaction, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.operate.assess import Assessment
from seedbed.operate.record.chain import recorded
from seedbed.operate.record.journal import Journal, Writer
from seedbed.operate.record.ledger import Move, Transfer
from seedbed.operate.record.nouns import Account, Asset, Claim, Measure, Use
from seedbed.operate.scheme import scheme


class Posted(NamedTuple):
    """What was recorded: where the assessment stands, the transfers, the claims, the number of uses."""

    event: str
    transfers: tuple[Transfer, ...]
    claims: tuple[str, ...]
    uses: int


def post(made: Sequence[Assessment], journal: Journal, decision: str | None = None) -> list[Posted]:
    """Record what `made` give, all or none. Posting the same again changes nothing.

    Raises ExcludedError, OverdraftError, ConflictError, InvalidInputError.
    """
    return journal.together(lambda writer: [_one(writer, one, decision) for one in made])


def _one(writer: Writer, made: Assessment, decision: str | None) -> Posted:
    found, key = scheme(made.scheme), made.digest
    results = {name: made[name] for name in made.results}
    place = writer.record(f"{made.scheme}.assessed@1", f"scheme:{made.scheme}",
                          {"asked": recorded(made.asked), "results": recorded(results), "digest": key,
                           "rules": [[used.name, used.ruling.start.isoformat()] for used in made.rules]},
                          on=made.on, key=f"assessment:{key}")
    uses = [use for take in found.gives.uses for use in _uses(take, made, writer.journal.by)]
    if uses:
        writer.take(uses, on=made.on, decision=decision)
    moves = [move for n, give in enumerate(found.gives.posts) for move in _moves(writer, give, made, f"{key}:{n}")]
    claims = [_claim(give, made, writer.journal.by, key) for give in found.gives.claims]
    if claims:
        writer.add(*claims, on=made.on)
    return Posted(str(place), tuple(writer.post(moves)) if moves else (), tuple(claim.id for claim in claims),
                  len(uses))


def _rows(each: str | None, made: Assessment) -> Iterator[tuple[int, dict[str, Any]]]:
    scalars = {name: value for name, value in made.asked.items() if not isinstance(value, list | tuple)}
    scalars |= {line.name: line.value for line in made.lines if line.rows is None}
    if each is None:
        yield 0, scalars
        return
    yield from ((n, scalars | row) for n, row in enumerate(made.tables[each]))


def _filled(template: str, row: Mapping[str, Any]) -> str:
    try:
        return template.format_map(row)
    except KeyError as error:
        raise UnknownNameError(f"field of {template!r}", str(error.args[0]), row) from None


def _moves(writer: Writer, give: Any, made: Assessment, key: str) -> Iterator[Move]:
    for n, row in _rows(give.each, made):
        amount = row[give.amount]
        if not isinstance(amount, Decimal) or amount <= 0:
            continue
        asset = Asset(id=_filled(give.asset, row), unit=give.unit, digits=give.digits, serial=give.serial)
        debit, credit = _filled(give.debit, row), _filled(give.credit, row)
        writer.asset(asset)
        writer.account(Account(id=debit, owner=debit.split(":")[0], asset=asset.id, negative=True))
        writer.account(Account(id=credit, owner=credit.split(":")[0], asset=asset.id))
        lot = _filled(give.lot, row) if give.lot else None
        if lot:
            writer.lot(asset.id, lot, _end(row.get("last_month")), {"scheme": made.scheme})
        told = row.get("day")
        day = told if isinstance(told, date) else made.on
        if give.most and not writer.known(f"{key}:{n}"):
            before = writer.gained(credit, day)
            if before and before + amount > row[give.most]:
                raise InvalidInputError(f"{credit} has got {before} {give.unit} on {day}; {amount} more would be over "
                                        f"the {row[give.most]} of a day.", where=made.scheme,
                                        fix="assess all events of a day together.")
        yield Move(debit, credit, amount, day, f"{key}:{n}", lot=lot,
                   why={"scheme": made.scheme, "assessment": made.digest})


def _end(month: object) -> date | None:
    """The last day of a month written 2027-02."""
    if not isinstance(month, str):
        return None
    first = date.fromisoformat(f"{month}-01")
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _uses(take: Any, made: Assessment, by: str) -> Iterator[Use]:
    for n, row in _rows(take.each, made):
        amount = row[take.amount]
        if not isinstance(amount, Decimal) or amount < 1:
            continue
        source = _filled(take.of, row)
        if source in ("", "–"):
            raise InvalidInputError(f"row {n + 1} does not say what it takes from the world.", where=take.of,
                                    fix="give every row its own id, so that it cannot be counted twice.")
        day = row[take.day] if take.day else made.on
        yield Use(id=f"{take.instrument}:{made.digest[:24]}:{n}", source=source, unit=take.unit, start=day,
                  end=day + timedelta(days=1), low=1, high=int(amount), instrument=take.instrument, by=by)


def _claim(give: Any, made: Assessment, by: str, key: str) -> Claim:
    about = str(made.asked[give.about])
    start, end = (date.fromisoformat(made[name]) if name else made.on for name in (give.start, give.end))
    return Claim(id=f"{made.scheme}:{key[:24]}", about=about, says=give.says,
                 quantity=Measure(value=made[give.quantity], unit=give.unit), start=start, end=end,
                 method=made.scheme, by=by)
