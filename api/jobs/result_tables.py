"""The tables of a round as they are asked for: with what filters and scopes need beside each row."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from admissions.intake import Intake
from api.exchange.run_tables import PEOPLE_TABLE, people_of

OF_SCHOOL = ("municipality", "school", "organiser")
SHOWN = ("route_id", "school", "route_name", "rank", "status", "reason", "reserve_position", "merit", "missing")


def served_tables(
    decisions: pl.DataFrame,
    cutoffs: pl.DataFrame,
    demand: pl.DataFrame,
    without_seat: pl.DataFrame,
    levels: Mapping[str, pl.DataFrame],
    intake: Intake,
    people: list[tuple[Any, ...]],
) -> Mapping[str, pl.DataFrame]:
    """Make the tables that are served.

    Parameters
    ----------
    decisions, cutoffs, demand, without_seat, levels
        The round's, as in its run folder.
    intake
        The intake it was compiled from.
    people
        Applicant, whether protected, and sending school, as the store knows them.
    """
    catalogue = demand.select("route_id", "route_name", "programme", *OF_SCHOOL)
    schema = {"applicant": pl.String, "protected": pl.Boolean, "sending_school": pl.String}
    person = pl.DataFrame(people, schema=schema, orient="row").join(
        intake.applicants.select("applicant", "home_municipality"), on="applicant"
    )
    named = decisions.join(catalogue, on="route_id", how="left", maintain_order="left").join(
        person, on="applicant", how="left", maintain_order="left"
    )
    homes = person.filter(~pl.col("protected"))["home_municipality"].unique()  # a home of protected people only is none
    owners = intake.routes.sort("route_id").group_by("pool", maintain_order=True).first().select("pool", *OF_SCHOOL)
    tables = {
        "decisions": named,
        "cutoffs": cutoffs.join(owners, on="pool", how="left", maintain_order="left"),
        "demand": demand,
        PEOPLE_TABLE: people_of(without_seat.filter(pl.col("home_municipality").is_in(homes.implode()))),
    }
    return tables | {f"shortfalls-{level}": frame for level, frame in levels.items()}


def bodies(decisions: pl.DataFrame) -> list[tuple[str, bool, str]]:
    """Render what each applicant is told, once."""
    shown = [name for name in SHOWN if name in decisions.columns]
    rendered = decisions.sort("applicant", "rank").select(
        "applicant", "protected", pl.struct(shown).struct.json_encode().alias("choice")
    )
    listed = pl.format("[{}]", pl.col("choice").str.join(", "))
    return rendered.group_by("applicant", "protected", maintain_order=True).agg(listed).rows()
