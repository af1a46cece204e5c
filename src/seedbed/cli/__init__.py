"""The command line: the same verbs as the Python API, one module a group of commands.

Heavy imports live inside the commands: `seedbed --help` imports typer and nothing of the model.
"""

from __future__ import annotations

import os
import sys

import typer

from seedbed.base.errors import SeedbedError
from seedbed.cli import ensemble, facts, inventory, policy, stage
from seedbed.cli.accounts import accounts
from seedbed.cli.backtest import backtest
from seedbed.cli.explain import explain
from seedbed.cli.footprint import footprint
from seedbed.cli.learn import learn
from seedbed.cli.optimise import optimise
from seedbed.cli.plan import plan
from seedbed.cli.simulate import simulate

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Seedbed 苗圃 · plans, tests and runs the cultivation of green, low-carbon markets.")
app.command()(plan)
app.command()(explain)
app.command()(optimise)
app.command()(simulate)
app.command()(learn)
app.command()(backtest)
app.command()(footprint)
app.command()(accounts)
app.add_typer(ensemble.app, name="ensemble")
app.add_typer(inventory.app, name="inventory")
app.add_typer(stage.app, name="stage")
app.add_typer(policy.app, name="policy")
app.add_typer(facts.app, name="facts")


def main() -> None:
    """Run the command line; input errors print one line and exit with code 2."""
    _quiet()
    try:
        app()
    except SeedbedError as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        sys.exit(2)


def _quiet() -> None:
    """Keep compiled programs between runs (SEEDBED_CACHE, "" switches it off) and silence JAX's start-up notes."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("JAX_PLATFORMS", "")
    home = os.environ.get("XDG_CACHE_HOME", os.path.join(os.path.expanduser("~"), ".cache"))
    cache = os.environ.get("SEEDBED_CACHE", os.path.join(home, "seedbed", "jax"))
    if cache:
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", cache)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.5")


if __name__ == "__main__":
    main()
