"""Rules of the tables of those who apply: no contradictions, and nothing about things that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from admissions.tables.applicant_tables import DECISION_VALUES, SUBJECTS
from admissions.tables.identity import looks_like_identity_number
from admissions.tables.references import Finding, Frames, none, repeated, unknown

_FAR_FUTURE = pl.date(9999, 12, 31)
_ROUTE_KINDS = ("school_rank", "test_points", "test_passed")


def applicants(frames: Frames) -> list[Finding]:
    """One row for each applicant."""
    return [
        Finding(
            repeated(frames["applicants"], ("applicant",)),
            "applicant",
            "duplicate",
            "the applicant stands in an earlier row",
            "Keep one row for each applicant.",
        )
    ]


def known_applicant(table: str) -> Callable[[Frames], list[Finding]]:
    """Every applicant named in the table exists."""

    def rule(frames: Frames) -> list[Finding]:
        return [
            Finding(
                unknown(frames[table]["applicant"], frames["applicants"]["applicant"]),
                "applicant",
                "unknown_applicant",
                "there is no such applicant in the table applicants",
                "Add the applicant there, or correct the id.",
                refers=True,
            )
        ]

    return rule


def known_route(table: str) -> Callable[[Frames], list[Finding]]:
    """Every route named in the table exists."""

    def rule(frames: Frames) -> list[Finding]:
        return [
            Finding(
                unknown(frames[table]["route_id"], frames["routes"]["route_id"]),
                "route_id",
                "unknown_route",
                "there is no such route in the table routes",
                "Add the route there, or correct the id.",
                refers=True,
            )
        ]

    return rule


def grades(frames: Frames) -> list[Finding]:
    """One grade for each applicant, subject and term."""
    return [
        Finding(
            _repeated_grades(frames["grades"]),
            "subject",
            "duplicate",
            "the applicant has a grade in this subject and term already",
            "Keep the one that holds.",
        )
    ]


def _repeated_grades(grades: pl.DataFrame) -> pl.Series:
    """(n,) bool; a million rows, so the three texts are first packed into one number."""
    distinct = grades["applicant"].unique().drop_nulls()
    codes = grades.select(
        pl.col("applicant").cast(pl.Enum(distinct)).to_physical().cast(pl.Int64) * 256
        + pl.col("subject").cast(pl.Enum(list(SUBJECTS))).to_physical() * 4
        + (pl.col("term") == "final")
        + (pl.col("term") == "summer") * 2
    ).to_series()
    if codes.n_unique() == len(codes):
        return none(len(codes))
    return ~codes.is_first_distinct() & codes.is_not_null()


def choices(frames: Frames) -> list[Finding]:
    """Periods run forwards, and on no day has an applicant two choices of one rank or one route."""
    rows = frames["choices"]
    return [
        Finding(
            rows["withdrawn_at"] < rows["registered_at"],
            "withdrawn_at",
            "withdrawn_before_registered",
            "the row is withdrawn before it is registered",
            "Correct one of the two days.",
        ),
        Finding(
            _overlapping(rows, "rank"),
            "rank",
            "same_rank",
            "the applicant has another choice of this rank at the same time",
            "Withdraw the earlier one on the day this one is registered, or correct the rank.",
        ),
        Finding(
            _overlapping(rows, "route_id"),
            "route_id",
            "same_route",
            "the applicant has another choice of this route at the same time",
            "Withdraw the earlier one on the day this one is registered, or remove one.",
        ),
    ]


def _overlapping(choices: pl.DataFrame, by: str) -> pl.Series:
    """(n,) bool: rows active on a day on which an earlier row of the same applicant and rank (or route) is."""
    shared = choices.select(pl.struct("applicant", by).is_duplicated()).to_series()
    whole = choices.select(pl.all_horizontal(pl.col("applicant", by, "registered_at").is_not_null())).to_series()
    if not (shared & whole).any():
        return none(len(choices))
    until = pl.col("withdrawn_at").fill_null(_FAR_FUTURE)
    periods = (
        choices.with_row_index("at")
        .filter(shared & whole)
        .with_columns(until=until)
        .filter(pl.col("until") > pl.col("registered_at"))
        .sort("applicant", by, "registered_at", "at")
    )
    earlier = pl.col("until").cum_max().shift(1).over("applicant", by)
    bad = periods.filter(earlier > pl.col("registered_at"))["at"]
    return pl.int_range(len(choices), eager=True, dtype=pl.UInt32).is_in(bad.cast(pl.UInt32).implode())


def decisions(frames: Frames) -> list[Finding]:
    """One decision of a kind on a choice, with a value that its kind knows."""
    rows = frames["decisions"]
    findings = [
        Finding(
            repeated(rows, ("applicant", "route_id", "kind"), missing_counts=True)
            & (rows["kind"] != "named").fill_null(value=False)
            & rows["applicant"].is_not_null(),
            "kind",
            "duplicate",
            "there is a decision of this kind on the same choice already",
            "Keep the one that holds.",
        ),
        Finding(
            rows["kind"].is_in(_ROUTE_KINDS) & rows["route_id"].is_null(),
            "route_id",
            "route_missing",
            "a decision of this kind concerns one choice",
            "Name the route.",
        ),
    ]
    for kind, (pattern, meaning) in DECISION_VALUES.items():
        of_kind = (rows["kind"] == kind).fill_null(value=False)
        if of_kind.any():
            wrong = of_kind & ~rows["value"].str.contains(f"^(?:{pattern})$")
            findings.append(
                Finding(
                    wrong, "value", "value", f"the value of a decision of kind {kind} must be {meaning}", "Correct it."
                )
            )
    return findings


def chosen(table: str) -> Callable[[Frames], list[Finding]]:
    """Every row about a route concerns an applicant who chose it at some time."""

    def rule(frames: Frames) -> list[Finding]:
        rows, choices = frames[table].select("applicant", "route_id"), frames["choices"]
        known = rows["applicant"].is_in(frames["applicants"]["applicant"].implode())
        known &= rows["route_id"].is_in(frames["routes"]["route_id"].implode())
        kept = rows.with_row_index("at").join(choices, on=["applicant", "route_id"], how="anti")["at"]
        absent = pl.int_range(len(rows), eager=True, dtype=pl.UInt32).is_in(kept.implode())
        return [
            Finding(
                absent & known.fill_null(value=False),
                "route_id",
                "not_chosen",
                "the applicant never chose this route",
                "Correct the applicant or the route.",
            )
        ]

    return rule


def answers(frames: Frames) -> list[Finding]:
    """One answer of an applicant to a round."""
    return [
        Finding(
            repeated(frames["answers"], ("applicant", "round")),
            "round",
            "duplicate",
            "the applicant has answered this round already",
            "Keep the answer that holds.",
        )
    ]


def identity(table: str) -> Callable[[Frames], list[Finding]]:
    """No id of an applicant is a personal identity number."""

    def rule(frames: Frames) -> list[Finding]:
        return [
            Finding(
                looks_like_identity_number(frames[table]["applicant"]),
                "applicant",
                "identity_number",
                "the id looks like a personal identity number",
                "Give every applicant a random id at registration and keep the number out of the intake.",
            )
        ]

    return rule
