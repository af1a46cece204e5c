"""Calibration: exact slopes, known answers recovered, the stored fit reproduced."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.learning import calibrate as learn
from seedbed.learning import evidence
from seedbed.learning.calibrate import Target, calibrate, centre, compiled, mean_error, shares_of, target, with_vector
from seedbed.learning.posterior import laplace
from seedbed.market.beliefs import Prior, fits
from seedbed.market.compile import WIDTH
from seedbed.market.definition import definitions, get

pytestmark = pytest.mark.xdist_group("learn")


@pytest.fixture(scope="module")
def vehicles():
    """The calibration of vehicles that `make fit` stores."""
    return calibrate(get("vehicles"), train_until=2024)


def test_the_slope_of_the_loss_equals_finite_differences(vehicles):
    market, seen = compiled(get("vehicles"), 2024), target(get("vehicles"), 2024)
    mean, spread = centre(Prior())
    weight = np.where(np.isfinite(seen.share), 1 / seen.noise**2, 0.0)
    given = (market.inputs, *map(jnp.asarray, (np.nan_to_num(seen.share, nan=0.5), weight, mean, spread)),
             jnp.asarray(seen.of_stock), evidence.asked(market, evidence.targets("vehicles", 2024)))
    at = mean + 0.1 * spread * np.cos(np.arange(len(mean)))
    slope = np.asarray(learn._gradient(jnp.asarray(at), *given)[1])
    for index, one in enumerate(np.eye(len(at))):
        ahead, behind = (float(learn._gradient(jnp.asarray(at + s * one), *given)[0]) for s in (1e-5, -1e-5))
        assert (ahead - behind) / 2e-5 == pytest.approx(slope[index], rel=1e-4, abs=1e-6 * np.abs(slope).max())


def test_the_stored_fit_is_what_a_fresh_calibration_finds(vehicles):
    """If this fails the equation or its data have changed since the fits were stored: run `make fit`."""
    stored = fits()["vehicles"]["beliefs"]
    fresh = vehicles.beliefs(Prior()).model_dump()
    assert isinstance(stored, dict)
    assert set(stored) == set(fresh)
    for name, value in fresh.items():
        if name != "joint":
            assert stored[name] == pytest.approx(value, rel=1e-3), name
    draws = np.array(laplace(vehicles).joint(vehicles))
    assert np.array(stored["joint"]).mean(0) == pytest.approx(draws.mean(0), abs=0.02)
    assert np.array(stored["joint"]).std(0) == pytest.approx(draws.std(0), rel=0.05)


def test_every_stored_fit_names_a_market_its_technologies_and_a_small_error():
    for name, fit in fits().items():
        assert fit["technologies"] == [t.id for t in definitions()[name].technologies]
        assert fit["beliefs"]["calibrated"] is True  # type: ignore[index]
        assert fit["fit"]["mean_absolute_error_share"] < 0.06, name  # type: ignore[index]


def test_what_the_equation_itself_made_is_recovered_and_forecast(monkeypatch):
    definition = get("vehicles")
    market, seen = compiled(definition, 2024), target(definition, 2024)
    truth = centre(Prior())[0]
    truth[0] += 0.25
    truth[4:9] = [0.4, -0.3, -0.2, 0.3, -1.0]
    path = learn.simulated(with_vector(market.inputs, jnp.asarray(truth)))
    made = np.where(np.arange(WIDTH) < 5, np.asarray(shares_of(path, False)), np.nan)
    monkeypatch.setattr(learn, "target", lambda *_: Target(seen.years, made, np.full(made.shape, 0.05), False))
    fit = calibrate(definition, train_until=2020)
    assert mean_error(fit, [2, 3, 4], list(range(2010, 2021))) < 0.003
    assert mean_error(fit, [2, 3, 4], list(range(2021, 2025))) < 0.02
    assert fit.vector[0] > centre(Prior())[0][0]  # the cost weight moved towards the truth, not away


def test_held_out_years_do_not_touch_the_fit(monkeypatch):
    definition = get("vehicles")
    seen = target(definition, 2024)
    late = np.array(seen.years) > 2018
    wild = Target(seen.years, np.where(late[:, None], 0.2, seen.share), seen.noise, seen.of_stock)
    honest = calibrate(definition, train_until=2018)
    monkeypatch.setattr(learn, "target", lambda *_: wild)
    assert np.array_equal(calibrate(definition, train_until=2018).vector, honest.vector)


def test_data_never_widen_what_was_believed(vehicles):
    assert (np.sqrt(np.diag(vehicles.covariance)) <= centre(Prior())[1] * (1 + 1e-9)).all()


def test_beliefs_from_a_fit_are_in_range(vehicles):
    found = vehicles.beliefs(Prior())
    assert found.alpha > 0
    assert 0 < found.beta < 1
    assert found.memory > 1
    assert 0.05 <= found.shock <= 0.3
    assert found.calibrated


def test_a_market_without_history_is_refused_with_the_fix():
    thin = get("vehicles").model_copy(update={"id": "thin", "technologies": get("vehicles").technologies[:1]})
    with pytest.raises(InvalidInputError, match=r"thin\.yaml.*no series long enough.*observed"):
        target(thin, 2015)
