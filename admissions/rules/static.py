"""What never changes within an admission year, compiled once: names to numbers, routes, people, decisions, seats.

A round (`admissions.rules.compile`) then only reads arrays: the simulator compiles thousands of rounds of one year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from admissions.intake import Intake
from admissions.rules.calendar import round_number
from admissions.rules.choices import ChoiceHistory
from admissions.rules.coding import Names, sorted_names
from admissions.rules.decisions import Decisions
from admissions.rules.eligibility import Demands, Missing, missing_passes
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.grades import GradeCodes, GradeTable, grade_table, subject_names
from admissions.rules.merit import MeritTable, merit_table
from admissions.rules.reception import ReceptionTables, reception_tables
from admissions.rules.routes import MODES, RouteTable, route_table
from admissions.rules.rulebook import Rulebook
from admissions.rules.schema import ProgrammeKind

Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

__all__ = ["MODES", "Graded", "People", "SeatRows", "Static", "compile_static"]


@dataclass(frozen=True, eq=False)
class People:
    """The applicants: ``home`` int32 (municipality), ``age`` int32 (years reached in the intake year), and their flags.

    ``foreign`` and ``abroad`` are the two ways into the free quota's stream of foreign grades; ``equivalent`` marks
    knowledge gained elsewhere.
    """

    home: Int32s
    age: Int32s
    completed: Bools
    asylum: Bools
    reduced: Bools
    equivalent: Bools
    foreign_stream: Bools


@dataclass(frozen=True, eq=False)
class SeatRows:
    """The rows of the seats table: ``pool`` int32, ``round`` int32 (`round_number`), ``group`` names, ``seats`` int64.

    ``seats`` are the seats of the run: seats - held outside + over-intake, never below 0.
    """

    pool: Int32s
    round: Int32s
    group: npt.NDArray[Any]
    seats: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Graded:
    """Everything that follows from one table of grades."""

    grades: GradeTable
    merit: MeritTable
    missing: Missing


@dataclass(frozen=True, eq=False)
class Static:
    """One admission year, compiled.

    Attributes
    ----------
    applicants, routes, pools
        Sorted ids and their codes.
    rulebook
        The rules of the intake's year.
    history
        The intake's choices.
    """

    intake: Intake
    rulebook: Rulebook
    applicants: Names
    routes: Names
    pools: Names
    people: People
    route_table: RouteTable
    reception: ReceptionTables
    decisions: Decisions
    codes: GradeCodes
    subjects: Names
    demands: Demands
    history: ChoiceHistory
    seat_rows: SeatRows
    _graded: dict[str, Graded] = field(default_factory=dict, repr=False)
    _draws: dict[Any, npt.NDArray[np.uint64]] = field(default_factory=dict, repr=False)

    @property
    def kinds(self) -> list[ProgrammeKind]:
        """The rulebook's kinds of programme in the order of their codes."""
        return list(self.rulebook.sections.eligibility.kinds.values())

    def graded(self, table: GradeTable) -> Graded:
        """Return merit and missing passes for a table of grades."""
        merit = merit_table(table, self.codes, self.rulebook.sections.merit, self.people.reduced)
        return Graded(table, merit, missing_passes(table, self.codes, self.kinds, self.demands))

    def grade_table(self, frame: pl.DataFrame, term: str) -> GradeTable:
        """Return the grades of a term from a grades table.

        ``autumn_else_final`` falls back applicant by applicant; in ``final_and_summer`` a summer's result takes the
        place of the certificate's grade in that subject.
        """
        merit = self.rulebook.sections.merit
        if term == "final_and_summer":
            return self.grade_table(frame, "final").changed_by(self.grade_table(frame, "summer"))
        if term == "autumn_else_final":
            return self.grade_table(frame, "autumn").else_from(self.grade_table(frame, "final"))
        return grade_table(frame, term, self.applicants, self.codes, merit, self.subjects)

    def own_grades(self, term: str) -> Graded:
        """Return what follows from the intake's own grades of a term, computed once."""
        if term not in self._graded:
            self._graded[term] = self.graded(self.grade_table(self.intake.grades, term))
        return self._graded[term]

    def term(self, round_name: str) -> str:
        """Return the certificate a round uses; in reserve rounds with the summer's results where there are any."""
        rounds = self.rulebook.sections.rounds
        if round_name == "preliminary":
            return rounds.preliminary_grades
        later = round_number(round_name) > round_number("final") and (self.intake.grades["term"] == "summer").any()
        return "final_and_summer" if later else rounds.final_grades

    def draw(self, lottery: Any, draw: str) -> npt.NDArray[np.uint64]:
        """Return every applicant's rank in a draw, computed once for each lottery."""
        at = (lottery, draw)
        if at not in self._draws:
            if len(self._draws) >= 8:
                self._draws.clear()
            self._draws[at] = lottery.dense(self.applicants.series.to_list(), draw)
        return self._draws[at]


def compile_static(intake: Intake, rulebook: Rulebook) -> Static:
    """Compile what never changes within the year; the rulebook is taken for the intake's year.

    Raises
    ------
    RulebookError
        If intake and rulebook do not fit: routes of a programme, test rule, prerequisite or area the rulebook does not
        have, each named with the remedy.
    InputError
        If tables name applicants or routes that do not exist.
    """
    rules = rulebook.for_year(intake.year)
    routes_frame = intake.routes.sort("route_id")
    applicants_frame = intake.applicants.sort("applicant")
    applicants = Names("applicant", applicants_frame["applicant"])
    routes = Names("route", routes_frame["route_id"])
    pools = sorted_names("pool", routes_frame["pool"])
    municipalities = sorted_names(
        "municipality", pl.concat([routes_frame["municipality"], applicants_frame["home_municipality"]])
    )
    sections = rules.sections
    codes = GradeCodes.of(sections.scales)
    return Static(
        intake=intake,
        rulebook=rules,
        applicants=applicants,
        routes=routes,
        pools=pools,
        people=_people(applicants_frame, municipalities, rules, intake.year),
        route_table=route_table(routes_frame, pools, rules),
        reception=reception_tables(routes_frame, municipalities, rules),
        decisions=Decisions(intake.decisions, applicants, routes),
        codes=codes,
        subjects=subject_names(intake.grades, sections.merit),
        demands=Demands.of(list(sections.eligibility.kinds.values())),
        history=ChoiceHistory.of(intake.choices, applicants, routes),
        seat_rows=seat_rows(intake.seats, routes_frame, pools, rules),
    )


def _people(frame: pl.DataFrame, municipalities: Names, rulebook: Rulebook, year: int) -> People:
    eligibility, merit = rulebook.sections.eligibility, rulebook.sections.merit
    padded = pl.Series(" " + frame["flags"].fill_null("") + " ")

    def flag(name: str) -> Bools:
        return padded.str.contains(f" {name} ", literal=True).to_numpy() if name else np.zeros(len(frame), np.bool_)

    return People(
        home=municipalities.codes(frame["home_municipality"]),
        age=(year - frame["birth_year"]).cast(pl.Int32).to_numpy(),
        completed=flag(eligibility.completed_flag),
        asylum=flag(eligibility.asylum_flag),
        reduced=flag(merit.dance_flag),
        equivalent=flag(eligibility.equivalent_flag),
        foreign_stream=flag("foreign_grades") | flag("swedish_abroad"),
    )


def seat_rows(frame: pl.DataFrame, routes: pl.DataFrame, pools: Names, rulebook: Rulebook) -> SeatRows:
    """Read a seats table; a route's id stands for the pool it draws on.

    Raises
    ------
    RulebookError
        Naming seat groups no rule fills.
    """
    own = frame["route_or_pool"]
    pool = pools.codes(own, missing=True)
    if (pool < 0).any():
        of_route = pools.codes(own.replace_strict(routes["route_id"], routes["pool"], default=own))
        pool = np.where(pool < 0, of_route, pool)
    group = frame["group"].fill_null("").to_numpy()
    sections = rulebook.sections
    separate = sections.free_quota.stream_seats == "separate"
    known = {"", *(("free_quota_special", "free_quota_foreign") if separate else ("free_quota",))}
    known |= {test.group for test in sections.tests.values() if test.rule == "split"}
    unknown = sorted(set(group) - known)
    if unknown:
        remedy = "Use one of: " + ", ".join(sorted(known - {""})) + "; or change free_quota.stream_seats or the tests."
        raise RulebookError(
            [
                RulebookProblem(
                    rulebook.file, None, "free_quota.stream_seats", f"no rule fills seat group {g!r}", remedy
                )
                for g in unknown
            ]
        )
    over = frame.filter(pl.col("over_intake") > 0)
    if len(over) and not sections.publication.over_intake:
        message = f"{len(over)} rows of the seats table have over-intake, first {over['route_or_pool'][0]}"
        remedy = "Remove it there, or allow it in the rulebook."
        raise RulebookError([RulebookProblem(rulebook.file, None, "publication.over_intake", message, remedy)])
    seats = frame["seats"] - frame["held_outside"].fill_null(0) + frame["over_intake"].fill_null(0)
    rounds = {name: round_number(name) for name in frame["round"].unique()}
    return SeatRows(
        pool=pool.astype(np.int32),
        round=frame["round"].replace_strict(rounds, return_dtype=pl.Int32).to_numpy()
        if rounds
        else np.zeros(0, np.int32),
        group=group,
        seats=np.maximum(seats.to_numpy(), 0).astype(np.int64),
    )
