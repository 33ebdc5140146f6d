"""What was published about one year's study routes, as arrays in the order of the route ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.rules.rulebook import Rulebook, load_rulebook
from admissions.rules.schema import PassRule
from sample_data.catalogue import figures, municipalities, published

Ints = npt.NDArray[np.int64]

SUBJECTS = ("SV", "EN", "MA", "GE", "HI", "RE", "SH", "BI", "FY", "KE", "BL", "HK", "IH", "MU", "SL", "TK", "M2")
"""The seventeen subjects of a generated certificate; SV is SVA for those who read Swedish as a second language."""

STEP_POINTS = np.array([0, 1000, 1250, 1500, 1750, 2000], dtype=np.int64)
"""Merit in hundredths of a point of the grade steps F, E, D, C, B, A."""

LEVELS = ("vocational", "preparatory", "preparatory_society", "preparatory_science")
"""Kinds of programmes of the rulebook whose eligibility a generated applicant has or not."""


@dataclass(frozen=True, eq=False)
class Published:
    """One year's published routes.

    Attributes
    ----------
    table
        One row a route, sorted by ``route_id``: the catalogue and result columns of the publication.
    municipalities
        Sorted names; ``municipality`` indexes them.
    cut, median
        int64[m], hundredths of a point, test points included; 0 = none.
    """

    year: int
    table: pl.DataFrame
    municipalities: tuple[str, ...]

    def column(self, name: str) -> Ints:
        """Return a whole-number column as int64[m]."""
        return self.table[name].cast(pl.Int64).to_numpy().copy()

    def _hundredths(self, name: str) -> Ints:
        return np.asarray(np.rint(self.table[name].cast(pl.Float64).to_numpy() * 100), dtype=np.int64)

    @cached_property
    def cut(self) -> Ints:
        """Published lowest merit."""
        return self._hundredths("lowest_merit")

    @cached_property
    def median(self) -> Ints:
        """Published median merit."""
        return self._hundredths("median_merit")

    @cached_property
    def admitted(self) -> Ints:
        """Published number admitted."""
        return self.column("admitted")

    @cached_property
    def held(self) -> Ints:
        """Seats held outside the run: seats - admitted - vacant; the reason is not published."""
        return np.asarray(np.maximum(self.column("seats") - self.admitted - self.column("vacant_seats"), 0))

    @cached_property
    def capacity(self) -> Ints:
        """Seats of the run."""
        return self.column("seats") - self.held

    @cached_property
    def municipality(self) -> Ints:
        """Index into ``municipalities``."""
        place = {name: index for index, name in enumerate(self.municipalities)}
        return np.array([place[name] for name in self.table["municipality"]], dtype=np.int64)

    @cached_property
    def programmes(self) -> tuple[str, ...]:
        """Programme codes, sorted."""
        return tuple(sorted(set(self.table["programme"])))

    @cached_property
    def programme(self) -> Ints:
        """Index into ``programmes``."""
        place = {name: index for index, name in enumerate(self.programmes)}
        return np.array([place[name] for name in self.table["programme"]], dtype=np.int64)

    @cached_property
    def introduction(self) -> npt.NDArray[np.bool_]:
        """Searchable introduction programmes (IMV, IMY)."""
        return self.table["programme"].str.starts_with("IM").to_numpy()

    @cached_property
    def fourth_year(self) -> npt.NDArray[np.bool_]:
        """Fourth technical year (fjärde tekniskt år): no pupils of year 9 apply."""
        return self.table["programme"].is_in(["VI", "TEF"]).to_numpy()

    @cached_property
    def ordinary(self) -> npt.NDArray[np.bool_]:
        """Routes that pupils of year 9 compete for: neither introduction nor fourth year."""
        return np.asarray(~self.introduction & ~self.fourth_year)

    @cached_property
    def tested(self) -> npt.NDArray[np.bool_]:
        """Routes whose published figures can only come from test points: above 340 or between the steps of 2.5."""
        above = np.maximum(self.cut, self.median) > 34_000
        return np.asarray((above | (self.cut % 250 != 0)) & self.ordinary)

    @cached_property
    def test_highest(self) -> Ints:
        """Most test points, hundredths: 320 (S:t Erik), 700 where more was published; 0 without a test."""
        wide = np.maximum(self.cut, self.median) > 66_000
        return np.where(self.tested, np.where(wide, 70_000, 32_000), 0)

    @cached_property
    def level(self) -> Ints:
        """Index into ``LEVELS`` of what a route asks of the grades; -1 where it asks something else."""
        kinds = programme_kinds(rules(self.year))
        return np.array(
            [LEVELS.index(kinds[code]) if kinds.get(code) in LEVELS else -1 for code in self.table["programme"]]
        )


def rules(year: int) -> Rulebook:
    """Return the rulebook whose eligibility the generator follows."""
    return load_rulebook("storsthlm", year)


def programme_kinds(rulebook: Rulebook) -> dict[str, str]:
    """Return the kind of each programme code; IB asks for what the preparatory programmes ask for."""
    kinds = {code: kind for kind, rule in rulebook.eligibility.kinds.items() for code in rule.programmes}
    return {code: "preparatory" if kind == "international" else kind for code, kind in kinds.items()}


def levels_passed(steps: npt.NDArray[np.int8], rulebook: Rulebook) -> npt.NDArray[np.bool_]:
    """Return bool[n, 4]: which of ``LEVELS`` the grade steps (int8[n, 17], 0 = F) make somebody eligible for."""
    kinds = rulebook.eligibility.kinds
    return np.stack([passes_rules(steps, kinds[name].any_of) for name in LEVELS], axis=1)


def passes_rules(steps: npt.NDArray[np.int8], any_of: tuple[PassRule, ...]) -> npt.NDArray[np.bool_]:
    """Return bool[n]: whose grade steps meet one of the rules."""
    passed = steps > 0
    eligible = np.zeros(len(passed), dtype=bool)
    for rule in any_of:
        met = np.ones(len(passed), dtype=bool)
        core: set[int] = set()
        for alternatives in rule.required:
            columns = [SUBJECTS.index(name) for name in alternatives if name in SUBJECTS]
            met &= passed[:, columns].any(axis=1)
            core.update(columns)
        others = [index for index in range(len(SUBJECTS)) if index not in core]
        met &= passed[:, others].sum(axis=1) >= rule.others
        if rule.named:
            met &= passed[:, [SUBJECTS.index(name) for name in rule.named]].all(axis=1)
        eligible |= met
    return eligible


def merit(steps: npt.NDArray[np.int8], language: npt.NDArray[np.bool_]) -> Ints:
    """Return the merit value in hundredths: sixteen subjects, and the modern language where there is one."""
    points = STEP_POINTS[steps]
    return np.asarray(points[:, :16].sum(axis=1) + np.where(language, points[:, 16], 0), dtype=np.int64)


def load_published(year: int) -> Published:
    """Return the published routes of a year of the sample data.

    Raises
    ------
    ValueError
        No results of that year are at hand.
    """
    homes = municipalities()["municipality"]
    table = published(year).sort("route_id").with_columns(pl.col("lowest_merit").fill_null(0.0))
    return Published(year, table, tuple(sorted({*homes, *table["municipality"]})))


def year9(of: Published) -> pl.DataFrame:
    """Return pupils, mean merit and eligibility of year 9 by municipality (Skolverket), in the order of the homes.

    Columns: municipality, pupils, mean_merit, eligible_vocational_percent (may be empty).
    """
    columns = {
        "pupils": "year-9 pupils",
        "mean_merit": "mean merit value (17 subjects)",
        "eligible_vocational_percent": "eligible for yrkesprogram",
    }
    wanted = (pl.col("topic") == "merit_year9") & (pl.col("year") == str(of.year))
    every = figures().with_columns(pl.col("year").cast(pl.String)).filter(wanted)
    frame = pl.DataFrame({"municipality": of.municipalities})
    for name, measure in columns.items():
        part = every.filter(pl.col("measure") == measure).select(
            municipality="entity", **{name: pl.col("value").cast(pl.Float64, strict=False)}
        )
        frame = frame.join(part, on="municipality", how="left", maintain_order="left")
    return frame.with_columns(pl.col("pupils").fill_null(0.0), pl.col("mean_merit").fill_null(strategy="mean"))
