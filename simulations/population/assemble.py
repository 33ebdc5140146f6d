"""From arrays to the tables of an intake: February's application, with the window still open."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.intake import Intake
from sample_data.catalogue import catalogue
from simulations.population.cohort import FOURTH_YEAR, Cohort
from simulations.population.lists import Lists
from simulations.population.published import SUBJECTS, Published, rules
from simulations.streams import generator

_WEIGHT = 16
_LETTERS = np.array(["F", "E", "D", "C", "B", "A", "-"])
_NO_BASIS = 0.3
"""Share of the subjects without a pass in which there is no basis for a grade (streck): an assumption."""


def assemble(
    published: Published, cohort: Cohort, lists: Lists, preliminary_seats: npt.NDArray[np.int64], seed: int
) -> Intake:
    """Return the intake of a generated cohort.

    Parameters
    ----------
    lists
        February's lists; rows of applicants who have not applied are left out.
    preliminary_seats
        int64[m]: seats of the preliminary run; the final run's are the published ones.
    """
    listed = cohort.applied[:, None] & (lists.route >= 0)
    person, rank = np.nonzero(listed)
    route = lists.route[person, rank]
    ids = pl.Series(cohort.ids.tolist(), dtype=pl.String)
    routes = published.table["route_id"]
    days = generator(seed, "days of application").integers(0, 30, len(ids))
    closes = rules(published.year).calendar.application_closes
    registered = pl.Series([closes - timedelta(days=int(29 - day)) for day in days])
    choices = pl.DataFrame(
        {
            "applicant": ids.gather(person),
            "route_id": routes.gather(route),
            "rank": rank + 1,
            "registered_at": registered.gather(person),
            "withdrawn_at": pl.Series([None] * len(person), dtype=pl.Date),
        }
    )
    test_rules = np.where(
        published.tested, np.where(published.test_highest > 32_000, "stockholm_special", "stockholm_arts"), ""
    )
    tests = pl.DataFrame({"route_id": routes, "test_rule": pl.Series(test_rules.tolist())}).with_columns(
        pl.col("test_rule").replace({"": None})
    )
    return Intake(
        routes=catalogue(published.year)
        .drop("test_rule")
        .join(tests, on="route_id", how="left", maintain_order="left"),
        seats=_seats(published, preliminary_seats),
        applicants=_applicants(published, cohort, ids),
        grades=_grades(cohort, ids, seed),
        choices=choices,
        decisions=_decisions(published, cohort, ids, person, route, lists.test[person, rank]),
        year=published.year,
    )


def _seats(published: Published, preliminary: npt.NDArray[np.int64]) -> pl.DataFrame:
    parts = []
    for name, seats in (("preliminary", preliminary), ("final", published.capacity)):
        parts.append(
            pl.DataFrame(
                {
                    "route_or_pool": published.table["route_id"],
                    "round": name,
                    "group": "",
                    "seats": seats + published.held,
                    "held_outside": published.held,
                    "reason": pl.Series(np.where(published.held > 0, "unknown", "").tolist()).replace({"": None}),
                    "over_intake": 0,
                }
            )
        )
    return pl.concat(parts)


def _applicants(published: Published, cohort: Cohort, ids: pl.Series) -> pl.DataFrame:
    flags = np.where(cohort.group == FOURTH_YEAR, "completed_upper_secondary", "")
    return pl.DataFrame(
        {
            "applicant": ids,
            "home_municipality": pl.Series(list(published.municipalities)).gather(cohort.home),
            "birth_year": cohort.birth_year,
            "flags": pl.Series(flags.tolist()).replace({"": None}),
        }
    )


def _grades(cohort: Cohort, ids: pl.Series, seed: int) -> pl.DataFrame:
    """Return the certificates; the same subjects lack a basis in both terms unless they are passed in the end."""
    rng = generator(seed, "no basis")
    no_basis = rng.random(cohort.final.shape) < _NO_BASIS
    has = np.ones(cohort.final.shape, dtype=bool)
    has[:, SUBJECTS.index("M2")] = cohort.language
    has[cohort.group == FOURTH_YEAR] = False
    names = pl.Series([*SUBJECTS, "SVA"], dtype=pl.String)
    letters = pl.Series(_LETTERS.tolist(), dtype=pl.String)
    person, subject = np.nonzero(has)
    named = np.where((subject == 0) & cohort.second_language[person], len(SUBJECTS), subject)
    parts = []
    for term, steps in (("autumn", cohort.autumn), ("final", cohort.final)):
        letter = np.where((steps == 0) & no_basis, 6, steps)[person, subject]
        parts.append(
            pl.DataFrame(
                {
                    "applicant": ids.gather(person),
                    "term": term,
                    "subject": names.gather(named),
                    "grade": letters.gather(letter.astype(np.int64)),
                }
            )
        )
    return pl.concat(parts)


def _decisions(
    published: Published, cohort: Cohort, ids: pl.Series, person: np.ndarray, route: np.ndarray, test: np.ndarray
) -> pl.DataFrame:
    took = np.flatnonzero(test > 0)
    routes = published.table["route_id"]
    results = _decided(ids.gather(person[took]), "test_points", [test_value(int(points)) for points in test[took]])
    results = results.with_columns(route_id=routes.gather(route[took]))
    # SkolL 16:44: whose home municipality does not offer an education is received in first hand everywhere; that
    # matters to those outside the area of free choice (Gnesta)
    inside = {name for area in rules(published.year).reception.areas.values() for name in area.municipalities}
    offering = inside | set(published.table.filter(pl.Series(published.ordinary))["municipality"])
    homes = [place for place, name in enumerate(published.municipalities) if name not in offering]
    away = np.flatnonzero(np.isin(cohort.home, homes))
    fourth = np.flatnonzero(cohort.group == FOURTH_YEAR)
    about = [
        _decided(ids.gather(away), "hand", ["first"] * len(away)),
        _decided(ids.gather(fourth), "prerequisite", ["approved"] * len(fourth)),
    ]
    return pl.concat([results, *about])


def _decided(applicants: pl.Series, kind: str, values: list[str]) -> pl.DataFrame:
    none = pl.lit(None, dtype=pl.String)
    frame = pl.DataFrame({"applicant": applicants, "value": pl.Series(values, dtype=pl.String)})
    return frame.select("applicant", none.alias("route_id"), pl.lit(kind).alias("kind"), "value")


def test_value(points: int) -> str:
    """Return the raw test result that gives so many hundredths of a point after weighting.

    Examples
    --------
    >>> test_value(24_000)
    '15.00'
    """
    raw = points // _WEIGHT
    return f"{raw // 100}.{raw % 100:02d}"
