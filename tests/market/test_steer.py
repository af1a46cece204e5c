"""The first years follow the stored forecasts: which run does, how closely, and what stays free."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.learning.forecast import outlook
from seedbed.market.arrays import Inputs, Scenario
from seedbed.market.definition import Definition, definitions
from seedbed.market.draws import STAYING, Spread, member
from seedbed.market.ensemble import BLOCK, ensemble, forecasting, stack
from seedbed.market.forecasts import AHEAD, LEVELS, SCORES, Forecasts, stored
from seedbed.market.simulate import simulate
from seedbed.market.steer import MOST

YEARS = slice(1, AHEAD + 1)


def growth(lab: Any, inputs: Inputs) -> np.ndarray:
    """Stock of each group relative to the first year, T×G."""
    path = lab.run(inputs)
    stock = path.stock.sum((1, 2)) @ np.asarray(inputs.ahead.group).T
    return stock / stock[0]


def odds(lab: Any, inputs: Inputs) -> np.ndarray:
    """Log odds of the first group's share of purchases, T."""
    bought = lab.run(inputs).bought.sum((1, 2))
    share = bought @ np.asarray(inputs.ahead.group)[0] / bought.sum(-1)
    return np.log(share / (1 - share))


def moved(lab: Any, inputs: Inputs) -> np.ndarray:
    found = odds(lab, inputs)
    return found[YEARS] - found[0]


def kept() -> Forecasts:
    found = stored()
    assert found
    return found


def medians(series: str, place: str = "CN") -> np.ndarray:
    return np.array(kept().series[series].places[place])[:, LEVELS.index(0.5)]


def test_purchases_under_policy_as_it_is_follow_the_forecast(lab: Any) -> None:
    assert moved(lab, lab.steered("vehicles")) == pytest.approx(medians("cn_nev_share"), abs=0.01)


def test_a_province_without_a_forecast_moves_as_the_nation_does(lab: Any) -> None:
    assert moved(lab, lab.steered("vehicles", "sichuan")) == pytest.approx(medians("cn_nev_share"), abs=0.01)


def test_a_stock_follows_the_forecast_of_its_place(lab: Any) -> None:
    found = growth(lab, lab.steered("electricity", "guangdong"))[YEARS]
    assert found[:3, 0] == pytest.approx(np.exp(medians("prov_solar_gw", "CN-GD"))[:3], rel=0.02)
    assert found[:3, 1] == pytest.approx(np.exp(medians("prov_wind_gw", "CN-GD"))[:3], rel=0.02)


def test_what_demand_cannot_hold_is_not_followed(lab: Any) -> None:
    inputs = lab.steered("electricity", "gansu")
    bought = lab.run(inputs).bought.sum((1, 2))
    part = (bought @ np.asarray(inputs.ahead.group).T).sum(-1) / bought.sum(-1)
    assert part[YEARS].max() < MOST + 0.01
    assert growth(lab, inputs)[AHEAD, 0] < 0.8 * np.exp(medians("prov_solar_gw", "CN-GS")[-1])


def test_policies_act_on_top_of_the_forecast(lab: Any) -> None:
    inputs = lab.steered("vehicles")
    without = odds(lab, lab.under(inputs, 0.0))
    assert (odds(lab, inputs) - without).min() > 0.05


def test_the_last_shift_stays_after_the_forecast_ends(lab: Any) -> None:
    shocks = np.asarray(lab.steered("electricity").beliefs.shocks)
    assert np.ptp(shocks[AHEAD:], axis=0).max() == 0
    assert np.abs(shocks[0]).max() == 0
    assert np.abs(shocks[AHEAD]).max() > 0.1


def test_without_a_forecast_settling_is_anchoring(lab: Any) -> None:
    assert not lab.compiled("steel").forecast
    same = jax.tree.map(np.array_equal, lab.steered("steel"), lab.settled("steel"))
    assert all(jax.tree.leaves(same))


def test_a_run_from_another_year_follows_no_forecast() -> None:
    compiled = simulate("vehicles", start=2020, until=2030).compiled
    assert not compiled.forecast
    assert not np.asarray(compiled.inputs.ahead.move).any()


def test_members_spread_over_the_forecast_and_only_as_far(lab: Any) -> None:
    definition, members = definitions()["vehicles"], 40 * BLOCK
    inputs = stack([lab.compiled("vehicles").inputs])
    assert forecasting(inputs) == (0,)
    now = inputs.drivers
    still = Scenario(*(x[None] for x in (now.fixed, now.by_rule, now.least, inputs.rule)))
    for kinds, wide in ((("parameters", "process", "world"), True), (("parameters", "world"), False)):
        spread = jax.tree.map(lambda x: x[None], Spread.of(definition, kinds))
        share = ensemble(inputs, spread, still, jax.random.key(5), members).green_share[0, :, 0, :, 0].astype(float)
        assert np.ptp(share[:, 0]) < 1e-3, "the first year is observed"
        move = np.log(share / (1 - share)) - np.log(share[:, :1] / (1 - share[:, :1]))
        found = np.quantile(move[:, YEARS], [0.25, 0.5, 0.75], axis=0)
        wanted = np.array(kept().series["cn_nev_share"].places["CN"])[:, [LEVELS.index(x) for x in (0.25, 0.5, 0.75)]].T
        if wide:
            assert found == pytest.approx(wanted, abs=0.15)
        else:  # what is drawn of costs and tastes acts, about the middle of the forecast and well inside it
            assert found[1] == pytest.approx(wanted[1], abs=0.09)  # three standard errors of a median of 320
            assert (found[2] - found[0] < 0.7 * (wanted[2] - wanted[0])).all()


def test_ranks_are_normal_and_stay_from_year_to_year(lab: Any) -> None:
    centre = lab.compiled("vehicles").inputs.beliefs
    spread, key = Spread.of(definitions()["vehicles"]), jax.random.key(0)
    ranks = np.asarray(jax.vmap(lambda number: member(centre, spread, key, number).rank)(jnp.arange(3000)))
    assert ranks.mean(0) == pytest.approx(np.zeros(ranks.shape[1:]), abs=0.07)
    assert ranks.std(0) == pytest.approx(np.ones(ranks.shape[1:]), abs=0.05)
    beside = [np.corrcoef(ranks[:, n, 0], ranks[:, n + 1, 0])[0, 1] for n in range(AHEAD - 1)]
    assert beside == pytest.approx(STAYING, abs=0.03)


def test_beyond_the_outermost_levels_the_forecast_goes_on_straight(lab: Any) -> None:
    move = np.asarray(lab.compiled("vehicles").inputs.ahead.move)[:, 0, 0]
    slope = np.diff(move) / np.diff(SCORES)
    assert slope[:, 0] == pytest.approx(slope[:, 1])
    assert slope[:, -1] == pytest.approx(slope[:, -2])


def test_shifts_differ_between_places_that_run_together(lab: Any) -> None:
    inputs = lab.steered("electricity", "guangdong", "gansu", "sichuan")
    shifts = np.asarray(inputs.beliefs.shocks)[1]
    assert len(shifts) == 3
    assert np.ptp(shifts, axis=0).max() > 0.1


def test_a_forecast_of_an_unknown_technology_is_refused() -> None:
    body = definitions()["steel"].model_dump(mode="json")
    with pytest.raises(ValueError, match="names technologies that are not there: warp_drive"):
        Definition(**{**body, "forecasts": [{"technologies": ["warp_drive"], "nation": "cn_nev_share"}]})


def test_every_series_that_a_market_names_is_stored_and_grows_wider() -> None:
    found = kept()
    assert found.year == 2024
    for definition in definitions().values():
        for forecast in definition.forecasts:
            assert "CN" in found.series[forecast.nation].places
            assert forecast.province is None or len(found.series[forecast.province].places) == 31
    for series in found.series.values():
        for quantiles in series.places.values():
            table = np.array(quantiles)
            assert table.shape == (AHEAD, len(LEVELS))
            assert (np.diff(table) > 0).all()
            assert (np.diff(table[:, -1] - table[:, 0]) > 0).all()


def test_stored_forecasts_are_of_this_code_and_these_tables() -> None:
    """Where this fails, run `python -m seedbed.learning.forecast.outlook`."""
    found = kept()
    assert found.made_by == outlook.made_by(sorted(found.series))


def test_forecasts_that_cannot_be_run_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        simulate("vehicles", start=2024, until=2024)


def test_short_runs_follow_as_far_as_they_go() -> None:
    bought = simulate("vehicles", until=2026).dataset["purchases"].sum(("place", "channel"))
    green = (bought.sel(technology=["phev", "bev", "fcev"]).sum("technology") / bought.sum("technology")).values
    move = np.log(green / (1 - green))
    assert move[1:] - move[0] == pytest.approx(medians("cn_nev_share")[:2], abs=0.01)
