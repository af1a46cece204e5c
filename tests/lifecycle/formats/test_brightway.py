"""Brightway packages: read what bw_processing writes, and calculate with bw2calc what we write."""

from __future__ import annotations

import bz2
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import bw2calc
import bw_processing as bwp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from bw2calc.utils import get_datapackage
from bw_processing.constants import MatrixSerializeFormat
from bw_processing.io_helpers import generic_directory_filesystem, generic_zipfile_filesystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.database import Database
from seedbed.lifecycle.formats.brightway import read as brightway
from seedbed.lifecycle.formats.brightway.write import node_id, write, write_package
from seedbed.lifecycle.inventory.tables import TABLES, Inventory, Reading, table
from seedbed.lifecycle.solve import system as systems
from seedbed.lifecycle.starter.build import starter

TECHNOSPHERE, BIOSPHERE, FACTORS = "technosphere_matrix", "biosphere_matrix", "characterization_matrix"


def group(package: Any, name: str, matrix: str, cells: list[tuple[int, int, float]], **arrays: Any) -> None:
    """Add the entries (row, column, number) to a package of bw_processing."""
    package.add_persistent_vector(
        matrix=matrix, name=name, indices_array=np.array([cell[:2] for cell in cells], dtype=bwp.INDICES_DTYPE),
        data_array=np.array([cell[2] for cell in cells]), **arrays,
    )


def distributions(*rows: tuple[int, float, float, float, float]) -> np.ndarray:
    """(type, loc, scale, minimum, maximum) as bw_processing's array."""
    full = [(kind, loc, scale, np.nan, low, high, False) for kind, loc, scale, low, high in rows]
    return np.array(full, dtype=bwp.UNCERTAINTY_DTYPE)


def create(folder: Path, name: str = "works", *, zipped: bool = True, **options: Any) -> Any:
    """An empty package of bw_processing, to be written at `folder / name` (with .zip)."""
    if zipped:
        target = generic_zipfile_filesystem(dirpath=folder, filename=f"{name}.zip", write=True)
    else:
        target = generic_directory_filesystem(dirpath=folder / name)
    return bwp.create_datapackage(fs=target, name=name, **options)


def steel_works(folder: Path, name: str = "works", *, zipped: bool = True) -> Any:
    """Steel (1) from power (2) and scrap treatment (3, made in negative amounts), with carbon dioxide (9)."""
    made = create(folder, name, zipped=zipped)
    cells = [(1, 1, 2.0), (2, 1, 0.5), (3, 1, 0.25), (2, 2, 1.0), (1, 2, 0.01), (3, 3, -1.0), (2, 3, 0.125)]
    group(made, "tech", TECHNOSPHERE, cells, flip_array=np.array([0, 1, 0, 0, 1, 0, 0], dtype=bool))
    group(made, "bio", BIOSPHERE, [(9, 1, 3.0), (9, 2, 4.0), (8, 1, 1.5)])
    nodes = {"id": [1, 2, 3], "code": ["steel", "power", "scrap"], "name": ["steel making", "发电", "scrap treatment"],
             "location": ["CN-HE", "CN", None], "unit": ["kilogram", "kWh", "kg"],
             "reference product": ["steel", "电", "scrap"]}
    made.add_csv_metadata(dataframe=pd.DataFrame(nodes), valid_for=[("tech", "col")], name="nodes")
    flows = {"id": [9, 8], "name": ["Carbon dioxide", "Ore"], "unit": ["kg", "bucket"],
             "categories": ["('air', 'urban')", "('natural resource', 'in ground')"]}
    made.add_csv_metadata(dataframe=pd.DataFrame(flows), valid_for=[("bio", "row")], name="flows")
    return made


def finish(package: Any, folder: Path) -> Path:
    """Write the package's description; its zip file or folder."""
    package.finalize_serialization()
    path = folder / package.metadata["name"]
    return path if path.is_dir() else path.with_name(f"{path.name}.zip")


def rows(reading: Reading, *columns: str) -> list[tuple[Any, ...]]:
    return reading.inventory.exchanges.select(columns).rows()


# Reading packages of bw_processing


@pytest.mark.parametrize("zipped", [True, False])
def test_processes_and_flows_are_described_by_the_packages_tables(tmp_path: Path, zipped: bool) -> None:
    inventory = brightway.read(finish(steel_works(tmp_path, zipped=zipped), tmp_path)).inventory
    assert inventory.name == "works"
    assert inventory.processes.select("id", "name_zh", "name_en", "place").rows() == [
        ("steel", None, "steel making", "CN-HE"), ("power", "发电", None, "CN"),
        ("scrap", None, "scrap treatment", None),
    ]
    assert inventory.flows.select("id", "name_zh", "name_en", "kind", "unit", "compartment").rows() == [
        ("steel", None, "steel", "product", "kg", None), ("power", "电", None, "product", "kWh", None),
        ("scrap", None, "scrap", "waste", "kg", None), ("9", None, "Carbon dioxide", "elementary", "kg", "air/urban"),
        ("8", None, "Ore", "elementary", "bucket", "resource/in ground"),
    ]


def test_entries_become_exchanges_with_positive_amounts_in_their_direction(tmp_path: Path) -> None:
    reading = brightway.read(finish(steel_works(tmp_path), tmp_path))
    assert rows(reading, "process", "row", "flow", "direction", "amount", "reference", "avoided", "provider") == [
        ("steel", 1, "steel", "output", 2.0, True, False, None),
        ("steel", 2, "power", "input", 0.5, False, False, "power"),
        ("steel", 3, "scrap", "output", 0.25, False, False, "scrap"),
        ("steel", 4, "9", "output", 3.0, False, False, None),
        ("steel", 5, "8", "input", 1.5, False, False, None),
        ("power", 1, "power", "output", 1.0, True, False, None),
        ("power", 2, "steel", "input", 0.01, False, False, "steel"),
        ("power", 3, "9", "output", 4.0, False, False, None),
        ("scrap", 1, "scrap", "input", 1.0, True, False, None),
        ("scrap", 2, "power", "output", 0.125, False, True, "power"),
    ]
    assert reading.defects.select("kind", "flow").rows() == [("flow_unknown_unit", "8")]


def test_what_is_read_solves_as_bw2calc_solves_it(tmp_path: Path) -> None:
    package = steel_works(tmp_path)
    group(package, "cf", FACTORS, [(9, 1, 1.0), (8, 1, 10.0)])
    path = finish(package, tmp_path)
    lca = bw2calc.LCA({1: 1}, data_objs=[path])
    lca.lci()
    lca.lcia()
    inventory = brightway.read(path).inventory
    factors = dict(inventory.factors.select("flow", "factor").iter_rows())
    system = systems.build(inventory)
    steel = system.columns.filter(process="steel")["column"][0]
    supply = np.linalg.solve(system.A.toarray(), np.eye(3)[steel])
    score = sum(factors[flow] * amount for flow, amount in zip(system.flows["id"], system.B @ supply, strict=True))
    assert score == pytest.approx(lca.score, rel=1e-12)


def test_distributions_are_scaled_and_turned_with_the_number(tmp_path: Path) -> None:
    made = create(tmp_path, "spread")
    nan = math.nan
    cells = [(1, 1, 1.0), (2, 2, 1.0), (2, 1, 4.0), (3, 1, 3.0), (3, 3, 1.0), (4, 1, 2.0), (4, 4, 1.0), (5, 1, 1.0),
             (5, 5, 1.0)]
    spread = distributions(
        (0, 1, nan, nan, nan), (0, 1, nan, nan, nan), (2, math.log(4), 0.25, nan, nan), (3, 3, 0.5, nan, nan),
        (1, 1, nan, nan, nan), (5, 2, nan, 1, 4), (0, 1, nan, nan, nan), (9, 1, 1, nan, nan), (0, 1, nan, nan, nan),
    )
    rescale = np.array([1, 1, 2, 2, 1, 2, 1, 1, 1], dtype=float)
    group(made, "tech", TECHNOSPHERE, cells, flip_array=np.array([0, 0, 1, 1, 0, 1, 0, 1, 0], dtype=bool),
          distributions_array=spread, rescale_array=rescale)
    reading = brightway.read(finish(made, tmp_path))
    inputs = [row for row in rows(reading, "flow", "amount", "distribution", "loc", "scale", "low", "high")
              if row[0] != "1" and row[1] != 1]
    assert inputs == [
        ("2", 8.0, "lognormal", pytest.approx(math.log(8), rel=1e-6), 0.25, None, None),
        ("3", 6.0, "normal", 6.0, 1.0, None, None),
        ("4", 4.0, "triangular", 4.0, None, 2.0, 8.0),
    ]
    assert reading.defects.select("kind", "value", "detail").rows() == [
        ("uncertainty_bad", 1.0, "stats_arrays distribution 9")
    ]


def test_a_later_group_replaces_the_cells_it_names_and_duplicates_within_a_group_add_up(tmp_path: Path) -> None:
    made = create(tmp_path, "layers")
    group(made, "a", TECHNOSPHERE, [(1, 1, 1.0), (2, 2, 1.0), (2, 1, -3.0), (2, 1, -4.0)])
    group(made, "b", TECHNOSPHERE, [(2, 1, -5.0), (2, 1, -6.0)])
    found = brightway.read(finish(made, tmp_path)).inventory.exchanges.filter(flow="2")
    assert found["amount"].to_list() == [5.0, 6.0, 1.0]


def test_packages_that_add_up_between_groups_and_overwrite_within_are_obeyed(tmp_path: Path) -> None:
    made = create(tmp_path, "layers", sum_intra_duplicates=False, sum_inter_duplicates=True)
    group(made, "a", TECHNOSPHERE, [(1, 1, 1.0), (2, 2, 1.0), (2, 1, -3.0), (2, 1, -4.0)])
    group(made, "b", TECHNOSPHERE, [(2, 1, -5.0)])
    found = brightway.read(finish(made, tmp_path)).inventory.exchanges.filter(flow="2")
    assert found["amount"].to_list() == [4.0, 5.0, 1.0]


def test_the_flagged_reference_comes_before_the_diagonal(tmp_path: Path) -> None:
    made = create(tmp_path, "flags")
    group(made, "t", TECHNOSPHERE, [(7, 1, 2.0), (1, 1, 1.0), (8, 2, 3.0)],
          reference_array=np.array([True, False, False]))
    assert rows(brightway.read(finish(made, tmp_path)), "process", "flow", "reference", "avoided") == [
        ("1", "7", True, False), ("1", "1", False, False), ("2", "8", True, False),
    ]


def test_parquet_packages_are_read_too(tmp_path: Path) -> None:
    made = create(tmp_path, matrix_serialize_format_type=MatrixSerializeFormat.PARQUET)
    spread = distributions((0, 2, 0, 0, 0), (0, 1, 0, 0, 0), (3, 0.5, 0.1, math.nan, math.nan))
    group(made, "t", TECHNOSPHERE, [(1, 1, 2.0), (2, 2, 1.0), (2, 1, 0.5)], flip_array=np.array([False, False, True]),
          distributions_array=spread)
    reading = brightway.read(finish(made, tmp_path))
    assert rows(reading, "process", "flow", "amount", "distribution") == [
        ("1", "1", 2.0, None), ("1", "2", 0.5, "normal"), ("2", "2", 1.0, None),
    ]


def test_a_folder_of_packages_is_one_inventory_with_its_methods(tmp_path: Path) -> None:
    finish(steel_works(tmp_path, "a"), tmp_path)
    method = create(tmp_path, "b")
    group(method, "cf", FACTORS, [(9, 1, 1.0), (9, 56, 2.0)], identifier=["IPCC", "GWP100"], global_index=1)
    finish(method, tmp_path)
    seen: list[tuple[int, int]] = []
    reading = brightway.read(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert reading.inventory.methods["id"].to_list() == ["IPCC | GWP100"]
    assert reading.inventory.factors.rows() == [("IPCC | GWP100", "9", None, 1.0)]
    assert ("place_unknown", 1.0, "IPCC | GWP100") in reading.defects.select("kind", "value", "detail").rows()


@pytest.mark.parametrize("kind", ["array", "interface", "broken"])
def test_groups_that_are_no_single_numbers_are_reported(tmp_path: Path, kind: str) -> None:
    package = steel_works(tmp_path)
    if kind == "array":
        indices = np.array([(1, 1)], dtype=bwp.INDICES_DTYPE)
        package.add_persistent_array(matrix=TECHNOSPHERE, name="x", indices_array=indices, data_array=np.ones((1, 3)))
    path = finish(package, tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if kind == "interface":
        about = json.loads(files["datapackage.json"])
        about["resources"].append({"group": "x", "kind": "indices", "category": "interface", "matrix": TECHNOSPHERE})
        files["datapackage.json"] = json.dumps(about).encode()
    if kind == "broken":
        files["bio.data.npy"] = b"no array"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    reading = brightway.read(path, name="works")
    found = reading.defects.filter(kind="file_unreadable")["where"].to_list()
    assert found == ["works.zip/bio" if kind == "broken" else "works.zip/x"]
    assert reading.inventory.processes.height == 3


def test_a_column_that_makes_nothing_is_reported(tmp_path: Path) -> None:
    made = create(tmp_path, "idle")
    group(made, "t", TECHNOSPHERE, [(1, 1, 1.0), (1, 2, -1.0)])
    defects = brightway.read(finish(made, tmp_path)).defects
    assert defects.select("kind", "process").rows() == [("reference_missing", "2")]


@pytest.mark.parametrize("content", [None, b"{", b"[]", b"{}"])
def test_what_is_no_package_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt" if content is None else "datapackage.json", content or b"")
    with pytest.raises(InvalidInputError, match=r"other\.zip: "):
        brightway.read(path)


# Writing packages


@st.composite
def matrices(draw: st.DrawFn) -> tuple[sparse.csc_matrix, sparse.csc_matrix, np.ndarray]:
    """A productive technosphere (n, n), a biosphere (m, n) and factors (m,)."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    number = st.floats(-3, 3).filter(lambda x: abs(x) > 1e-6)
    inputs = np.array([[draw(number) if draw(st.booleans()) else 0.0 for _ in range(n)] for _ in range(n)])
    np.fill_diagonal(inputs, 0)
    made = np.abs(inputs).sum(axis=0) + draw(st.floats(0.5, 2))
    nature = np.array([[draw(st.floats(-5, 5)) for _ in range(n)] for _ in range(m)])
    nature[0, 0] = 1.0
    factors = np.array([draw(st.floats(0.1, 9)) for _ in range(m)])
    return sparse.csc_matrix(np.diag(made) - inputs), sparse.csc_matrix(nature), factors


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(system=matrices())
def test_bw2calc_scores_our_packages_as_a_direct_solve_does(tmp_path: Path, system: Any) -> None:
    A, B, factors = system
    names, flows = [f"p{i}" for i in range(A.shape[0])], [f"e{i}" for i in range(B.shape[0])]
    described = pl.DataFrame({"id": names, "name": names, "unit": "kg"})
    inventory, *methods = write_package(
        tmp_path / "out", name="db", processes=described, products=described, technosphere=A, biosphere=B,
        flows=pl.DataFrame({"id": flows, "name": flows, "unit": "kg"}), factors={"a b": factors, "a/b": 2 * factors},
    )
    assert [path.name for path in methods] == ["method-a-b.zip", "method-a-b-2.zip"]
    for target, name in enumerate(names):
        wanted = factors @ (B @ np.linalg.solve(A.toarray(), np.eye(len(names))[target]))
        for times, method in enumerate(methods, start=1):
            lca = bw2calc.LCA({node_id("db", name): 1}, data_objs=[inventory, method])
            lca.lci()
            lca.lcia()
            assert lca.score == pytest.approx(times * wanted, rel=1e-9, abs=1e-9)


def test_bw_processing_reads_our_arrays_to_the_last_bit(tmp_path: Path) -> None:
    numbers = np.array([[1 / 3, -1e-17], [-0.1, 7e20]])
    names = pl.DataFrame({"id": ["过程", "b"]})
    inventory, *_ = write_package(
        tmp_path, name="db", processes=names, products=names, flows=pl.DataFrame({"id": ["e"]}),
        technosphere=sparse.csc_matrix(numbers), biosphere=sparse.csc_matrix([[np.pi, np.e]]), licence="CC-BY-4.0",
    )
    package = get_datapackage(inventory)
    data, flip = package.get_resource("technosphere.data")[0], package.get_resource("technosphere.flip")[0]
    assert data.dtype == np.float64
    assert np.array_equal(np.where(flip, -data, data), numbers.T.ravel())
    assert package.get_resource("processes")[0]["code"].tolist() == ["过程", "b"]
    with zipfile.ZipFile(inventory) as archive:
        assert json.loads(archive.read("datapackage.json"))["licenses"] == [{"name": "CC-BY-4.0"}]
    assert package.get_resource("processes")[0]["id"].tolist() == [
        node_id("db", "过程"), node_id("db", "b"),
    ]


def works() -> Inventory:
    """Aluminium and slag from one furnace, power from two plants, waste to a landfill; every distribution once."""
    exchanges = [
        ("furnace", 1, "aluminium", "output", 2.0, True, None, None, None, None, None, None),
        ("furnace", 2, "slag", "output", 1.0, False, None, None, None, None, None, None),
        ("furnace", 3, "power", "input", 30.0, False, None, "lognormal", math.log(30), 0.1, None, None),
        ("furnace", 4, "dross", "output", 0.1, False, None, "uniform", None, None, 0.05, 0.2),
        ("furnace", 5, "co2", "output", 3.0, False, None, "normal", 3.0, 0.2, None, None),
        ("furnace", 6, "bauxite", "input", 8.0, False, None, "triangular", 8.0, None, 7.0, 10.0),
        ("coal", 1, "power", "output", 1.0, True, None, None, None, None, None, None),
        ("coal", 2, "co2", "output", 0.9, False, None, "pert", 0.9, None, 0.8, 1.1),
        ("hydro", 1, "power", "output", 1.0, True, None, None, None, None, None, None),
        ("hydro", 2, "aluminium", "input", 0.001, False, "furnace", None, None, None, None, None),
        ("hydro", 3, "co2", "output", 0.01, False, None, None, None, None, None, None),
        ("landfill", 1, "dross", "input", 1.0, True, None, None, None, None, None, None),
        ("landfill", 2, "co2", "output", -0.2, False, None, "normal", -0.2, 0.05, None, None),
    ]
    columns = ["process", "row", "flow", "direction", "amount", "reference", "provider", "distribution", "loc", "scale",
               "low", "high"]
    flows = [("aluminium", "铝", "aluminium", "product", "kg", None), ("slag", "渣", "slag", "product", "kg", None),
             ("power", None, "power", "product", "kWh", None), ("dross", None, "dross", "waste", "kg", None),
             ("co2", None, "Carbon dioxide", "elementary", "kg", "air"),
             ("bauxite", None, "Bauxite", "elementary", "kg", "resource/ground")]
    processes = [("furnace", "电解", "economic", "CN-YN"), ("coal", None, "none", "CN"), ("hydro", None, "none", "CN"),
                 ("landfill", None, "none", "CN")]

    def made(name: str, keys: list[str], rows: list[Any]) -> pl.DataFrame:
        return table(TABLES[name], [dict(zip(keys, row, strict=True)) for row in rows])

    return Inventory(
        name="works", version="1", licence="CC0",
        processes=made("processes", ["id", "name_zh", "allocation", "place"], processes),
        flows=made("flows", ["id", "name_zh", "name_en", "kind", "unit", "compartment"], flows),
        exchanges=made("exchanges", columns, [tuple(row) for row in exchanges]).with_columns(avoided=pl.lit(False)),
        allocation=made("allocation", ["process", "flow", "method", "factor"],
                        [("furnace", "aluminium", "economic", 0.9), ("furnace", "slag", "economic", 0.1)]),
        methods=made("methods", ["id", "unit"], [("gwp", "kg CO2e")]),
        factors=made("factors", ["method", "flow", "place", "factor"],
                     [("gwp", "co2", None, 1.0), ("gwp", "co2", "CN", 5.0), ("gwp", "unused", None, 1.0)]),
    )


def test_an_inventory_scores_in_bw2calc_as_here(tmp_path: Path) -> None:
    inventory, method, *_ = write(works(), tmp_path)
    system = systems.build(works())
    assert system.size == 5  # the furnace makes two columns
    carbon = (system.flows["id"] == "co2").to_numpy().astype(float)
    for column in system.columns.iter_rows(named=True):
        several = column["process"] == "furnace"
        name = f"furnace|{column['flow']}" if several else column["process"]
        lca = bw2calc.LCA({node_id("works", name): 1}, data_objs=[inventory, method])
        lca.lci()
        lca.lcia()
        wanted = carbon @ (system.B @ np.linalg.solve(system.A.toarray(), np.eye(5)[column["column"]]))
        assert lca.score == pytest.approx(wanted, rel=1e-9)


def test_starter_database_scores_in_bw2calc_as_here(tmp_path: Path) -> None:
    """Climate change goes along, though the database brings no method."""
    database = Database(starter())
    files = {path.name: path for path in write(database.inventory, tmp_path)}
    packages = [files["inventory.zip"], files["method-gwp100-ar6.zip"]]
    number = database.method_number("gwp100-ar6")
    alone = database.columns.filter(pl.len().over("process") == 1).sample(4, seed=1)
    lca = bw2calc.LCA({node_id("starter", alone["process"][0]): 1}, data_objs=packages)
    lca.lci()
    lca.lcia()
    for process, column in alone.select("process", "column").iter_rows():
        lca.lcia(demand={node_id("starter", process): 1})
        assert lca.score == pytest.approx(database.scores[column, number], rel=1e-12)


def test_what_we_write_and_read_again_is_the_same_system(tmp_path: Path) -> None:
    write(works(), tmp_path)
    reading = brightway.read(tmp_path)
    first, again = systems.build(works()), systems.build(reading.inventory)
    codes = pl.when(pl.len().over("process") > 1).then(pl.format("{}|{}", "process", "flow")).otherwise("process")
    mine = first.columns.select(code=codes)["code"].to_list()
    order = [again.columns["process"].to_list().index(code) for code in mine]
    nature = [again.flows["id"].to_list().index(flow) for flow in first.flows["id"]]
    assert np.array_equal(first.A.toarray(), again.A.toarray()[np.ix_(order, order)])
    assert np.array_equal(first.B.toarray(), again.B.toarray()[np.ix_(nature, order)])
    assert not reading.defects.height
    flows = {row["id"]: row for row in reading.inventory.flows.iter_rows(named=True)}
    assert (flows["dross"]["kind"], flows["aluminium"]["name_zh"], flows["bauxite"]["compartment"]) == (
        "waste", "铝", "resource/ground",
    )
    assert reading.inventory.factors.filter(method="gwp").rows() == [("gwp", "co2", None, 1.0)]


def test_distributions_survive_a_round_trip(tmp_path: Path) -> None:
    write(works(), tmp_path)
    again = brightway.read(tmp_path).inventory.exchanges.filter(pl.col("distribution").is_not_null())
    fields = ["process", "flow", "amount", "distribution", "loc", "scale", "low", "high"]
    found = {(row[0], row[1]): row[2:] for row in again.select(fields).rows()}
    assert found["furnace|aluminium", "co2"] == (2.7, "normal", 2.7, pytest.approx(0.18), None, None)
    assert found["furnace|slag", "bauxite"] == (0.8, "triangular", 0.8, None, pytest.approx(0.7), 1.0)
    assert found["furnace|slag", "dross"] == (
        pytest.approx(0.01), "uniform", None, None, pytest.approx(0.005), pytest.approx(0.02))
    assert found["coal", "co2"] == (0.9, "pert", 0.9, None, 0.8, 1.1)
    assert found["landfill", "co2"] == (-0.2, "normal", -0.2, 0.05, None, None)
    # power comes half from each plant: each entry is one exchange, and carries half of it
    assert found["furnace|aluminium", "power"][:4] == (
        pytest.approx(13.5), "lognormal", pytest.approx(math.log(13.5)), 0.1)


def test_bw2calc_draws_from_the_distributions_we_write(tmp_path: Path) -> None:
    inventory, method, *_ = write(works(), tmp_path)
    lca = bw2calc.LCA({node_id("works", "coal"): 1}, data_objs=[inventory, method], use_distributions=True,
                      seed_override=7)
    lca.lci()
    lca.lcia()
    scores = [lca.score for _ in zip(range(200), lca, strict=False)]
    assert min(scores) >= 0.8
    assert max(scores) <= 1.1
    assert np.mean(scores) == pytest.approx((0.8 + 4 * 0.9 + 1.1) / 6, rel=0.02)


def test_the_same_inventory_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in write(works(), tmp_path / "a")]
    assert first == [path.read_bytes() for path in write(works(), tmp_path / "b")]


# bw2package


def bw2package(folder: Path, *objects: object) -> Path:
    """A file as `bw2io` documents it."""

    def plain(item: object) -> object:
        if isinstance(item, tuple):
            return {"__tuple__": True, "data": [plain(part) for part in item]}
        if isinstance(item, dict):
            return {"__dict__": True, "keys": [plain(k) for k in item], "values": [plain(v) for v in item.values()]}
        return [plain(part) for part in item] if isinstance(item, list) else item

    path = folder / "export.bw2package"
    path.write_bytes(bz2.compress(json.dumps(plain(list(objects))).encode()))
    return path


def database(data: dict[Any, Any], name: str = "Mill") -> dict[str, Any]:
    return {"metadata": {}, "name": name, "class": {"module": "bw2data.database", "name": "Database"}, "data": data}


def exchange(
    code: str, amount: float, kind: str = "technosphere", source: str = "Mill", **fields: Any
) -> dict[str, Any]:
    return {"input": (source, code), "amount": amount, "type": kind, **fields}


def test_databases_and_methods_of_a_bw2package(tmp_path: Path) -> None:
    mill = database({
        ("Mill", "paper"): {"name": "paper mill", "reference product": "paper", "unit": "kilogram", "location": "CN",
                            "type": "process", "exchanges": [
            exchange("paper", 2.0, "production"),
            exchange("pulp", 1.5, **{"uncertainty type": 2, "loc": math.log(1.5), "scale": 0.2, "minimum": math.nan}),
            exchange("steam", 0.25, "substitution"), exchange("co2", 0.5, "biosphere"),
            exchange("grid", 3.0, source="ecoinvent"),
            exchange("water", 4.0, "biosphere", "nature", categories=("natural resource", "in water")),
        ]},
        ("Mill", "pulp"): {"name": "pulping", "unit": "kilogram", "exchanges": []},
        ("Mill", "steam"): {"name": "boiler", "unit": "megajoule", "exchanges": []},
        ("Mill", "co2"): {"name": "Carbon dioxide", "unit": "kilogram", "type": "emission", "categories": ("air",)},
    })
    method = {"metadata": {"unit": "kg CO2e"}, "name": ("IPCC", "GWP"), "class": {},
              "data": [[("Mill", "co2"), 1.0], [("Mill", "co2"), {"amount": 2.0}, "CN"]]}
    reading = brightway.read(bw2package(tmp_path, mill, method))
    inventory = reading.inventory
    assert (inventory.name, inventory.depends) == ("mill", ("ecoinvent", "nature"))
    paper = inventory.exchanges.filter(process="paper")
    assert paper.select("flow", "direction", "amount", "reference", "avoided", "provider").rows() == [
        ("paper", "output", 2.0, True, False, None), ("pulp", "input", 1.5, False, False, "pulp"),
        ("steam", "output", 0.25, False, True, "steam"), ("grid", "input", 3.0, False, False, "ecoinvent:grid"),
        ("co2", "output", 0.5, False, False, None), ("water", "input", 4.0, False, False, None),
    ]
    assert paper.filter(flow="pulp").select("distribution", "loc", "scale").row(0) == ("lognormal", math.log(1.5), 0.2)
    assert inventory.flows["id"].to_list() == ["paper", "pulp", "steam", "co2"]
    assert inventory.flows.filter(id="paper").select("name_en", "unit").row(0) == ("paper", "kg")
    assert inventory.exchanges.filter(process="pulp").select("amount", "reference").rows() == [(1.0, True)]
    assert inventory.methods.select("id", "unit").rows() == [("IPCC | GWP", "kg CO2e")]
    assert inventory.factors.rows() == [("IPCC | GWP", "co2", None, 1.0), ("IPCC | GWP", "co2", "CN", 2.0)]
    assert not reading.defects.height


def test_waste_made_in_negative_amounts_is_treated(tmp_path: Path) -> None:
    mill = database({
        ("Mill", "paper"): {"name": "paper", "exchanges": [exchange("sludge", -0.3)]},
        ("Mill", "sludge"): {"name": "sludge", "exchanges": [exchange("sludge", -1.0, "production")]},
    })
    reading = brightway.read(bw2package(tmp_path, mill))
    assert reading.inventory.exchanges.filter(flow="sludge").select("process", "direction", "amount").rows() == [
        ("paper", "output", 0.3), ("sludge", "input", 1.0),
    ]


@pytest.mark.parametrize(("bad", "kind"), [
    ({"type": "technosphere", "amount": 1.0, "name": "lost"}, "unlinked"),
    (exchange("paper", 1.0, "unheard of"), "unlinked"),
    (exchange("pulp", math.nan), "amount_missing"),
    (exchange("co2", 1.0, "biosphere", "nature"), "elementary_unmatched"),
])
def test_bad_exchanges_of_a_bw2package_are_reported(tmp_path: Path, bad: dict[str, Any], kind: str) -> None:
    reading = brightway.read(bw2package(tmp_path, database({("Mill", "paper"): {"name": "paper", "exchanges": [bad]}})))
    assert reading.defects["kind"].to_list() == [kind]
    assert reading.defects["where"][0] == "export.bw2package"


@pytest.mark.parametrize("content", [b"text", bz2.compress(b"{"), bz2.compress(b"[{}]"), bz2.compress(b"[1]")])
def test_what_is_no_bw2package_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.bw2package"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"x\.bw2package: this is no bw2package file"):
        brightway.read(path)
