"""Facts from a finished run's folder: from its files alone, and with the intake beside them where that reproduces them.

What would have been enough needs the grades, which a run's own files do not hold; a replay keeps the intake as it stood
after the window in the folder ``intake``.
"""

from __future__ import annotations

from pathlib import Path

from admissions.errors import InputError
from admissions.explanations.facts import Facts, facts_of, facts_of_stored, with_compiled
from admissions.intake import Intake
from admissions.rounds.stored import StoredRun, read_run
from admissions.rules import Lottery, Rulebook, compile_round, compile_static, load_rulebook


def open_facts(
    folder: Path, round_name: str = "", *, with_intake: bool = True, intake: Intake | None = None
) -> tuple[Facts, str]:
    """Open one round of a finished run.

    Parameters
    ----------
    folder
        The run's folder.
    round_name
        The round; the last one if empty.
    with_intake
        Look for the intake too; without it the folder opens quicker, and nothing is said about what was enough.
    intake
        The intake, where it is at hand; else the one beside the run is read and checked.

    Returns
    -------
    The facts, and why they do not know the intake: a key of the texts' section ``unknown``, ``""`` where they do.

    Raises
    ------
    RunFolderError
        If the folder is no finished run or has no such round.
    """
    run = read_run(folder)
    stored = run.round(round_name) if round_name else run.rounds[-1]
    rulebook = load_rulebook(folder / "rulebook.toml", int(run.about["year"]))
    rules = rulebook.sections
    facts = facts_of_stored(stored, tuple(rules.ties.chain), rules.order.late_first_hand)
    if not with_intake or (intake is None and not (folder / "intake").is_dir()):
        return facts, "no_intake"
    if stored.holders is not None:
        return facts, "reserve_round"
    try:
        known = _with_intake(run, rulebook, facts, intake)
    except InputError:
        return facts, "faulty_intake"
    return (facts, "other_intake") if known is None else (known, "")


def _with_intake(run: StoredRun, rulebook: Rulebook, facts: Facts, intake: Intake | None) -> Facts | None:
    from admissions.intake import read_intake

    found = read_intake(run.folder / "intake") if intake is None else intake
    lottery = Lottery(run.about["lottery"]["seed_phrase"], run.about["lottery"]["public_value"])
    return facts_with(found, rulebook, lottery, facts)


def facts_with(intake: Intake, rulebook: Rulebook, lottery: Lottery, facts: Facts) -> Facts | None:
    """Return the facts with the compiled round, if the intake gives the round's rows and decisions again.

    Parameters
    ----------
    intake, rulebook, lottery
        Those of the run.
    facts
        From the files of the round.
    """
    from admissions.matching import match
    from admissions.results.cutoffs import cutoffs
    from admissions.results.decisions import decide
    from admissions.rounds.tables import Outcome

    compiled = compile_round(compile_static(intake, rulebook), facts.round, lottery=lottery)
    matching = match(compiled.market)
    decisions = decide(compiled, matching)
    return with_compiled(facts, facts_of(Outcome(compiled, matching, decisions, cutoffs(decisions))))
