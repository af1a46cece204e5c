"""What made a result: versions, the hash of its inputs, and fits of the user's own that it rests on."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version

import jax
import numpy as np

from seedbed.market.arrays import Inputs
from seedbed.market.beliefs import own_fits


def inputs_sha256(inputs: Inputs) -> str:
    """Hash of all numbers that go into a run."""
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves(inputs):
        digest.update(np.asarray(leaf).tobytes())
    return digest.hexdigest()


def made_with() -> dict[str, str]:
    """Versions; and the markets that the user has calibrated, whose fits stand in the place of those that ship."""
    own = ", ".join(sorted(own_fits()))
    return {"seedbed": version("seedbed"), "jax": version("jax"), "python": platform.python_version(),
            **({"own_fits": own} if own else {})}
