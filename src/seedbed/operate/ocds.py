"""Open Contracting Data Standard 1.1: a tender and its evaluation as a release, and a release read as a tender.

Lots and bids follow the extensions of those names. What the standard has no field for (criteria, what a bid offers)
stands under `seedbed`, so that a release read again is the same tender.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from seedbed.base.datafile import parse
from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Lang
from seedbed.operate.record.chain import recorded
from seedbed.operate.tender import Bid, Evaluation, Lot, Tender

VERSION = "1.1"
EXTENSIONS = ("lots", "bids")
PREFIX = "ocds-seedbed"
"""Prefix of contracting process ids; an authority that publishes registers its own."""


def release(tender: Tender, made: Evaluation | None = None, *, lang: Lang = "zh", prefix: str = PREFIX,
            on: date | None = None) -> dict[str, Any]:
    """A release of a tender (tag `tender`), or of its evaluation (tag `award`)."""
    day = on or (made.on if made else tender.published)
    bidders, winners, opened = sorted({bid.bidder for bid in tender.bids}), _winners(made), _opened(made)
    body: dict[str, Any] = {
        "ocid": f"{prefix}-{tender.id}", "id": f"{tender.id}-{'award' if made else 'tender'}-{day}",
        "date": _moment(day), "language": lang, "tag": ["award" if made else "tender"], "initiationType": "tender",
        "parties": [{"id": tender.buyer, "name": tender.buyer, "roles": ["buyer", "procuringEntity"]},
                    *({"id": name, "name": name, "roles": ["tenderer", *(["supplier"] if name in winners else [])]}
                      for name in bidders)],
        "buyer": {"id": tender.buyer, "name": tender.buyer}, "tender": _tender(tender, made, bidders, lang),
        "bids": {"details": [_bid(bid, *opened.get(bid.id, ("pending", bid.price)), tender) for bid in tender.bids]},
        "seedbed": recorded(tender),
    }
    if made:
        body["awards"] = [_award(tender, lot.lot, lot.winner.sized.bid.bidder, lot.winner.sized.price, day, lang)
                          for lot in made.lots if lot.winner]
    return body


def package(releases: list[dict[str, Any]], *, uri: str, publisher: str, on: date) -> dict[str, Any]:
    """Releases as a package, as files are exchanged."""
    return {"uri": uri, "version": VERSION, "publishedDate": _moment(on), "publisher": {"name": publisher},
            "extensions": [f"https://raw.githubusercontent.com/open-contracting-extensions/ocds_{name}_extension/v1.1.5/"
                           "extension.json" for name in EXTENSIONS], "releases": releases}


def read(raw: object, where: str) -> Tender:
    """The tender of a release, or of the last release of a package. Raises InvalidInputError naming the place."""
    if isinstance(raw, Mapping) and isinstance(raw.get("releases"), list) and raw["releases"]:
        raw = raw["releases"][-1]
    if not isinstance(raw, Mapping) or "ocid" not in raw:
        raise InvalidInputError("is no OCDS release.", where=where, fix="give a release or a release package.")
    if isinstance(raw.get("seedbed"), Mapping):
        return parse(raw["seedbed"], Tender, where=where)
    try:
        found = _foreign(raw, where)
    except (KeyError, AttributeError, TypeError, IndexError) as error:
        raise InvalidInputError(f"is a release that is not of the standard's form ({type(error).__name__}: {error}).",
                                where=where, fix="check it with the validator of the standard.") from error
    return parse(found, Tender, where=where)


def _moment(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")


def _winners(made: Evaluation | None) -> set[str]:
    return {lot.winner.sized.bid.bidder for lot in made.lots if lot.winner} if made else set()


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def _money(value: Decimal, tender: Tender) -> dict[str, Any]:
    return {"amount": _number(value), "currency": tender.currency}


def _tender(tender: Tender, made: Evaluation | None, bidders: list[str], lang: Lang) -> dict[str, Any]:
    items = [{"id": f"{lot.id}-{one.id}", "description": one.title[lang], "quantity": _number(one.quantity),
              "unit": {"name": one.unit}, "relatedLot": lot.id} for lot in tender.lots for one in lot.positions]
    criteria = "; ".join(f"{lot.id}: " + ", ".join(f"{one.id} {one.weight}" for one in lot.criteria)
                         for lot in tender.lots)
    return {"id": tender.id, "title": tender.title[lang], "status": _status(made, None),
            "procuringEntity": {"id": tender.buyer, "name": tender.buyer}, "procurementMethod": "open",
            "awardCriteria": "ratedCriteria", "awardCriteriaDetails": criteria,
            "lots": [{"id": lot.id, "title": lot.title[lang], "status": _status(made, lot.id)}
                     for lot in tender.lots],
            "items": items, "numberOfTenderers": len(bidders),
            "tenderers": [{"id": name, "name": name} for name in bidders]}


def _status(made: Evaluation | None, lot: str | None) -> str:
    """Of a lot, or of the tender: complete with an award, unsuccessful without any."""
    if made is None:
        return "active"
    return "complete" if any(one.winner and lot in (None, one.lot.id) for one in made.lots) else "unsuccessful"


def _opened(made: Evaluation | None) -> dict[str, tuple[str, Decimal | None]]:
    """Status and price of the bids that were evaluated, by id."""
    lots = made.lots if made else ()
    valid = {one.sized.bid.id: ("valid", one.sized.price) for lot in lots for one in lot.bids}
    return valid | {one.bid.id: ("disqualified", one.bid.price) for lot in lots for one in lot.refused}


def _bid(bid: Bid, status: str, price: Decimal | None, tender: Tender) -> dict[str, Any]:
    value = {} if price is None else {"value": _money(price, tender)}
    return {"id": bid.id, "tenderers": [{"id": bid.bidder, "name": bid.bidder}], "relatedLots": [bid.lot],
            "status": status, **value}


def _award(tender: Tender, lot: Lot, winner: str, price: Decimal, day: date, lang: Lang) -> dict[str, Any]:
    return {"id": f"{tender.id}-{lot.id}", "title": lot.title[lang], "status": "pending", "date": _moment(day),
            "value": _money(price, tender), "suppliers": [{"id": winner, "name": winner}], "relatedLots": [lot.id]}


def _foreign(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A release that another system made: lots, items and bids; scored by price, since it says no criteria of ours."""
    found = raw.get("tender")
    if not isinstance(found, Mapping) or not found.get("items"):
        raise InvalidInputError("has no tender with items.", where=where, fix="give a release whose tag is tender.")
    lots = found.get("lots") or [{"id": "1", "title": found.get("title", "1")}]
    single = str(lots[0]["id"])
    positions: dict[str, list[dict[str, Any]]] = {str(lot["id"]): [] for lot in lots}
    for item in found["items"]:
        lot = str(item.get("relatedLot", single))
        if lot not in positions:
            raise InvalidInputError(f"item {item.get('id')} is of lot {lot!r}, which there is not.", where=where,
                                    fix="name the lots of all items.")
        positions[lot].append({"id": str(item["id"]), "title": item.get("description") or str(item["id"]),
                               "quantity": str(item.get("quantity", 1)),
                               "unit": (item.get("unit") or {}).get("name") or "piece"})
    buyer = raw.get("buyer") or found.get("procuringEntity") or {}
    details = (raw.get("bids") or {}).get("details") or []
    return {"id": str(raw["ocid"]), "title": found.get("title") or str(raw["ocid"]),
            "buyer": str(buyer.get("id") or buyer.get("name") or "buyer"), "published": str(raw.get("date", ""))[:10],
            "currency": ((details[0].get("value") if details else None) or {}).get("currency", "CNY"),
            "lots": [{"id": str(lot["id"]), "title": lot.get("title") or str(lot["id"]),
                      "positions": positions[str(lot["id"])],
                      "criteria": [{"id": "price", "kind": "price", "weight": 100}]} for lot in lots],
            "bids": [{"id": str(bid["id"]), "bidder": str(_first(bid)),
                      "lot": str((bid.get("relatedLots") or [single])[0]),
                      "price": str(bid["value"]["amount"]) if bid.get("value") else None} for bid in details]}


def _first(bid: Mapping[str, Any]) -> Any:
    tenderers = bid.get("tenderers") or [{}]
    return re.sub(r"[^\w.:/@+-]+", "-", str(tenderers[0].get("id") or tenderers[0].get("name") or bid["id"]))
