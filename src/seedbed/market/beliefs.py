"""What is believed before and after calibration: one prior for all markets, and stored fits."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from seedbed.base.datafile import is_dict
from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import home
from seedbed.base.memory import remembered
from seedbed.base.text import Model
from seedbed.market.definition import Definition

Positive = Annotated[float, Field(gt=0, le=100)]
Spread = Annotated[float, Field(ge=0, le=10)]
Share = Annotated[float, Field(ge=0, le=1)]


class Prior(Model):
    """Centre and spread of what one market believes; spreads are one standard deviation.

    The default is weak knowledge from the literature on technology choice: cost weights of 2–8 on relative
    cost (energy-model logits), a familiarity exponent between logit (0) and replicator (1), a memory of a few
    years.
    """

    alpha: Positive = 4.0
    alpha_spread: Spread = 0.2  # of log alpha
    beta: Share = 0.65
    beta_spread: Spread = 0.12
    memory: float = Field(default=2.5, gt=1, le=100)
    memory_spread: Spread = 0.3  # of log (memory − 1)
    need: Positive = 1.0
    need_spread: Spread = 0.4  # of log need
    across_channels: Share = 0.15
    across_places: Share = 0.15
    label_spread: Spread = 0.4  # of log label weight
    export_elasticity: Spread = 2.0
    shock: Spread = 0.12  # yearly taste shock, utility units
    learning_spread: Spread = 0.20  # of log learning exponent, where the definition gives no range
    price_spread: Spread = 0.10  # of log price after ten years
    energy_spread: Spread = 0.15
    demand_spread: Spread = 0.08
    elsewhere_spread: Spread = 0.25
    border_spread: Spread = 0.30  # of log carbon price at the border after ten years
    calibrated: bool = False
    joint: tuple[tuple[float, float, float, float], ...] = ()
    """Draws of the posterior: deviations of (log alpha, logit beta, log(memory − 1), log need) from the centre."""


def own_file() -> Path:
    """Where the user's fits are kept."""
    return home() / "fits.json"


def own_fits() -> dict[str, dict[str, object]]:
    """The user's fits by market id, empty where there are none. Raises InvalidInputError for a broken file."""
    if not own_file().is_file():
        return {}
    try:
        found = json.loads(own_file().read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInputError(f"is not JSON ({error}).", where=str(own_file()), fix="delete it.") from error
    bodies: list[tuple[str, Any]] = list(found.items()) if is_dict(found) else [("", None)]
    for market, fit in bodies:
        try:
            Prior.model_validate(fit["beliefs"])
        except (ValidationError, TypeError, KeyError) as error:
            raise InvalidInputError(f"holds no beliefs of {market or 'markets'} that can be used.",
                                    where=str(own_file()), fix="learn the market again, or delete the file.") from error
    return found


@remembered(1)
def fits() -> dict[str, dict[str, object]]:
    """Stored calibrations by market id: those that ship (market/fits.json), the user's own in their place."""
    path = files("seedbed.market").joinpath("fits.json")
    shipped: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return shipped | own_fits()


def forget() -> None:
    """Read the stored fits again when they are next asked for."""
    fits.forget()
    prior.forget()


@remembered(64)
def prior(definition: Definition) -> Prior:
    """What this market believes: its stored fit over the default prior."""
    fit = fits().get(definition.id)
    return Prior(**fit["beliefs"]) if fit else Prior()  # type: ignore[arg-type]
