"""Which intake, round and run a page is about, chosen in the URL: ``run`` and ``round``.

An edition is what belongs together: the rounds of a run folder, or the newest run of each round of an intake in the
store. People see what their role lets them see: before publication the office, signers and auditors only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import Request
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from admissions.rounds.stored import read_run
from admissions.rules import round_number
from api.access.actor import Actor
from api.problems import not_found
from api.run_folders import unpacked
from api.store.models import Intake, Run, RunArtifact
from api.store.repositories.runs import sees_unpublished
from api.web.kept import Kept, kept
from api.web.pictures import Picture, read_picture, read_stored_picture
from api.web.visits import guests_allowed

KEPT = 6
"""Rounds kept in memory; one of a whole region is about 30 MB."""


@dataclass(frozen=True)
class Edition:
    """Rounds that are shown together.

    Parameters
    ----------
    key
        What stands in the URL.
    name, year
        Of the intake.
    runs
        Run id by round, in the order of the year.
    states
        State by run id: ``folder`` for a run folder, else as in the store.
    intake_id
        Of the store; empty for a run folder.
    """

    key: str
    name: str
    year: int
    runs: Mapping[str, str]
    states: Mapping[str, str]
    intake_id: str = ""


@dataclass(frozen=True, eq=False)
class Selected:
    """The edition and round that a page is about."""

    request: Request
    edition: Edition
    round: str

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.edition.runs[self.round]

    @property
    def state(self) -> str:
        """State of the run."""
        return self.edition.states[self.run_id]

    @cached_property
    def picture(self) -> Picture:
        """The round."""
        return self.picture_of(self.round)

    @cached_property
    def earlier(self) -> Picture | None:
        """The round before, if there is one."""
        names = list(self.edition.runs)
        place = names.index(self.round)
        return self.picture_of(names[place - 1]) if place else None

    def picture_of(self, name: str) -> Picture:
        """Give a round of the edition."""
        run_id = self.edition.runs[name]
        state = self.request.app.state

        def read() -> Picture:
            folder = run_folder(self.request)
            if not self.edition.intake_id and folder is not None:
                return read_picture(folder, name)
            with state.store.read() as session:
                return read_stored_picture(session, run_id, name)

        rounds: Kept[Picture] = kept(self.request, "pictures", KEPT)
        return rounds.get((run_id, name), read)

    @contextmanager
    def files(self) -> Iterator[Path]:
        """Give the run folder itself, for as long as it is looked at.

        Raises
        ------
        Problem
            404: its files were erased.
        """
        folder = run_folder(self.request)
        if not self.edition.intake_id and folder is not None:
            yield folder
            return
        with self.request.app.state.store.read() as session:
            artifact = session.get(RunArtifact, (self.run_id, "run.zip"))
        if artifact is None:
            raise not_found("run folder", "query run")
        with unpacked(artifact.content) as found:
            yield found

    @property
    def link(self) -> dict[str, str]:
        """What every link carries on."""
        pin = self.request.query_params.get("pin")
        return {"run": self.edition.key, "round": self.round} | ({"pin": pin} if pin else {})


def run_folder(request: Request) -> Path | None:
    """Give the run folder that is shown: the one given at start, or the first inside it."""
    given: Path | None = request.app.state.run_folder
    if given is None or not guests_allowed(request):
        return None
    found = sorted(given.glob("**/run.json"), key=lambda path: (len(path.parts), path.as_posix()))
    return found[0].parent if found else None


def is_of_folder(selected: Selected) -> bool:
    """Say whether the run is that of the folder the service was started with, itself or loaded into the store."""
    return selected.edition.key in {one.key for one in _of_folder(selected.request)}


def _of_folder(request: Request) -> list[Edition]:
    folder = run_folder(request)
    if folder is None:
        return []
    about = read_run(folder).about
    runs = dict.fromkeys(about["rounds"], about["id"])
    return [Edition(about["id"], str(about["year"]), int(about["year"]), runs, {about["id"]: "folder"})]


def _of_store(session: Session, *, unpublished: bool) -> list[Edition]:
    statement = select(Run, Intake).join(Intake, Run.intake_id == Intake.id)
    shown = Run.state != "draft" if unpublished else Run.state == "published"
    whole = exists().where(RunArtifact.run_id == Run.id, RunArtifact.name == "run.zip")  # not erased on schedule
    newest = statement.where(shown, whole).order_by(Run.created_at.desc(), Run.id)
    found: dict[str, dict[str, Any]] = {}
    for run, intake in session.execute(newest):
        one = found.setdefault(intake.id, {"intake": intake, "runs": {}, "states": {}})
        if run.round not in one["runs"]:
            one["runs"][run.round] = run.id
            one["states"][run.id] = run.state
    return [
        Edition(
            key=intake_id,
            name=one["intake"].name,
            year=one["intake"].year,
            runs=dict(sorted(one["runs"].items(), key=lambda pair: round_number(pair[0]))),
            states=one["states"],
            intake_id=intake_id,
        )
        for intake_id, one in found.items()
    ]


def editions(request: Request, actor: Actor | None) -> list[Edition]:
    """Give what somebody may look at: the folder's run first, then the intakes of the store.

    A folder that was loaded has the same key in the store, and is shown from there to whoever may see it there.
    """
    unpublished = actor is not None and sees_unpublished(actor)
    folders = _of_folder(request)
    with request.app.state.store.read() as session:
        stored = _of_store(session, unpublished=unpublished)
    loaded = {one.key for one in stored}
    keys = {one.key for one in folders}
    return [
        *(one for one in folders if one.key not in loaded),
        *sorted(stored, key=lambda one: one.key not in keys),
    ]


def pinned(request: Request, actor: Actor | None, edition: Edition) -> Edition:
    """Give the edition with the run in the URL in place of the newest of its round, where one is named."""
    wanted = request.query_params.get("pin", "")
    if not wanted or not edition.intake_id:
        return edition
    with request.app.state.store.read() as session:
        run = session.get(Run, wanted)
        visible = run is not None and (run.state == "published" or (actor is not None and sees_unpublished(actor)))
        if run is None or run.intake_id != edition.intake_id or run.state == "draft" or not visible:
            raise not_found("run", "query pin")
        runs = {**edition.runs, run.round: run.id}
        return Edition(
            edition.key, edition.name, edition.year, runs, {**edition.states, run.id: run.state}, edition.intake_id
        )


def choose(request: Request, actor: Actor | None) -> Selected | None:
    """Give the edition and round of the URL; the first edition's last round if none is named; None if there is none.

    Raises
    ------
    Problem
        404: the URL names what does not exist, or not for the actor.
    """
    known = editions(request, actor)
    key, name = request.query_params.get("run", ""), request.query_params.get("round", "")
    if not known and not key:
        return None
    edition = next((one for one in known if key in {one.key, ""}), None)
    if edition is None:
        raise not_found("run", "query run")
    edition = pinned(request, actor, edition)
    if name and name not in edition.runs:
        raise not_found("round", "query round")
    return Selected(request, edition, name or list(edition.runs)[-1])


def chosen(request: Request, actor: Actor | None) -> Selected:
    """As `choose`, for a page that is about a run.

    Raises
    ------
    Problem
        404: there is no run to show.
    """
    selected = choose(request, actor)
    if selected is None:
        raise not_found("run", "query run")
    return selected
