from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from admissions.rounds.checking import check_run
from admissions.rounds.folder import Run, write_run
from admissions.rounds.reserve import run_reserve
from admissions.rounds.resumed import open_finished, resume
from admissions.rounds.run import run_round
from admissions.rounds.stored import RunFolderError
from admissions.rules import compile_round, compile_static
from tests.admissions.results.town import LOTTERY, YEAR, town
from tests.admissions.rounds.test_reserve import ANSWERS, METHODS, with_policy
from tests.admissions.year_town import folder_digest

DAYS = {"final": date(YEAR, 7, 10), "reserve-1": date(YEAR, 8, 3)}


def summer(intake, round_name, draw):
    """Let people answer a round, and some apply late, for the first time or anew."""
    people = intake.applicants["applicant"].to_list()
    some = [who for who in people if draw.random() < 0.7]
    answers = pl.DataFrame(
        [
            {
                "applicant": who,
                "round": round_name,
                "answer": answer,
                "route_id": None,
                "answered_at": DAYS[round_name] if draw.random() < 0.5 else None,
            }
            for who in some
            for answer in [ANSWERS[draw.integers(0, len(ANSWERS))]]
            if answer is not None
        ],
        schema=intake.answers.schema,
    )
    came = f"z{round_name}"  # nobody knew of them
    routes = intake.routes["route_id"].to_list()
    free = people[int(draw.integers(len(people)))]
    own = intake.choices.filter(pl.col("applicant") == free)["route_id"].to_list()
    late = [(came, routes[0], 1), (free, next(one for one in routes if one not in own), 9)]
    choices = [
        {
            "applicant": who,
            "route_id": route,
            "rank": rank,
            "registered_at": DAYS[round_name],
            "withdrawn_at": None,
        }
        for who, route, rank in late
        if rank == 1 or rank not in intake.choices.filter(pl.col("applicant") == who)["rank"].to_list()
    ]
    person = intake.applicants[:1].with_columns(pl.lit(came).alias("applicant"))
    grades = intake.grades.filter(pl.col("applicant") == people[0]).with_columns(pl.lit(came).alias("applicant"))
    return replace(
        intake,
        applicants=pl.concat([intake.applicants, person]),
        grades=pl.concat([intake.grades, grades]),
        choices=pl.concat([intake.choices, pl.DataFrame(choices, schema=intake.choices.schema)]),
        answers=pl.concat([intake.answers, answers]),
    )


def chain(folder, seed, *, method, silence, move):
    """Run final, reserve-1 and reserve-2 in memory and through folders; return the two last folders."""
    draw = np.random.default_rng(seed)
    rules = with_policy(method, silence, move)
    intake = town(60, seed=seed, seats=3, quota=0.5)
    static = compile_static(intake, rules)
    rounds = [run_round(compile_round(static, "final", lottery=LOTTERY), intake)]
    write_run(folder / "final", Run(intake, rules, LOTTERY, rounds))
    for number, name in enumerate(("reserve-1", "reserve-2")):
        before = rounds[-1]
        intake = summer(intake, before.round, draw)
        static = compile_static(intake, rules)
        names = [str(one) for one in before.compiled.applicants]
        events = {
            "elsewhere": [names[i] for i in draw.integers(0, len(names), 2)],
            "ended": [names[i] for i in draw.integers(0, len(names), 2)],
            "closed": [str(before.compiled.routes[draw.integers(len(before.compiled.routes))])] * (1 - number),
            "accepted": names[:30],
        }
        rounds.append(run_reserve(static, name, LOTTERY, before, **events))
        finished = open_finished(folder / before.round)
        assert (finished.last, finished.next) == (before.round, name)
        stored = run_reserve(
            compile_static(intake, rules),  # the policies of these tests stand in no file
            name,
            finished.lottery,
            resume(folder / before.round, before.round),
            **events,
        )
        write_run(folder / name, Run(intake, rules, LOTTERY, [stored], continues=finished))
    write_run(folder / "memory", Run(intake, rules, LOTTERY, rounds))
    return folder / "memory", folder / "reserve-2"


@pytest.mark.parametrize("seed", range(6))
def test_rounds_continued_from_folders_are_those_of_memory_byte_for_byte(seed, tmp_path):
    policy = {
        "method": METHODS[seed % 3],
        "silence": ("accept_and_reserve", "accept_only", "forfeit")[seed % 3],
        "move": ("automatic", "needs_acceptance")[seed % 2],
    }
    memory, folders = chain(tmp_path, seed, **policy)
    assert folder_digest(memory) == folder_digest(folders)
    said = pl.read_csv(folders / "reserve-2" / "standing.csv")
    assert said["applicant"].is_sorted()
    assert said["lost"].drop_nulls().len() > 0
    assert (folders / "reserve-2" / "closed.csv").is_file()
    assert not (folders / "final" / "standing.csv").exists()
    assert len(list(check_run(folders))) >= 3


def test_what_people_said_is_sealed_with_the_round(tmp_path):
    _, folder = chain(tmp_path, 1, method="rerun", silence="accept_only", move="automatic")
    path = folder / "reserve-1" / "standing.csv"
    sealed = json.loads((folder / "reserve-1" / "certificate.json").read_text())["files"]
    assert {"standing.csv", "closed.csv"} <= set(sealed)
    path.write_text(path.read_text().replace(",1,", ",0,", 1))
    with pytest.raises(RunFolderError, match="sealed"):
        open_finished(folder)
    with pytest.raises(Exception, match="standing"):
        list(check_run(folder))


def test_a_round_that_cannot_be_continued_says_why(tmp_path):
    intake = town(30, seed=1)
    rules = with_policy()
    static = compile_static(intake, rules)
    rounds = [run_round(compile_round(static, name, lottery=LOTTERY), intake) for name in ("preliminary", "final")]
    write_run(tmp_path / "run", Run(intake, rules, LOTTERY, rounds))
    with pytest.raises(RunFolderError, match="preliminary"):
        resume(tmp_path / "run", "preliminary")
    with pytest.raises(RunFolderError, match="no round 'reserve-1'"):
        resume(tmp_path / "run", "reserve-1")
    write_run(tmp_path / "early", Run(intake, rules, LOTTERY, rounds[:1]))
    with pytest.raises(RunFolderError, match="nobody was given a seat"):
        _ = open_finished(tmp_path / "early").next
    second = run_reserve(static, "reserve-1", LOTTERY, rounds[1])
    write_run(tmp_path / "old", Run(intake, rules, LOTTERY, [*rounds, second]))
    (tmp_path / "old" / "reserve-1" / "standing.csv").unlink()
    with pytest.raises(RunFolderError, match="standing"):
        resume(tmp_path / "old", "reserve-1")
