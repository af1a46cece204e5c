"""Tenders: lots, positions, criteria and bids, evaluated with product footprints from the record.

Each criterion is scored by a scheme (`price_score`, `life_cycle_cost`, `footprint_score`) or by the points that
reviewers gave; a lot's ranking is the sum. What a bid offers is a product of the record: its footprint is the claim
that holds on the day, so that nobody types a footprint into a tender.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from pydantic import Field, model_validator

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.exact import times
from seedbed.base.shown import Shown
from seedbed.base.text import Message, Model, Text
from seedbed.operate.assess import CHINA, Assessment, Used, assess, made_with, once
from seedbed.operate.record.chain import canonical, recorded, sha256
from seedbed.operate.record.journal import Journal
from seedbed.operate.record.nouns import Claim, Id, Party, Product
from seedbed.operate.scheme import Exact, Name

HUNDRED = Decimal(100)


class Criterion(Model):
    """What is scored: by `price`, `life_cycle_cost`, `footprint` (lowest gets `weight` points), or `points` given."""

    id: Name
    kind: Literal["price", "life_cycle_cost", "footprint", "points"]
    weight: Exact = Field(gt=0, le=100)
    label: Text | None = None


class Position(Model):
    """A quantity of something that is wanted."""

    id: str
    title: Text
    quantity: Exact = Field(gt=0)
    unit: str


class Lot(Model):
    """What is awarded to one bidder. `life`: fields of the scheme `life_cycle_cost`; `price`: of `price_score`."""

    id: str
    title: Text
    positions: tuple[Position, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    life: dict[Name, Any] = Field(default_factory=dict)
    price: dict[Name, Any] = Field(default_factory=dict)
    verified: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Lot:
        for name, several in (("position", self.positions), ("criterion", self.criteria)):
            ids = [one.id for one in several]
            if len({*ids}) < len(ids):
                raise ValueError(f"two things are one {name}")
        if (total := sum(one.weight for one in self.criteria)) != HUNDRED:
            raise ValueError(f"the weights of lot {self.id} add to {total}, not to 100")
        return self


class Offer(Model):
    """What is offered for a position: a product of the record, at a price a unit."""

    position: str
    product: Id | None = None
    price: Exact | None = Field(default=None, ge=0)


class Bid(Model):
    """A bid for a lot: a price, or prices of its offers; what else its scoring asks."""

    id: str
    bidder: Id
    lot: str
    price: Exact | None = Field(default=None, gt=0)
    offers: tuple[Offer, ...] = ()
    small: bool = False
    domestic: bool = True
    kwh: Exact = Field(default=Decimal(0), ge=0)
    maintenance: Exact = Field(default=Decimal(0), ge=0)
    residual: Exact = Field(default=Decimal(0), ge=0)
    points: dict[Name, Exact] = Field(default_factory=dict)


class Tender(Model):
    """An invitation with the bids that were opened."""

    id: Id
    title: Text
    buyer: Id
    published: date
    currency: str = "CNY"
    lots: tuple[Lot, ...] = Field(min_length=1)
    bids: tuple[Bid, ...] = ()

    @model_validator(mode="after")
    def _closed(self) -> Tender:
        """Every bid is for a lot, every offer for a position, every point for a criterion; none twice."""
        lots = {lot.id: lot for lot in self.lots}
        seen: set[str] = set()
        for bid in self.bids:
            if bid.id in seen:
                raise ValueError(f"two bids are called {bid.id}")
            seen.add(bid.id)
            if bid.lot not in lots:
                raise ValueError(f"bid {bid.id} is for lot {bid.lot!r}, which there is not")
            lot = lots[bid.lot]
            positions = [offer.position for offer in bid.offers]
            if unknown := {*positions} - {one.id for one in lot.positions}:
                raise ValueError(f"bid {bid.id} offers position {sorted(unknown)[0]!r}, which lot {lot.id} has not")
            if len({*positions}) < len(positions):
                raise ValueError(f"bid {bid.id} offers a position twice")
            given = {one.id: one.weight for one in lot.criteria if one.kind == "points"}
            for name, value in bid.points.items():
                if name not in given or not 0 <= value <= given[name]:
                    raise ValueError(f"bid {bid.id} has {value} points for {name!r}; 0 to {given.get(name, 'none')}")
        return self


@dataclass(frozen=True)
class Sized:
    """A bid as it is scored: its price in money, its embedded carbon in kgCO2e (None: a footprint is missing)."""

    bid: Bid
    price: Decimal
    carbon: Decimal | None
    products: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """A bid with its points by criterion, their sum and its rank."""

    sized: Sized
    points: Mapping[str, Decimal]
    total: Decimal
    rank: int


class Refused(NamedTuple):
    """A bid that is not scored, and why."""

    bid: Bid
    why: Message


class Flip(NamedTuple):
    """What would have to change, and to what, for `rival` to win: `kind` of price, footprint, weights, carbon_price."""

    kind: str
    rival: str
    now: Decimal
    then: Decimal
    of: str = ""
    to: str = ""


@dataclass(frozen=True)
class Awarded:
    """A lot evaluated."""

    lot: Lot
    bids: tuple[Scored, ...]
    refused: tuple[Refused, ...]
    flips: tuple[Flip, ...]
    rules: tuple[Used, ...]
    warnings: tuple[Text | Message, ...]

    @property
    def winner(self) -> Scored | None:
        """The first; None where no bid is valid."""
        return self.bids[0] if self.bids else None


@dataclass(frozen=True)
class Evaluation(Shown):
    """A tender evaluated under the rules of a day; `names` of the parties that the record knows."""

    tender: Tender
    on: date
    lots: tuple[Awarded, ...]
    names: Mapping[str, Text]
    seedbed: str = field(default_factory=made_with)

    def about(self) -> Mapping[str, object]:
        return {"tender": self.tender.id, "on": self.on.isoformat(),
                **{lot.lot.id: lot.winner.sized.bid.bidder if lot.winner else None for lot in self.lots}}


class Held(NamedTuple):
    """A footprint that holds: kgCO2e for one `per`."""

    claim: str
    value: Decimal
    per: str
    verified: bool
    start: str


class Footprints:
    """Footprints of the products that bids offer, as the record holds them on a day; all read at once.

    Of several claims about a product a verified one is before a stated one, then a later one before an earlier.
    """

    def __init__(self, journal: Journal, products: Sequence[str], on: date) -> None:
        self.units = {body["id"]: body["unit"] for body in journal.bodies(Product, products)}
        self.held: dict[str, Held] = {}
        day = on.isoformat()
        for body in journal.bodies(Claim, products, by="about"):
            if body["says"] == "footprint" and body["status"] in VALID and body["start"] <= day <= body["end"]:
                found, before = self._held(body), self.held.get(body["about"])
                if before is None or (found.verified, found.start) > (before.verified, before.start):
                    self.held[body["about"]] = found

    def _held(self, body: Mapping[str, Any]) -> Held:
        mass, _, per = body["quantity"]["unit"].partition("/")
        if mass not in CARBON:
            raise InvalidInputError(f"claim {body['id']} is in {body['quantity']['unit']}.",
                                    where=f"product {body['about']}", fix=f"state it in {', '.join(CARBON)}.")
        return Held(body["id"], Decimal(body["quantity"]["value"]) * CARBON[mass], per or self.units[body["about"]],
                    body["status"] == "verified", body["start"])

    def carbon(self, product: str, quantity: Decimal, unit: str) -> Decimal | None:
        """Embedded carbon of a quantity in kgCO2e; None where no claim holds.

        Raises UnknownNameError, InvalidInputError where the units do not fit.
        """
        if product not in self.units:
            raise UnknownNameError("product", product, self.units)
        held = self.held.get(product)
        return held and quantity * times(unit, held.per, where=f"product {product}") * held.value


VALID = ("stated", "verified")
CARBON = {"kgCO2e": Decimal(1), "tCO2e": Decimal(1000), "gCO2e": Decimal("0.001")}


def evaluate(tender: Tender, journal: Journal, on: date | None = None) -> Evaluation:
    """Evaluate every lot of a tender by the rules of a day (default: today), with footprints from the record.

    Raises InvalidInputError, UnknownNameError.
    """
    from seedbed.operate.flips import flips

    day = on or datetime.now(CHINA).date()
    offered = sorted({offer.product for bid in tender.bids for offer in bid.offers if offer.product})
    footprints = Footprints(journal, offered, day)
    made = []
    for lot in tender.lots:
        bids = [bid for bid in tender.bids if bid.lot == lot.id]
        valid, refused = _sized(lot, bids, footprints)
        if not valid:
            made.append(Awarded(lot, (), tuple(refused), (), (), (Message("tender.nobody", {"lot": lot.title}),)))
            continue
        assessed = assessments(lot, valid, day)
        ranked = rank(lot, valid, assessed)
        rules = {(used.name, used.ruling.start): used for one in assessed.values() for used in one.rules}
        warnings = [said for one in assessed.values() for said in one.warnings]
        unverified = sorted({bid.bid.bidder for bid in valid for name in bid.products
                             if not footprints.held[name].verified})
        if unverified:
            warnings.append(Message("tender.unverified", {"bidders": tuple(unverified)}))
        made.append(Awarded(lot, ranked, tuple(refused), tuple(flips(lot, ranked, day)), tuple(rules.values()),
                            once(warnings)))
    parties = journal.bodies(Party, {tender.buyer, *(bid.bidder for bid in tender.bids)})
    names = {body["id"]: Text(**body["name"]) for body in parties if body.get("name")}
    return Evaluation(tender, day, tuple(made), names)


def _sized(lot: Lot, bids: Sequence[Bid], footprints: Footprints) -> tuple[list[Sized], list[Refused]]:
    """Bids with price and carbon; those that lack what the lot asks are refused, with the reason."""
    counted = {one.kind for one in lot.criteria} & {"footprint", "life_cycle_cost"}
    asked = "footprint" in counted or (counted and any(offer.product for bid in bids for offer in bid.offers))
    valid, refused = [], []
    for bid in bids:
        price, why = _price(lot, bid)
        carbon, products, lacks = _carbon(lot, bid, footprints)
        if lacks is not None and asked:
            why = why or lacks
        lacking = [one.id for one in lot.criteria if one.kind == "points" and one.id not in bid.points]
        if lacking:
            why = why or Message("tender.no_points", {"criterion": lacking[0]})
        if why is not None:
            refused.append(Refused(bid, why))
        else:
            assert price is not None
            valid.append(Sized(bid, price, carbon, products))
    return valid, refused


def _price(lot: Lot, bid: Bid) -> tuple[Decimal | None, Message | None]:
    offers = {offer.position: offer.price for offer in bid.offers}
    if all(offers.get(one.id) is not None for one in lot.positions):
        total = sum((one.quantity * (offers[one.id] or 0) for one in lot.positions), Decimal(0))
        if bid.price is not None and abs(total - bid.price) > Decimal("0.005"):
            return None, Message("tender.prices_differ", {"price": str(bid.price), "total": str(total)})
        return (total, None) if total > 0 else (None, Message("tender.no_price", {}))
    unpriced = next(one.title for one in lot.positions if offers.get(one.id) is None)
    lacks = Message("tender.no_price_of", {"position": unpriced}) if any(offers.values()) else \
        Message("tender.no_price", {})
    return (bid.price, None) if bid.price is not None else (None, lacks)


def _carbon(lot: Lot, bid: Bid, footprints: Footprints) -> tuple[Decimal | None, tuple[str, ...], Message | None]:
    offers = {offer.position: offer.product for offer in bid.offers}
    total, products = Decimal(0), []
    for one in lot.positions:
        product = offers.get(one.id)
        carbon = footprints.carbon(product, one.quantity, one.unit) if product else None
        if product is None or carbon is None:
            return None, (), Message("tender.no_footprint", {"position": one.title, "product": product or "–"})
        if lot.verified and not footprints.held[product].verified:
            return None, (), Message("tender.not_verified", {"position": one.title, "product": product})
        total += carbon
        products.append(product)
    return total, tuple(products), None


def assessments(lot: Lot, bids: Sequence[Sized], on: date) -> dict[str, Assessment]:
    """Each criterion that a scheme scores, assessed for all bids."""
    made = {}
    for one in lot.criteria:
        if one.kind == "price":
            made[one.id] = assess("price_score", {**lot.price, "weight": one.weight, "bids": [
                {"supplier": b.bid.bidder, "price": b.price, "small": b.bid.small, "domestic": b.bid.domestic}
                for b in bids]}, on)
        elif one.kind == "life_cycle_cost":
            made[one.id] = assess("life_cycle_cost", {**lot.life, "weight": one.weight, "bids": [
                {"supplier": b.bid.bidder, "price": b.price, "kwh": b.bid.kwh, "maintenance": b.bid.maintenance,
                 "residual": b.bid.residual, "footprint": b.carbon or 0} for b in bids]}, on)
        elif one.kind == "footprint":
            made[one.id] = assess("footprint_score", {"weight": one.weight, "bids": [
                {"supplier": b.bid.bidder, "footprint": b.carbon} for b in bids]}, on)
    return made


SCORE = {"price": "score", "life_cycle_cost": "lcc_score", "footprint": "score"}


def rank(lot: Lot, bids: Sequence[Sized], assessed: Mapping[str, Assessment]) -> tuple[Scored, ...]:
    """Bids in order of their points; of equal ones the cheaper is first (财政部令第87号, Art. 57)."""
    columns: dict[str, Sequence[Decimal]] = {
        one.id: assessed[one.id][SCORE[one.kind]] if one.kind in SCORE else [b.bid.points[one.id] for b in bids]
        for one in lot.criteria}
    rows = [(sum((column[n] for column in columns.values()), Decimal(0)), bid, n) for n, bid in enumerate(bids)]
    rows.sort(key=lambda row: (-row[0], row[1].price, row[1].bid.id))
    return tuple(Scored(bid, {name: column[n] for name, column in columns.items()}, total, place)
                 for place, (total, bid, n) in enumerate(rows, start=1))


def post(made: Evaluation, journal: Journal) -> str:
    """Record an evaluation: who ranked how, by which products. The same again changes nothing."""
    body = recorded({"on": made.on, "lots": [
        {"lot": lot.lot.id, "ranking": [[one.sized.bid.bidder, one.total] for one in lot.bids],
         "refused": [[one.bid.bidder, one.why.key] for one in lot.refused],
         "products": sorted({name for one in lot.bids for name in one.sized.products})} for lot in made.lots]})
    place = journal.record("tender.evaluated@1", f"tender:{made.tender.id}", body, on=made.on,
                           key=f"tender:{made.tender.id}:{sha256(canonical(body))[:24]}")
    return str(place)
