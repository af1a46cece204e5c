"""A simulation on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from seedbed.market.simulate import simulate
from seedbed.show import outcome
from seedbed.show.write import write


def test_a_written_outcome_reads_back_the_same_with_what_made_it(tmp_path: Path) -> None:
    found = simulate("vehicles", until=2026)
    write(tmp_path / "out.nc", outcome.written(found, "en"))
    with xr.open_dataset(tmp_path / "out.nc", engine="h5netcdf") as read:
        np.testing.assert_array_equal(read.share, found.dataset.share)
        assert read.attrs["mix"] == found.dataset.attrs["mix"]
