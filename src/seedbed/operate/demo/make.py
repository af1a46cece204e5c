"""Fill a fresh record with the demonstration world; every part through the same verbs that users have.

The same seed gives the same world. The first event says that all is a demonstration.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from seedbed.base.datafile import load_yaml
from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import home
from seedbed.base.progress import Progress, silent
from seedbed.base.text import Text
from seedbed.lifecycle.starter import footprints
from seedbed.operate import declare, tender, tender_form
from seedbed.operate.assess import assess
from seedbed.operate.post import post
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.nouns import Account, Claim, Evidence, Measure, Party, Product, Use

HERE = Path(__file__).parent
SEED = 20261130
MODES = (("metro", 0.5, 11.0), ("bus", 0.25, 6.5), ("cycling", 0.15, 3.2), ("walking", 0.05, 1.4), ("nev", 0.05, 14.0))
"""Modes of trips with their shares and mean distances in km; invented."""


def where() -> Path:
    """The database of the demonstration."""
    return home() / "demo" / "journal.sqlite"


def make(progress: Progress = silent) -> tuple[Path, dict[str, int]]:
    """Make the demonstration; where it is, and how much of what it holds. Raises InvalidInputError if there is one."""
    path = where()
    if path.exists() and not _holds(path):
        raise InvalidInputError("exists already.", where=str(path), fix="remove it with `seedbed demo --remove`.")
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = load_yaml(HERE / "world.yaml")
    assert isinstance(raw, dict)
    journal = Journal.open(f"sqlite:///{path}", by="gd-platform")
    counts: dict[str, int] = {}
    try:
        journal.record("journal.demo@1", "journal:demo", {"seed": SEED}, on=date(2026, 8, 1))
        parts = (_parties, _products, _suppliers, _tender, _certificates, _persons, _declaration)
        for n, part in enumerate(parts):
            progress("demo", n, len(parts))
            counts |= part(journal, raw)
        progress("demo", len(parts), len(parts))
    except BaseException:
        journal.store.dispose()
        _unlink(path)
        raise
    verdict = journal.verify()
    assert verdict.broken is None
    journal.store.dispose()
    return path, counts | {"events": verdict.events, "transfers": verdict.transfers}


def remove() -> Path:
    """Remove the demonstration, and nothing that is none. Raises InvalidInputError where there is none."""
    path = where()
    if not path.exists():
        raise InvalidInputError("does not exist.", where=str(path), fix="make one with `seedbed demo`.")
    if not _holds(path, demonstration=True):
        raise InvalidInputError("is no demonstration.", where=str(path), fix="it is left as it is.")
    _unlink(path)
    return path


def _holds(path: Path, *, demonstration: bool = False) -> bool:
    """Whether a record holds nothing (a command that only reads makes the tables), or else a `demonstration`."""
    journal = Journal.open(f"sqlite:///{path}")
    found = next(journal.events(most=1), None) is None or (demonstration and journal.demo)
    journal.store.dispose()
    return found


def _unlink(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _parties(journal: Journal, raw: dict[str, Any]) -> dict[str, int]:
    parties = [Party.model_validate({**one, "place": "guangdong", "codes": {"demo": "1"}}) for one in raw["parties"]]
    journal.add(*parties, on=date(2026, 8, 1))
    return {"parties": len(parties)}


def _products(journal: Journal, raw: dict[str, Any]) -> dict[str, int]:
    """Products with the footprints of the starter set; those that are marked are verified by another party."""
    nouns: list[Any] = [Evidence(id="starter-set", kind="facts", title=Text(**raw["evidence"]))]
    known, count = footprints.known(), 0
    for maker, flows in raw["products"].items():
        for flow in flows:
            entry = known[flow.rstrip("*")]
            name = f"{maker}.{entry.product}"
            verified = flow.endswith("*")
            nouns += [Product(id=name, maker=maker, name=entry.name, unit=entry.unit, flow=f"starter:{entry.product}"),
                      Claim(id=f"{name}.footprint", about=name, says="footprint", start=date(2026, 1, 1),
                            end=date(2028, 12, 31), by=maker, method="starter", evidence=("starter-set",),
                            quantity=Measure(value=Decimal(repr(round(entry.value, 6))), unit="kgCO2e"),
                            status="verified" if verified else "stated",
                            verified_by="pearl-verify" if verified else None)]
            count += 1
    journal.add(*nouns, on=date(2026, 8, 3))
    return {"products": count}


def _suppliers(journal: Journal, raw: dict[str, Any]) -> dict[str, int]:
    criteria, scores = raw["suppliers"]["criteria"], raw["suppliers"]["scores"]
    asked = {"criteria": criteria, "scores": [[supplier, criterion[0], value] for supplier, values in scores.items()
                                              for criterion, value in zip(criteria, values, strict=True)]}
    post([assess("supplier_ranking", asked, date(2026, 9, 15))], journal)
    return {"suppliers": len(scores)}


def _tender(journal: Journal, _: dict[str, Any]) -> dict[str, int]:
    found = tender_form.read(HERE / "tender.yaml")
    tender.post(tender.evaluate(found, journal, date(2026, 11, 2)), journal)
    return {"tender": len(found.bids)}


def _certificates(journal: Journal, raw: dict[str, Any]) -> dict[str, int]:
    """Certificates of two plants, a sale, and the part of it that the buyer uses for its own emissions."""
    count = 0
    for plant, months in raw["plants"].items():
        lots = [{"month": str(month)[:7], "mwh": mwh} for month, mwh in months.items()]
        made = assess("green_certificates", {"plant": plant, "owner": plant, "lots": lots}, date(2026, 11, 10))
        post([made], journal)
        count += int(made["issued"])
    sold = raw["sold"]
    seller, buyer = f"{sold['from']}:gec", f"{sold['to']}:gec"
    journal.account(Account(id=buyer, owner=sold["to"], asset="gec"),
                    Account(id=f"{sold['to']}:gec:retired", owner=sold["to"], asset="gec"))
    journal.transfer(seller, buyer, sold["certificates"], on=date(2026, 11, 12), key="demo-sale")
    journal.transfer(buyer, f"{buyer}:retired", sold["used"], on=date(2026, 11, 20), key="demo-retired")
    journal.take(Use(id="demo-scope2", source=sold["from"], unit="MWh", start=date(2026, 8, 1), end=date(2026, 9, 1),
                     low=1, high=sold["used"], instrument="scope2_market", by=sold["to"]), on=date(2026, 11, 20))
    return {"certificates": count}


def _persons(journal: Journal, raw: dict[str, Any]) -> dict[str, int]:
    """Trips of pseudonymous persons, week by week: saved grams by one scheme, points by another."""
    said, random = raw["persons"], Random(SEED)
    first, days = said["first"], (said["last"] - said["first"]).days + 1
    people = [f"p-{random.getrandbits(40):010x}" for _ in range(said["count"])]
    journal.add(*(Party(id=person, kind="person") for person in people), on=first)
    trips = sorted(_trips(random, people, first, days, said["trips"]), key=lambda trip: trip["day"])
    for start in range(0, days, 7):
        since, until = first + timedelta(days=start), first + timedelta(days=start + 7)
        week = [trip for trip in trips if since <= trip["day"] < until]
        if not week:
            continue
        saved = assess("trips", {"trips": [{name: trip[name] for name in ("event", "person", "mode", "km")}
                                           for trip in week]}, until)
        events = [{"event": trip["event"], "person": trip["person"], "day": trip["day"], "grams": int(grams)}
                  for trip, grams in zip(week, saved["grams"], strict=True)]
        post([assess("carbon_points", {"programme": said["programme"], "events": events}, until)], journal)
    return {"persons": len(people), "trips": len(trips)}


def _trips(random: Random, people: list[str], first: date, days: int, mean: int) -> Iterator[dict[str, Any]]:
    for person in people:
        for n in range(random.randint(mean // 2, mean + mean // 2)):
            mode, _, distance = random.choices(MODES, [share for _, share, _ in MODES])[0]
            yield {"event": f"{person}-{n}", "person": person, "mode": mode,
                   "km": Decimal(f"{max(0.4, random.gauss(1, 0.35) * distance):.1f}"),
                   "day": first + timedelta(days=random.randrange(days))}


def _declaration(journal: Journal, _: dict[str, Any]) -> dict[str, int]:
    made = declare.declare(declare.read(HERE / "declaration.yaml"))
    post([made.goods, *made.certificates.values()], journal)
    return {"declaration": int(sum(one["due"] for one in made.certificates.values()))}
