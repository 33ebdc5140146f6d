"""Histories for the tests: the published one, and invented ones whose drift is known."""

from __future__ import annotations

import numpy as np
import polars as pl

from sample_data.catalogue import published
from simulations.forecast import HISTORY

RESULTS = ["admitted", "lowest_merit", "median_merit", "reserves", "vacant_seats"]


def shipped() -> pl.DataFrame:
    return HISTORY.conform(published().rename({"school_unit_code": "skolenhetskod"}))


def of(frame: pl.DataFrame, *years: int) -> pl.DataFrame:
    return frame.filter(pl.col("year").is_in(years))


def catalogue(frame: pl.DataFrame, year: int) -> pl.DataFrame:
    return of(frame, year).drop(RESULTS)


def invented(years: range, drift: float, routes: int = 120, noise: float = 4.0) -> pl.DataFrame:
    """Routes whose cut-offs all rise by ``drift`` points a year, with a little noise; a quarter has no competition."""
    rng = np.random.default_rng(7)
    level = 150.0 + 2.5 * rng.integers(0, 40, routes)
    rows = []
    for year in years:
        for number in range(routes):
            open_seats = number % 4 == 0
            seats = 20 + number % 13
            cutoff = level[number] + drift * (year - years[0]) + noise * rng.standard_normal()
            rows.append(
                {
                    "year": year,
                    "school": f"Skola {number // 6}",
                    "skolenhetskod": "",
                    "municipality": f"Kommun {number // 30}",
                    "organiser": "municipal",
                    "route_code": ("NANAT", "EKEKO", "SASAM", "TETEK", "BAHUS", "VOVAR")[number % 6],
                    "route_name": f"Studieväg {number % 6}",
                    "seats": seats,
                    "admitted": seats // 2 if open_seats else seats,
                    "lowest_merit": 0.0 if open_seats else round(cutoff / 2.5) * 2.5,
                    "median_merit": round((cutoff + 30.0) / 2.5) * 2.5,
                    "reserves": 0 if open_seats else 10 + number % 7,
                    "vacant_seats": seats - seats // 2 if open_seats else 0,
                }
            )
    return HISTORY.conform(pl.DataFrame(rows))
