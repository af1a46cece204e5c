"""Programs are kept from process to process, give the same bits, and are made again when anything of them changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.market.ensemble import indicators
from seedbed.market.programs import Program, program
from seedbed.market.steer import settled
from seedbed.market.trajectory import follow, run

MARKETS = ("vehicles", "steel", "electricity")


def scaled(x: jax.Array, by: tuple[jax.Array, str], power: int = 2) -> dict[str, jax.Array]:
    """Something with a tree of arrays, a text and a number among its arguments, and a tree as its result."""
    made.append(power)
    return {by[1]: jnp.sin(x) ** power * by[0], "x": x}


made: list[int] = []


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path))
    made.clear()
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.program"))


def asked(call: Program, power: int = 2, length: int = 5) -> np.ndarray:
    return np.asarray(call(np.linspace(0, 1, length), (jnp.float64(3), "y"), power=power)["y"])


def test_a_kept_program_is_not_traced_again_and_gives_the_same_bits(cache):
    first = asked(program(scaled))
    again = asked(program(scaled))
    assert made == [2]
    assert len(kept(cache)) == 1
    np.testing.assert_array_equal(first, again)


def test_another_shape_or_value_is_another_program(cache):
    one = program(scaled)
    for power, length in ((2, 5), (3, 5), (2, 6), (2, 5)):
        np.testing.assert_allclose(asked(one, power, length), 3 * np.sin(np.linspace(0, 1, length)) ** power)
    assert made == [2, 3, 2]
    assert len(kept(cache)) == 3


def test_a_damaged_file_is_made_again(cache):
    first = asked(program(scaled))
    kept(cache)[0].write_bytes(b"\x80\x05broken")
    np.testing.assert_array_equal(first, asked(program(scaled)))
    assert made == [2, 2]
    asked(program(scaled))
    assert made == [2, 2]


@pytest.mark.parametrize("folder", ["", "file/inside"])
def test_without_a_cache_it_works_all_the_same(cache, monkeypatch, folder):
    (cache / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("SEEDBED_CACHE", folder and str(cache / folder))
    asked(program(scaled))
    asked(program(scaled))
    assert made == [2, 2]


def test_other_code_is_another_program(cache, monkeypatch):
    asked(program(scaled))
    monkeypatch.setattr("seedbed.base.kept.code_sha256", lambda *modules: "other")
    asked(program(scaled))
    assert made == [2, 2]


def test_a_program_inside_another_is_part_of_it(cache):
    inner = program(scaled)
    slope = jax.grad(lambda x: inner(x, (jnp.float64(3), "y"))["y"].sum())(jnp.ones(2))
    np.testing.assert_allclose(slope, 6 * np.sin(1) * np.cos(1) * np.ones(2))
    assert kept(cache) == []


@pytest.mark.parametrize("market", MARKETS)
def test_the_equation_changes_no_number_type_unasked_and_keeps_its_shapes(lab, market):
    """Traced, not run; the suite's import hook checks every annotated shape on the way."""
    inputs = lab.compiled(market, ("guangdong", "gansu")).inputs
    with jax.numpy_dtype_promotion("strict"):
        eqx.filter_eval_shape(lambda i: run(settled(i)), inputs)
        eqx.filter_eval_shape(lambda i: follow(i, lambda year: indicators(i, year)), inputs)


SCRIPT = """
import sys
import jax.numpy as jnp
import numpy as np
from seedbed.base import kept
kept.code_sha256 = lambda *_: sys.argv[1]
from seedbed.market.programs import program

@program
def ranked(x):
    return jnp.sort(jnp.sin(x) @ x.T, axis=0).sum(0), (x > x.mean()).argmax(0)

print(*[np.asarray(part).sum() for part in ranked(np.linspace(0, 1, 900).reshape(30, 30))])
"""


def test_a_program_of_changed_code_could_not_be_read_again(tmp_path: Path) -> None:
    """JAX's own cache gave back what another version had compiled, and that lacks functions when it is kept."""
    environment = {**os.environ, "SEEDBED_CACHE": str(tmp_path), "JAX_COMPILATION_CACHE_DIR": str(tmp_path),
                   "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    said = [subprocess.run([sys.executable, "-c", SCRIPT, code], capture_output=True, text=True, env=environment,
                           check=False) for code in ("old", "new", "new")]
    assert [done.returncode for done in said] == [0, 0, 0], said[-1].stderr[-300:]
    assert len({done.stdout for done in said}) == 1
    assert len(list(tmp_path.glob("*.program"))) == 2
