"""Schema of the starter database's YAML files: one file a sector, every number with its source."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from seedbed.base.evidence import BEST, WORST, Source
from seedbed.base.text import Model, Text


class Exchange(Model):
    """One exchange: `amount` of `flow` per amount of product.

    Uncertainty: `gsd` (geometric standard deviation of a log-normal with mean `amount`; 95 % lie within a factor gsd²
    of its median), or `low` and `high` (triangular around the amount). `unverified` marks a number that no second
    source has confirmed.
    """

    flow: str
    amount: float
    unit: str
    gsd: float | None = Field(default=None, ge=1)
    low: float | None = None
    high: float | None = None
    year: int | None = None
    source: str
    provider: str | None = None
    group: str | None = None
    avoided: bool = False
    unverified: bool = False
    note: str | None = None

    @model_validator(mode="after")
    def _one_uncertainty(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("give both low and high, or neither")
        if self.gsd is not None and self.low is not None:
            raise ValueError("give gsd, or low and high, not both")
        if self.low is not None and self.high is not None and not self.low <= self.amount <= self.high:
            raise ValueError("low ≤ amount ≤ high does not hold")
        return self


class Product(Model):
    """What a process delivers (or, kind `waste`, what it treats)."""

    flow: str
    name: Text
    amount: float = Field(default=1.0, gt=0)
    unit: str
    kind: Literal["product", "waste"] = "product"


class CoProduct(Product):
    """A further product. `factor`: its price or physical quantity per unit, by the process's allocation."""

    factor: float | None = Field(default=None, gt=0)


class Process(Model):
    """One process of the starter set. `quality` is its mark, 1 good … 4 poor (docs/data.md)."""

    id: str
    name: Text
    product: Product
    factor: float | None = Field(default=None, gt=0)
    coproducts: tuple[CoProduct, ...] = ()
    allocation: Literal["none", "physical", "economic", "cut-off", "substitution"] = "none"
    place: str = "CN"
    category: str
    kind: Literal["unit", "system", "market"] = "unit"
    years: tuple[int, int]
    volume: float | None = None
    quality: int = Field(ge=BEST, le=WORST)
    note: Text
    inputs: tuple[Exchange, ...] = ()
    wastes: tuple[Exchange, ...] = ()
    emissions: tuple[Exchange, ...] = ()
    resources: tuple[Exchange, ...] = ()


class Sector(Model):
    """One file: processes of a sector and the sources they cite."""

    id: str
    name: Text
    sources: dict[str, Source]
    processes: tuple[Process, ...]


class Elementary(Model):
    """An exchange with nature."""

    name: Text
    unit: str
    compartment: str
    cas: str | None = None
    formula: str | None = None
