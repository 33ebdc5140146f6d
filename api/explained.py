"""What explanations and letters of a stored run are made from: read once a process, then kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from admissions.errors import AdmissionsError
from admissions.explanations.facts import Facts, facts_of_stored
from admissions.explanations.source import facts_with
from admissions.intake import Intake
from admissions.rounds.stored import read_run
from admissions.rules import Lottery, Rulebook
from api.jobs.run_round import rulebook_from_text
from api.problems import not_found
from api.run_folders import unpacked
from api.store import Store
from api.store.models import Intake as IntakeRow
from api.store.models import Route, Run, RunArtifact
from api.store.models import Rulebook as RulebookRow
from api.store.repositories.importing import load_intake

_READING = Lock()
KEPT = 2
"""Runs kept: one of a whole region takes some hundred megabytes."""


@dataclass(frozen=True, eq=False)
class Explained:
    """A run's round, ready to be explained.

    Parameters
    ----------
    facts, unknown
        As for `admissions.explanations.explain`.
    rulebook
        The rules in force.
    intake_name
        The admission year's name.
    organisers
        The organiser of each route by its id.
    """

    facts: Facts
    unknown: str
    rulebook: Rulebook
    intake_name: str
    organisers: Mapping[str, str]


def read_explained(store: Store, run_id: str) -> Explained:
    """Read what is needed to explain a run's round.

    What would have been enough needs the grades: the intake is compiled again, and used if it gives exactly the rows
    and decisions of the run; else the rest is still said.

    Raises
    ------
    Problem
        404: the run has no folder, or it was erased.
    """
    with store.read() as session:
        run = session.get(Run, run_id)
        packed = session.get(RunArtifact, (run_id, "run.zip"))
        if run is None or packed is None:
            raise not_found("run folder", "path run_id")
        intake_row = session.get_one(IntakeRow, run.intake_id)
        text = session.get_one(RulebookRow, run.rulebook_id).text
        owners = session.query(Route.route_id, Route.organiser).where(Route.intake_id == run.intake_id).all()
        erased = run.inputs_erased_at is not None
        intake = None if erased else load_intake(session, run.intake_id, intake_row.year)
        name, year, seeds = intake_row.name, intake_row.year, dict(run.lottery)
        round_name = run.round
    rulebook = rulebook_from_text(text, year)
    rules = rulebook.sections
    with unpacked(packed.content) as folder:
        stored = read_run(folder).round(round_name)
        facts = facts_of_stored(stored, tuple(rules.ties.chain), rules.order.late_first_hand)
        unknown = "no_intake"
        if stored.holders is not None:
            unknown = "reserve_round"
        elif intake is not None:
            facts, unknown = _known(facts, intake, rulebook, seeds)
        _ = facts.thresholds, facts.score_limits  # made while the folder is there, and before anybody waits
    organisers = {one.route_id: one.organiser for one in owners}
    return Explained(facts, unknown, rulebook, name, organisers)


def _known(facts: Facts, intake: Intake, rulebook: Rulebook, seeds: Mapping[str, Any]) -> tuple[Facts, str]:
    """Give the facts with the intake behind them, if it is still the one of the run."""
    lottery = Lottery(seeds["seed_phrase"], seeds["public_value"])
    try:
        again = facts_with(intake, rulebook, lottery, facts)
    except AdmissionsError:
        return facts, "faulty_intake"
    return (facts, "other_intake") if again is None else (again, "")


def explained_run(state: Any, run_id: str) -> Explained:
    """Give what explains a run, kept for the runs asked for last.

    Parameters
    ----------
    state
        The application's state.
    run_id
        A run that has results.

    Raises
    ------
    Problem
        404: the run has no folder.
    """
    from api.web.kept import Kept

    with state.store.read() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise not_found("run", "path run_id")
        key = (run_id, run.inputs_erased_at)  # what was erased is not remembered either
    with _READING:
        if not hasattr(state, "explained_runs"):
            state.explained_runs = Kept(KEPT)
    known: Kept[Explained] = state.explained_runs
    return known.get(key, lambda: read_explained(state.store, run_id))
