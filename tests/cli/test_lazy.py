"""`seedbed --help` stays quick because nothing heavy is imported for it."""

import subprocess
import sys

HEAVY = ("jax", "numpy", "polars", "pydantic", "xarray", "scipy", "typst", "py_mini_racer", "optax", "equinox")


def test_the_command_line_imports_nothing_heavy_before_a_command_runs():
    code = f"import sys, seedbed.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
