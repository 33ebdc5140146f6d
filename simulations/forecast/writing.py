"""The forecast of a catalogue as a table: one row for every row of the catalogue, in its order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from simulations.forecast.features import YearTable
from simulations.forecast.predicting import Band, forecast
from simulations.forecast.published import KEY, canonical_order, year_table


def forecast_table(history: Sequence[YearTable], catalogue: pl.DataFrame) -> pl.DataFrame:
    """Forecast every row of a catalogue.

    Parameters
    ----------
    history
        Consecutive years, oldest first; the last is the year before the catalogue's.
    catalogue
        As `read_inputs` returns it; results in it are not read.

    Returns
    -------
    year, school, municipality, route_code, route_name, seats; lowest_merit (points), admitted, reserves, vacant_seats,
    each with ``_low`` and ``_high`` (80 % interval); no_competition_probability (0 to 1). Rows as in ``catalogue``.
    """
    order = canonical_order(catalogue)
    result = forecast(history, year_table(catalogue))
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    columns = [catalogue[name] for name in ("year", *KEY, "seats")]
    for name in ("lowest_merit", "admitted", "reserves", "vacant_seats"):
        band: Band = getattr(result, name)
        dtype = pl.Float64 if name == "lowest_merit" else pl.Int64
        for ending, values in (("", band.point), ("_low", band.low), ("_high", band.high)):
            columns.append(pl.Series(name + ending, values[back]).cast(dtype))
    columns.append(pl.Series("no_competition_probability", np.round(result.no_competition[back], 4)))
    return pl.DataFrame(columns)
