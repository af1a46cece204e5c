"""What a forecast must beat: a straight line, an exponential and a logistic through the training years."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

Forecast = Callable[[np.ndarray], np.ndarray]


def linear(years: np.ndarray, values: np.ndarray) -> Forecast:
    """Ordinary least squares on the level."""
    slope, level = np.polyfit(years, values, 1)
    return lambda t: slope * t + level


def recent(years: np.ndarray, values: np.ndarray) -> Forecast:
    """A straight line through the last three years, from the last value."""
    slope = (values[-1] - values[-3]) / (years[-1] - years[-3])
    return lambda t: values[-1] + slope * (t - years[-1])


def exponential(years: np.ndarray, values: np.ndarray) -> Forecast:
    """Ordinary least squares on the logarithm."""
    slope, level = np.polyfit(years, np.log(np.maximum(values, 1e-12)), 1)
    return lambda t: np.exp(slope * t + level)


def logistic(years: np.ndarray, values: np.ndarray, ceiling: float | None = None) -> Forecast:
    """A logistic curve; with `ceiling` a straight line on the logit, else the ceiling is fitted too."""
    if ceiling is not None:
        share = np.clip(values / ceiling, 1e-6, 1 - 1e-6)
        slope, level = np.polyfit(years, np.log(share / (1 - share)), 1)
        return lambda t: ceiling / (1 + np.exp(-(slope * t + level)))
    top = float(values.max())

    def curve(t: np.ndarray, k: float, r: float, middle: float) -> np.ndarray:
        return k / (1 + np.exp(-r * (t - middle)))

    found, _ = curve_fit(curve, years, values, p0=(2 * top, 0.4, float(years[-1])), maxfev=20000,
                         bounds=((top, 0.01, years[0] - 5), (50 * top, 3.0, years[-1] + 30)))
    return lambda t: curve(t, *found)


BASELINES: dict[str, Callable[[np.ndarray, np.ndarray], Forecast]] = {
    "linear": linear, "recent line": recent, "exponential": exponential, "logistic": logistic,
}
