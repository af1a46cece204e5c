"""From instrument intensities to the levers of the equation."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from seedbed.market.arrays import Beliefs, Levers, put

SUBSIDY_LIMIT = 0.85  # of the price: stacked subsidies are cut back in proportion beyond it
PASSED_ON = 0.79  # of a subsidy reaches the buyer, sellers keep the rest (Muehlegger and Rapson 2022: 0.73–0.85)
MOST_AWARENESS = 0.10  # relative familiarity: all campaigns together change 6.6 % of choices (Nisa et al. 2019)


class Pull(NamedTuple):
    """The levers as the equation sees them, after all instruments are added up."""

    subsidy: Float[Array, "R B I"]  # CNY paid per capacity unit
    subsidy_cut: Float[Array, "R B I"]  # part of the stated subsidies that is paid
    relief: Float[Array, "R B I"]  # share of purchase tax waived
    premium: Float[Array, "R B I"]  # CNY per service unit
    premium_set: Float[Array, "j B I"]
    premium_intensity: Float[Array, "R j"]
    carbon: Float[Array, "R B I"]  # CNY per tCO2
    carbon_embodied: Float[Array, "R B I"]
    finance: Float[Array, "R B I"]  # percentage points
    quota: Float[Array, "R j"]  # share of purchases demanded
    quota_set: Float[Array, "j B I"]
    compliance: Float[Array, " j"]
    availability: Float[Array, "R B I"]
    awareness: Float[Array, "R B I"]  # relative rise of familiarity
    label: Float[Array, "R B I"]
    build: Float[Array, " R"]  # share of the infrastructure gap closed this year
    access: Float[Array, "R I"]  # share of border barriers removed


def drawn(levers: Levers, beliefs: Beliefs) -> Levers:
    """The levers as strong and as dear as these beliefs have them; what a standard removes moves in log odds."""
    factor = jnp.exp(beliefs.effect)
    quota, standard = levers.segment("quota"), levers.segment("standard")
    removed = levers.coefficient[standard]
    odds = factor[standard][:, None, None]
    coefficient = (levers.coefficient * factor[:, None, None]).at[quota].set(levers.coefficient[quota])
    coefficient = coefficient.at[standard].set(removed * odds / (1 - removed + removed * odds))
    dearer = jnp.exp(beliefs.running)
    return put(
        lambda x: (x.coefficient, x.compliance, x.cost_person, x.cost_purchase, x.cost_stock), levers,
        (coefficient, jnp.minimum(levers.compliance * factor, 1.0), levers.cost_person * dearer,
         levers.cost_purchase * dearer, levers.cost_stock * dearer))


def pull(levers: Levers, intensity: Float[Array, "R J"], price: Float[Array, " I"]) -> Pull:
    """Add up the instruments of each lever (shapes: see Pull)."""

    def slots(lever: str) -> tuple[Array, Array]:
        where = levers.segment(lever)
        return intensity[:, where], levers.coefficient[where]

    def total(lever: str) -> Array:
        x, c = slots(lever)
        return jnp.einsum("rj,jbi->rbi", x, c)

    x, c = slots("subsidy")
    stated = jnp.einsum("rj,jbi->rbi", x, c * _per_unit(levers, price))
    cut = jnp.minimum(1.0, SUBSIDY_LIMIT * price / jnp.maximum(stated, 1e-9))
    carbon_x, carbon_c = slots("carbon_price")
    embodied = levers.life_cycle[levers.segment("carbon_price")]
    quota_x, quota_c = slots("quota")
    quota_top = quota_c.max((1, 2))
    standard_x, standard_c = slots("standard")
    kept = 1 - jnp.einsum("rj,jbi->rjbi", standard_x, standard_c)
    infrastructure_x, infrastructure_c = slots("infrastructure")
    access_x, access_c = slots("market_access")
    label_x, label_c = slots("label")
    unlabelled = 1 - jnp.minimum(jnp.einsum("rj,jbi->rjbi", label_x, label_c), 1.0)
    told = total("awareness")
    premium_x, premium_c = slots("output_premium")
    return Pull(
        subsidy=stated * cut, subsidy_cut=cut,
        relief=jnp.minimum(total("tax_relief"), 1.0),
        premium=jnp.einsum("rj,jbi->rbi", premium_x, premium_c), premium_set=premium_c,
        premium_intensity=premium_x,
        carbon=jnp.einsum("rj,jbi->rbi", carbon_x, carbon_c),
        carbon_embodied=jnp.einsum("rj,jbi->rbi", carbon_x * embodied, carbon_c),
        finance=total("finance"),
        quota=quota_x * quota_top, quota_set=jnp.where(quota_c > 0, 1.0, 0.0),
        compliance=levers.compliance[levers.segment("quota")],
        availability=kept.prod(1), awareness=MOST_AWARENESS * -jnp.expm1(-told / MOST_AWARENESS),
        label=1 - unlabelled.prod(1),
        build=jnp.einsum("rj,j->r", infrastructure_x, infrastructure_c.max((1, 2))),
        access=jnp.einsum("rj,ji->ri", access_x, access_c.max(1)),
    )


def _per_unit(levers: Levers, price: Float[Array, " I"]) -> Float[Array, "j 1 I"]:
    """What multiplies a subsidy's coefficient: 1 for CNY per unit, the price for a share of the price."""
    by_share = levers.share_of_price[levers.segment("subsidy")][:, None, None]
    return 1 - by_share + by_share * price
