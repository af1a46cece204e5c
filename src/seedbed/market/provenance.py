"""What made a result: versions, the hash of its inputs, and fits of the user's own that it rests on."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version

import jax
import numpy as np

from seedbed.facts import own
from seedbed.market.arrays import Inputs
from seedbed.market.beliefs import own_fits
from seedbed.market.definition import definitions, shipped
from seedbed.policy import instrument
from seedbed.policy.instrument import library


def inputs_sha256(inputs: Inputs) -> str:
    """Hash of all numbers that go into a run."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(inputs):
        digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()


def made_with() -> dict[str, str]:
    """Versions; and what is the user's own: markets, instruments, fits that stand in the place of those that ship."""
    mine = {"own_fits": own_fits(), "own_facts": own.tables(), "own_markets": definitions().keys() - shipped().keys(),
           "own_instruments": library().keys() - instrument.shipped().keys()}
    return {"seedbed": version("seedbed"), "jax": version("jax"), "python": platform.python_version(),
            **{what: ", ".join(sorted(names)) for what, names in mine.items() if names}}
