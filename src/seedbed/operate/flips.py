"""By how much what would have to change for another bid to win a lot.

For the bids next behind the winner: the price and the embedded carbon at which each would win; the points that would
have to move from one criterion to another; and the price of carbon at which somebody else wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import permutations

from seedbed.operate.tender import Flip, Lot, Scored, Sized, assessments, rank

RIVALS, HALVINGS = 3, 16
MOST = Decimal(20)  # carbon prices are looked at up to so many times that of the lot


def flips(lot: Lot, ranked: Sequence[Scored], on: date) -> Iterator[Flip]:
    """What would make another bid the first; nothing where there is one bid."""
    if len(ranked) < 2:
        return
    near = _near(ranked)
    scored = [one for one in ranked if one.sized in near]
    wanted = {one.kind for one in lot.criteria}
    for rival in ranked[1:1 + RIVALS]:
        name = rival.sized.bid.bidder
        if wanted & {"price", "life_cycle_cost"} and (share := _least(lot, near, rival, on, _cheaper)):
            yield Flip("price", name, rival.sized.price, (rival.sized.price * share).quantize(Decimal("0.01"),
                                                                                              ROUND_FLOOR))
        if rival.sized.carbon and wanted & {"footprint", "life_cycle_cost"} \
                and (share := _least(lot, near, rival, on, _cleaner)):
            yield Flip("footprint", name, rival.sized.carbon, (rival.sized.carbon * share).quantize(Decimal("0.001"),
                                                                                                    ROUND_FLOOR))
    yield from _weights(lot, scored)
    if "life_cycle_cost" in wanted:
        yield from _carbon_price(lot, near, ranked[0], on)


def _near(ranked: Sequence[Scored]) -> list[Sized]:
    """The bids that decide: the first few, and those that are the best by some criterion, which scores the others."""
    kept = [one.sized for one in ranked[:RIVALS + 3]]
    kept += [max(ranked, key=lambda one, name=name: one.points[name]).sized for name in ranked[0].points]
    return list({one.bid.id: one for one in kept}.values())


def _cheaper(bid: Sized, share: Decimal) -> Sized:
    return replace(bid, price=bid.price * share)


def _cleaner(bid: Sized, share: Decimal) -> Sized:
    assert bid.carbon is not None
    return replace(bid, carbon=bid.carbon * share)


def _first(lot: Lot, bids: Sequence[Sized], on: date) -> str:
    return rank(lot, bids, assessments(lot, bids, on))[0].sized.bid.id


def _least(lot: Lot, bids: Sequence[Sized], rival: Scored, on: date,
           change: Callable[[Sized, Decimal], Sized]) -> Decimal | None:
    """The largest share of its value at which `rival` wins; None where even a hundredth does not do."""
    def wins(share: Decimal) -> bool:
        changed = [change(bid, share) if bid is rival.sized else bid for bid in bids]
        return _first(lot, changed, on) == rival.sized.bid.id

    low, high = Decimal("0.01"), Decimal(1)
    if not wins(low):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if wins(middle) else (low, middle)
    return low


def _weights(lot: Lot, ranked: Sequence[Scored]) -> Iterator[Flip]:
    """The least shift of points between two criteria that makes another the first: totals are linear in weights."""
    weights = {one.id: one.weight for one in lot.criteria}
    found: list[tuple[Decimal, str, str, str]] = []
    for source, target in permutations(weights, 2):
        for rival in ranked[1:]:
            moved = _shift(ranked, rival, source, target, weights)
            if moved is not None:
                found.append((moved, rival.sized.bid.bidder, source, target))
                break
    for moved, rival, source, target in sorted(found)[:RIVALS]:
        yield Flip("weights", rival, weights[source], (weights[source] - moved).quantize(Decimal("0.01"), ROUND_FLOOR),
                   source, target)


def _shift(ranked: Sequence[Scored], rival: Scored, source: str, target: str,
           weights: dict[str, Decimal]) -> Decimal | None:
    """Points to be moved so that `rival` is before all; None where that is more than there is."""
    def slope(one: Scored) -> Decimal:
        return one.points[target] / weights[target] - one.points[source] / weights[source]

    least, most = Decimal(0), weights[source]
    for other in ranked:
        if other is rival:
            continue
        gap, gain = other.total - rival.total, slope(rival) - slope(other)
        if gain > 0:
            least = max(least, gap / gain)
        elif gain < 0:
            most = min(most, gap / gain)
        elif gap > 0:
            return None
    return least if Decimal(0) < least < most else None


def _carbon_price(lot: Lot, bids: Sequence[Sized], winner: Scored, on: date) -> Iterator[Flip]:
    """The nearest price of carbon, dearer and cheaper, at which another wins."""
    from seedbed.operate.scheme import scheme

    given = lot.life.get("carbon_price", scheme("life_cycle_cost").asks["carbon_price"].default)
    now = Decimal(str(given))

    def first(price: Decimal) -> str:
        return _first(lot.model_copy(update={"life": {**lot.life, "carbon_price": price}}), bids, on)

    names = {one.bid.id: one.bid.bidder for one in bids}
    for far, rounding in ((now * MOST if now else Decimal(1000), ROUND_CEILING), (Decimal(0), ROUND_FLOOR)):
        near, end = now, far
        if first(end) == winner.sized.bid.id:
            continue
        for _ in range(HALVINGS):
            middle = (near + end) / 2
            near, end = (near, middle) if first(middle) != winner.sized.bid.id else (middle, end)
        yield Flip("carbon_price", names[first(end)], now, end.quantize(Decimal("0.1"), rounding))
