"""Imports taken out of the uses of a national table, so that its emissions are those of its own production.

In a competitive table (China's) every use holds home and imported goods alike, and imports are one negative
column. What share of a use is imported is not published; the usual assumption is proportionality: every buyer
at home takes the same share m_i = imports_i / (uses of i at home), and nothing imported is exported again.
Weber et al. (2008), Su & Ang (2013).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from seedbed.base.errors import InvalidInputError
from seedbed.lifecycle.accounts.labels import added
from seedbed.lifecycle.accounts.leontief import Leontief, per_output
from seedbed.lifecycle.accounts.table import INPUTS, Array, InputOutput, frame
from seedbed.lifecycle.labels import name_columns


def domestic(table: InputOutput) -> InputOutput:
    """The table of home goods only: imported inputs become a primary input, imports for final use leave.

    Raises InvalidInputError where the table has no column of imports, has several regions, or a sector's
    imports exceed what is used at home.
    """
    share, kept = _import_shares(table), _not_imports(table)
    home = 1 - _share_of_uses(table, share)
    imported = {"code": "imports", **name_columns(added().imports)}
    inputs = pl.concat([table.inputs, frame(INPUTS, [imported])])
    return replace(table, Z=table.Z * (1 - share)[:, None], Y=(table.Y * home)[:, kept], FY=table.FY[:, kept],
                   demands=table.demands.filter(pl.Series(kept)), inputs=inputs,
                   V=np.vstack([table.V, share @ table.Z]))


def mirrored(table: InputOutput) -> InputOutput:
    """Two regions: home, and an abroad that makes the imports with the technology of home.

    The emissions of imports are then those that production at home would have caused ("avoided emissions"):
    neither what foreign producers emit, nor more than an assumption. Errors as for `domestic`.
    """
    share, kept = _import_shares(table), _not_imports(table)
    of_uses = _share_of_uses(table, share)
    own, Y_in = (table.Y * (1 - of_uses))[:, kept], (table.Y * of_uses)[:, kept]
    Z_in = table.Z * share[:, None]
    output = Leontief(table.Z, table.x, name=table.name).outputs(Z_in.sum(axis=1) + Y_in.sum(axis=1))
    scale = per_output(output, table.x)
    away = table.demands.row(kept.index(False), named=True)["region"]
    none = np.zeros_like(table.Z)
    return replace(
        table, sectors=pl.concat([table.sectors, table.sectors.with_columns(region=pl.lit(away))]),
        demands=table.demands.filter(pl.Series(kept)), FY=table.FY[:, kept],
        Z=np.block([[table.Z - Z_in, none], [Z_in, table.Z * scale]]), Y=np.vstack([own, Y_in]),
        x=np.concatenate([table.x, output]), V=np.hstack([table.V, table.V * scale]),
        F=np.hstack([table.F, table.F * scale]))


def _not_imports(table: InputOutput) -> list[bool]:
    return [kind != "import" for kind in table.demands["kind"]]


def _share_of_uses(table: InputOutput, share: Array) -> Array:
    """n × m: the imported share of every sale to final demand; exports and discrepancies have none."""
    final = np.array([kind == "final" for kind in table.demands["kind"]], dtype=float)
    return share[:, None] * final


def _import_shares(table: InputOutput) -> Array:
    """Imports over uses at home, by product."""
    where = table.name or "input-output table"
    kinds = np.array(table.demands["kind"].to_list())
    if "import" not in kinds:
        raise InvalidInputError("it has no column of imports to take out.", where=where,
                                fix='mark the column with kind "import".')
    if table.sectors["region"].n_unique() > 1:
        raise InvalidInputError("it has several regions.", where=where, fix="take imports out of national tables.")
    imports = -table.Y[:, kinds == "import"].sum(axis=1)
    uses = table.Z.sum(axis=1) + table.Y[:, kinds == "final"].sum(axis=1)
    share = per_output(imports, uses)
    if (bad := np.flatnonzero((share < 0) | (share > 1) | ((uses == 0) & (imports != 0)))).size:
        i = bad[0]
        raise InvalidInputError(
            f"{table.keys[i]} is imported for {imports[i]:g} and used at home for {uses[i]:g}.", where=where,
            fix="give imports as negative sales, net of what is exported again.")
    return share
