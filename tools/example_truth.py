"""Writes `examples/truth`, the small truth folder that `seedbed backtest` can be tried on, from the facts that ship.

    python tools/example_truth.py
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from seedbed import facts

FOLDER = Path(__file__).parent.parent / "examples" / "truth"
REGIONS = ("AUS", "CAN", "CN", "DEU", "FRA", "GBR", "IND", "KOR")
ORIGINS, AHEAD = (2018, 2020), 3


def main() -> None:
    """Shares of electric cars in sales of eight countries, the world's, and what came after two origins."""
    found = facts.read("country_ev", variable="sales_share").data.sort("place", "year").with_columns(
        (100 * pl.col("value")).round(6))  # per cent, as the protocol has it
    panel = found.filter(pl.col("place").is_in(REGIONS)).select(region="place", year="year", value="value")
    world = found.filter(pl.col("place") == "WLD").select(
        series=pl.lit("world_ev_share"), year="year", value="value")
    tasks = [pl.select(target=pl.lit("ev_share"), origin=pl.lit(origin)).join(
        panel.filter(pl.col("year").is_between(origin + 1, origin + AHEAD)), how="cross") for origin in ORIGINS]
    FOLDER.mkdir(parents=True, exist_ok=True)
    panel.write_csv(FOLDER / "ev_share.csv")
    world.write_csv(FOLDER / "world_covariates.csv")
    pl.concat(tasks).select("target", "region", "origin", "year", "value").write_csv(FOLDER / "truth.csv")


if __name__ == "__main__":
    main()
