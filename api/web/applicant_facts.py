"""What an applicant's page is made from: a run's round ready to be explained, kept for the rounds asked for last."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from admissions.explanations.source import open_facts
from admissions.intake import Intake
from api.explained import Explained, explained_run
from api.jobs.run_round import rulebook_from_text
from api.problems import Problem
from api.web.editions import Selected
from api.web.kept import Kept, kept

KEPT = 2


def explained_of(request: Request, selected: Selected) -> Explained:
    """Give what explains a round; from the store, or from the run folder and the intake beside it."""
    if selected.edition.intake_id:
        return explained_run(request.app.state, selected.run_id)

    def read() -> Explained:
        with selected.files() as folder:
            facts, unknown = open_facts(folder, selected.round, intake=intake_beside(folder))
            _ = facts.thresholds, facts.score_limits  # before anybody waits
        picture = selected.picture
        organisers = dict(picture.routes.select("route_id", "organiser").iter_rows())
        rulebook = rulebook_from_text(picture.rulebook, picture.year)
        return Explained(facts, unknown, rulebook, selected.edition.name, organisers)

    known: Kept[Explained] = kept(request, "explained", KEPT)
    return known.get((selected.run_id, selected.round), read)


def intake_beside(folder: Path) -> Intake | None:
    """Give the intake that a replay left beside its run: written by the engine, so not checked again."""
    files = sorted((folder / "intake").glob("*.parquet"))
    tables: dict[str, Any] = {file.stem: pl.read_parquet(file) for file in files}
    return Intake(**tables) if tables else None


def prepare(request: Request, selected: Selected) -> None:
    """Read what explains a round in the background: whoever asks for an applicant is about to need it."""

    def read() -> None:
        with suppress(Problem, SQLAlchemyError):
            explained_of(request, selected)

    threading.Thread(target=read, daemon=True).start()
