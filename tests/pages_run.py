"""A finished run of generated people for the tests of the pages, and what the pages are called."""

import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl

from admissions.intake import Intake, write_intake
from api.commands.replay import replay_to
from simulations.population import generate_intake

ROUTE = "/routes/{route}"
PAGES = (
    *("/", "/demand", "/demand?level=route", "/homes", "/flows", ROUTE, "/replay", "/seats", "/scenarios", "/round"),
    "/public",
)
OFFICE_PAGES = (
    "/applicants",
    "/applicants/{applicant}",
    "/applicants/{applicant}?view=applicant",
    "/desk",
    "/worklists",
    "/reserve",
    "/audit",
    "/administration",
    "/account",
)
LANGUAGES = ("sv", "en")


def scarce(intake: Intake) -> Intake:
    """Give few seats for few people, so that there are queues; some routes of a school share theirs."""
    pairs = intake.routes.sort("route_id").group_by("school", "programme", maintain_order=True).agg("route_id")
    shared = {ids[1]: ids[0] for ids in pairs["route_id"].to_list() if len(ids) == 2}
    pool = pl.col("route_id").replace(shared)
    seats = intake.seats.filter(~pl.col("route_or_pool").is_in(sorted(shared)))
    fewer = [
        (pl.col(name) // 20).cast(seats.schema[name]).alias(name) for name in ("seats", "held_outside", "over_intake")
    ]
    return replace(intake, routes=intake.routes.with_columns(pool.alias("pool")), seats=seats.with_columns(fewer))


def make_run(folder: Path, applicants: int | None = 1500) -> Path:
    """Make a run of two rounds on the real catalogue of 2023: of a few people and seats, or (None) the whole year."""
    intake, run = folder / "intake", folder / "run"
    generated = generate_intake(2023, applicants, 1)
    write_intake(generated if applicants is None else scarce(generated), intake, "parquet")
    replay_to(
        intake, run, rules="storsthlm", seed_phrase="phrase", public_value="value", behaviour_seed=1, language="sv",
        quiet=True,
    )  # fmt: skip
    return run


def pack(intake: Intake, folder: Path, name: str) -> Path:
    """Write an intake as a zip of CSV files, as an office hands it in."""
    write_intake(intake, folder / name, "csv")
    return Path(shutil.make_archive(str(folder / name), "zip", folder / name))


def with_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"
