"""A generated final round beside the published one: what was fitted, what was not, and how near both are.

Used by the report, by ``docs/method.md`` and by the tests. The measures leave introduction programmes out, as the
published totals do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.errors import AdmissionsError
from admissions.rounds.stored import read_run
from admissions.rules.rows import RowStatus
from sample_data.catalogue import YEARS, published

if TYPE_CHECKING:
    from admissions.rounds.run import RoundResult

Row = tuple[str, float | None, float | None, float | None, float | None, str]
SCHEMA = {
    "measure": pl.String,
    "generated": pl.Float64,
    "published": pl.Float64,
    "least": pl.Float64,
    "most": pl.Float64,
    "status": pl.String,
}
_WINDOW = {
    "changed a row": ("re-choice: changed a row", 0.33),
    "first choice: school and programme the same": ("re-choice: first choice the same, school and programme", 0.80),
    "first choice: programme the same": ("re-choice: first choice the same, programme", 0.90),
    "first choice: school the same": ("re-choice: first choice the same, school", 0.82),
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Generated beside published.

    Attributes
    ----------
    measures
        measure, generated (missing where there is nothing to measure), published, least and most (the bounds aimed at),
        status: ``fitted``, ``chosen`` (set by a parameter of the model, not by inversion) or ``not fitted``.
    programmes
        programme, generated, published (admitted), allowed (the larger of 5 % and 15 persons), within.
    routes
        route_id, school, route_name, and admitted, limit, median, reserves of both; merit in points.
    """

    measures: pl.DataFrame
    programmes: pl.DataFrame
    routes: pl.DataFrame

    @property
    def met(self) -> bool:
        """Whether every measure with bounds and every programme is within them."""
        value = pl.col("generated")
        outside = self.measures.filter(
            (value < pl.col("least")) | (value > pl.col("most")) | (value.is_null() & pl.col("least").is_not_null())
        )
        return not len(outside) and bool(self.programmes["within"].all())

    def text(self) -> str:
        """Return the measures as a Markdown table."""
        lines = [
            "| measure | generated | published | aimed at | |",
            "| --- | ---: | ---: | --- | --- |",
        ]
        for row in self.measures.iter_rows(named=True):
            bounds = " to ".join(written(row[name]) for name in ("least", "most") if row[name] is not None)
            name = row["measure"]
            lines.append(
                f"| {name} | {written(row['generated'])} | {written(row['published'])} | {bounds} | {row['status']} |"
            )
        inside, worst = int(self.programmes["within"].sum()), self.programmes.sort("excess", descending=True)[0]
        lines.append(
            f"| programmes within the larger of 5 % and 15 persons | {inside} | {len(self.programmes)} | all | fitted |"
        )
        lines.append(
            f"\nFarthest programme: {worst['programme'][0]}, {worst['generated'][0]} for {worst['published'][0]}."
        )
        return "\n".join(lines)


def compare(final: RoundResult, year: int, changes: pl.DataFrame | None = None) -> Comparison:
    """Compare a final round with the published results of a year.

    Parameters
    ----------
    changes
        `simulations.replay.Replay.changes`; without it the measures of the window are left out.
    """
    compiled = final.compiled
    tried = compiled.status == RowStatus.TRIED
    return _compared(final.demand, _lists(compiled.applicant, tried), year, changes)


def compare_run(folder: Path) -> tuple[Comparison, dict[str, Any]]:
    """Compare the final round of a finished run folder; also return the content of its ``run.json``.

    The measures of the window are left out: a run folder holds results, not what changed.

    Raises
    ------
    AdmissionsError
        If the folder is no finished run with a final round, or not on the catalogue of a published year.
    """
    run = read_run(folder)
    final, year = run.round("final"), int(run.about["year"])
    demand = final.table("routes")
    ids = set(published(year)["route_id"]) if year in YEARS else set()
    if not ids or not ids <= set(demand["route_id"]):
        raise AdmissionsError(f"{folder} is not a run on the published catalogue of {year}: nothing to compare with.")
    person = final.rows["applicant"].rank("dense").to_numpy().astype(np.int64) - 1
    tried = (final.rows["status"] == "tried").to_numpy()
    return _compared(demand, _lists(person, tried), year, None), dict(run.about)


def _compared(demand: pl.DataFrame, lists: list[Row], year: int, changes: pl.DataFrame | None) -> Comparison:
    known = published(year).filter(~pl.col("programme").str.starts_with("IM"))
    routes = known.select(
        "route_id",
        "school",
        "route_name",
        "programme",
        "admitted",
        "lowest_merit",
        "median_merit",
        "reserves",
        "vacant_seats",
    ).join(
        demand.select(
            "route_id",
            "limit",
            "median",
            admitted_generated="admitted",
            first_generated="admitted_first",
            reserves_generated="reserves",
            vacancies_generated="vacancies",
        ),
        on="route_id",
        how="left",
        maintain_order="left",
    )
    routes = routes.with_columns(
        limit_generated=pl.col("limit").fill_null(0) / 100,
        median_generated=pl.col("median").fill_null(0) / 100,
        lowest_merit=pl.col("lowest_merit").fill_null(0.0),
    ).drop("limit", "median")
    rows = [*_totals(routes), *_by_route(routes), *lists]
    for name, (label, share) in _WINDOW.items() if changes is not None else ():
        value = changes.filter(pl.col("measure") == name)["value"].item()  # type: ignore[union-attr]
        rows.append((label, value, share, share - 0.03, share + 0.03, "chosen"))
    return Comparison(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        _programmes(routes),
        routes,
    )


def _totals(routes: pl.DataFrame) -> list[Row]:
    admitted, vacant = float(routes["admitted"].sum()), float(routes["vacant_seats"].sum())
    competed = float((routes["lowest_merit"] > 0).sum())
    seated = float(routes["admitted_generated"].sum())
    return [
        ("admitted", seated, admitted, admitted * 0.98, admitted * 1.02, "fitted"),
        ("vacancies", float(routes["vacancies_generated"].sum()), vacant, vacant * 0.85, vacant * 1.15, "fitted"),
        (
            "routes with a cut-off",
            float((routes["limit_generated"] > 0).sum()),
            competed,
            competed * 0.9,
            competed * 1.1,
            "fitted",
        ),
        (
            "reserve entries",
            float(routes["reserves_generated"].sum()),
            float(routes["reserves"].sum()),
            None,
            None,
            "fitted",
        ),
        ("first-choice share", float(routes["first_generated"].sum()) / max(seated, 1), None, 0.65, 0.72, "chosen"),
    ]


def _by_route(routes: pl.DataFrame) -> list[Row]:
    cut, limit = routes["lowest_merit"].to_numpy(), routes["limit_generated"].to_numpy()
    median, own = routes["median_merit"].to_numpy(), routes["median_generated"].to_numpy()
    has, both = cut > 0, (cut > 0) & (limit > 0)
    known = (median > 0) & (own > 0) & ~routes["programme"].is_in(["VI"]).to_numpy()
    plain = known & (median <= 340) & (cut <= 340) & (np.rint(cut * 100) % 250 == 0)
    error = np.abs(limit - cut)
    off = np.abs(routes["admitted_generated"].to_numpy() - routes["admitted"].to_numpy())
    return [
        ("admitted per route, mean difference", float(off.mean()), None, 0.0, 1.0, "fitted"),
        (
            "cut-offs, correlation over routes with one in both",
            _correlation(limit[both], cut[both]),
            None,
            0.9,
            1.0,
            "fitted",
        ),
        ("cut-offs, correlation over all routes (none = 0)", _correlation(limit, cut), None, None, None, "fitted"),
        (
            "cut-offs, mean difference in points, routes with one in both",
            _mean(error[both]),
            None,
            None,
            None,
            "fitted",
        ),
        (
            "cut-offs, median difference in points, routes with one in both",
            _median(error[both]),
            None,
            None,
            None,
            "fitted",
        ),
        (
            "published cut-offs without one in the generated round",
            float((has & ~both).sum()),
            0.0,
            None,
            None,
            "fitted",
        ),
        (
            "reserves per route, correlation",
            _correlation(routes["reserves_generated"].to_numpy(), routes["reserves"].to_numpy()),
            None,
            0.85,
            1.0,
            "fitted",
        ),
        ("medians, correlation", _correlation(own[known], median[known]), None, 0.95, 1.0, "not fitted"),
        (
            "medians, correlation over routes without tests",
            _correlation(own[plain], median[plain]),
            None,
            None,
            None,
            "not fitted",
        ),
    ]


def _lists(person: npt.NDArray[Any], is_tried: npt.NDArray[np.bool_]) -> list[Row]:
    """Measure the lists: the number of the person of each row, and whether the row was tried."""
    sizes = np.bincount(person)
    tried = np.bincount(person[is_tried], minlength=len(sizes)) > 0
    applied = sizes > 0
    return [
        ("applicants", float(applied.sum()), None, None, None, "chosen"),
        ("choices for each applicant", float(sizes[applied].mean()), 3.6, None, None, "chosen"),
        (
            "share eligible for nothing they list",
            float((applied & ~tried).sum() / applied.sum()),
            0.075,
            None,
            None,
            "chosen",
        ),
    ]


def _programmes(routes: pl.DataFrame) -> pl.DataFrame:
    frame = routes.group_by("programme").agg(
        generated=pl.col("admitted_generated").sum(), published=pl.col("admitted").sum()
    )
    allowed = pl.max_horizontal(pl.col("published") * 0.05, pl.lit(15.0))
    excess = (pl.col("generated") - pl.col("published")).abs() - allowed
    return frame.with_columns(allowed=allowed, excess=excess, within=excess <= 0).sort("programme")


def _correlation(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float | None:
    if len(first) < 2 or first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    return float(values.mean()) if len(values) else None


def _median(values: npt.NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None


def written(value: float | None) -> str:
    """Return a figure as text: whole from a hundred on, else three digits; nothing where there is none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
