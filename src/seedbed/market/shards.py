"""An ensemble cut into shards that know nothing of one another: what each is, and how it is computed.

A shard is a range of members. It is told by its address: a hash of the inputs, the code, the versions, the seed and
the range, so the same address means the same bits. Everything a worker needs is one string of bytes (`pack`).
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from functools import lru_cache
from importlib.metadata import version
from typing import Any, TypeVar, cast, get_type_hints

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import code_sha256
from seedbed.base.text import Model
from seedbed.market.arrays import Inputs, Scenario
from seedbed.market.draws import Spread
from seedbed.market.ensemble import BLOCK, Stacked, blocks

M = TypeVar("M", bound=eqx.Module)


class Manifest(Model):
    """What is to be run, with the hashes and versions that make it repeatable."""

    place: str
    places: list[str]
    markets: list[str]
    scenarios: list[str]
    years: list[int]
    uncertain: list[str]  # what the bands contain, see draws.KINDS
    seed: int
    members: int
    shard_size: int
    inputs_sha256: str
    code_sha256: str
    versions: dict[str, str]

    @property
    def shards(self) -> list[range]:
        """The members of each shard."""
        return [range(first, min(first + self.shard_size, self.members))
                for first in range(0, self.members, self.shard_size)]

    def address(self, members: range) -> str:
        """What the bits of these members depend on, as a hash; more members, or other shards, do not change it."""
        said = json.dumps([self.inputs_sha256, self.code_sha256, self.versions, self.seed, members.start, members.stop],
                          sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:20]

    def check(self) -> None:
        """Raise InvalidInputError where this installation would not give the bits that the manifest promises."""
        if self.code_sha256 != code_hash():
            raise InvalidInputError("this ensemble was planned with another version of the code.",
                                    where="manifest.json", fix="plan it again with seedbed ensemble plan.")
        if self.versions != versions():
            raise InvalidInputError(f"this ensemble was planned with {self.versions}, here are {versions()}.",
                                    where="manifest.json", fix="install the same versions, or plan it again.")


def manifest(case: Stacked, *, place: str, places: list[str], markets: list[str], scenarios: list[str],
             years: list[int], uncertain: list[str], seed: int, members: int, shard_size: int) -> Manifest:
    """The manifest of `case`; raises as `check_sizes`."""
    check_sizes(members, shard_size)
    return Manifest(place=place, places=places, markets=markets, scenarios=scenarios, years=years,
                    uncertain=uncertain, seed=seed, members=members, shard_size=shard_size,
                    inputs_sha256=digest(case), code_sha256=code_hash(), versions=versions())


MOST = 1_000_000_000


def check_sizes(members: int, shard_size: int) -> None:
    """Raise InvalidInputError unless there are members, in shards of whole blocks."""
    if not 1 <= members <= MOST or not BLOCK <= shard_size <= MOST or shard_size % BLOCK:
        raise InvalidInputError(f"{members} members in shards of {shard_size} cannot be run.", where="--shard-size",
                                fix=f"give 1 to {MOST:,} members, and a multiple of {BLOCK} for each shard.")


def compute(case: Stacked, seed: int, members: range) -> Float[np.ndarray, "N K S M T R"]:
    """The members of a shard: axes member, indicator, scenario, market, year, place (float32)."""
    parts = [np.stack(block, axis=1) for block in blocks(*case, jax.random.key(seed), members)]
    return np.concatenate(parts)


def compute_packed(packed: bytes, manifest: Manifest, members: range) -> Float[np.ndarray, "N K S M T R"]:
    """`compute` for a worker elsewhere, which refuses to run other code than the manifest's."""
    manifest.check()
    return compute(unpack(packed), manifest.seed, members)


def versions() -> dict[str, str]:
    """The versions that a result's bits depend on."""
    return {name: version(name) for name in ("seedbed", "jax", "jaxlib", "numpy")}


def code_hash() -> str:
    """Hash of the code that turns a case into members."""
    return code_sha256("seedbed.market.ensemble")


def pack(case: Stacked) -> bytes:
    """A case as bytes: every array by its path, and what is not an array as JSON."""
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, statics=np.array(json.dumps(_statics(case))), **_arrays(case))
    return held.getvalue()


@lru_cache(maxsize=1)
def unpack(packed: bytes) -> Stacked:
    """The case that `pack` made."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as held:
        arrays = {name: jnp.asarray(held[name]) for name in held.files if name != "statics"}
        values: dict[str, Any] = {**arrays, **json.loads(str(held["statics"]))}
    scenarios = Scenario(*(values[f"scenarios.{name}"] for name in Scenario._fields))
    return Stacked(_module(Inputs, "markets", values), _module(Spread, "spreads", values), scenarios)


def digest(case: Stacked) -> str:
    """Hash of every number and name in a case."""
    found = hashlib.sha256(json.dumps(_statics(case), sort_keys=True).encode())
    for name, values in sorted(_arrays(case).items()):
        found.update(f"{name} {values.dtype.str} {values.shape}".encode() + np.ascontiguousarray(values).tobytes())
    return found.hexdigest()


def _arrays(case: Stacked) -> dict[str, np.ndarray]:
    leaves = cast(list[tuple[Any, Any]], jax.tree_util.tree_leaves_with_path(case))
    return {jax.tree_util.keystr(path, simple=True, separator="."): np.asarray(leaf) for path, leaf in leaves}


def _statics(case: Stacked) -> dict[str, Any]:
    """The static fields of the modules in `case`, by path."""
    found: dict[str, Any] = {}

    def visit(module: eqx.Module, path: str) -> None:
        for field in dataclasses.fields(module):
            value, here = getattr(module, field.name), f"{path}.{field.name}"
            if isinstance(value, eqx.Module):
                visit(value, here)
            elif field.metadata.get("static"):
                found[here] = value

    visit(case.markets, "markets")
    visit(case.spreads, "spreads")
    return found


def _module(kind: type[M], path: str, values: dict[str, Any]) -> M:
    """A module of `kind` from `values` by path, as `_arrays` and `_statics` named them; its arrays may be stacked."""
    hints, made = get_type_hints(kind), object.__new__(kind)
    for field in dataclasses.fields(kind):
        hint, here = hints[field.name], f"{path}.{field.name}"
        if isinstance(hint, type) and issubclass(hint, eqx.Module):
            object.__setattr__(made, field.name, _module(hint, here, values))
        else:
            object.__setattr__(made, field.name, _tuples(values[here]))
    return made


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples they were, so that they can be hashed."""
    return tuple(_tuples(v) for v in cast(list[Any], value)) if isinstance(value, list) else value
