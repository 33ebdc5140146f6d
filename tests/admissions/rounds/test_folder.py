from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from admissions.errors import VerificationError
from admissions.matching import Certificate, verify
from admissions.rounds import folder as module
from admissions.rounds.checking import check_run
from admissions.rounds.folder import Run, root_of, write_run
from admissions.rounds.run import run_round
from admissions.rounds.staging import FolderTakenError
from admissions.rounds.stored import RunFolderError, read_run
from admissions.rules import Lottery, compile_round, compile_static
from tests.admissions.results.town import LOTTERY, rulebook, town


def made(intake, lottery: Lottery = LOTTERY) -> Run:
    static = compile_static(intake, rulebook())
    rounds = [run_round(compile_round(static, name, lottery=lottery), intake) for name in ("preliminary", "final")]
    return Run(intake, static.rulebook, lottery, rounds, seeds={"behaviour": 1})


@pytest.fixture(scope="module")
def run() -> Run:
    return made(town(150, seed=3, seats=4, quota=0.5))


@pytest.fixture
def written(run, tmp_path) -> Path:
    write_run(tmp_path / "run", run)
    return tmp_path / "run"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_written_run_reads_back_to_the_market_and_matching_it_was(run, written):
    stored = read_run(written)
    assert [one.name for one in stored.rounds] == ["preliminary", "final"]
    for result, one in zip(run.rounds, stored.rounds, strict=True):
        assert one.market.groups is not None
        again = verify(one.market, one.matching)
        assert again == result.certificate
        assert one.rows.height == len(result.compiled.route)
        statuses = one.decisions["status"].value_counts(sort=True)
        assert statuses["count"].sum() == len(result.compiled.route)
    text = json.loads((written / "final" / "certificate.json").read_text())
    assert Certificate.from_json(json.dumps(text["certificate"])) == run.rounds[1].certificate


def test_both_checkers_accept_a_written_run(written):
    lines = list(check_run(written))
    assert len(lines) == 5
    assert all("P1 to P9" in line for line in lines[1:3])


def test_equal_inputs_give_equal_bytes_whatever_the_order_of_rows(run, written, tmp_path):
    intake = run.intake
    shuffled = replace(
        intake,
        **{name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in intake.tables().items()},
    )
    write_run(tmp_path / "again", made(shuffled))
    assert contents(tmp_path / "again") == contents(written)


def test_no_clock_time_stands_in_a_file(written):
    before = contents(written)
    for path in written.rglob("*"):
        os.utime(path, (0, 0))
    assert "20" + "26-" not in "".join(text.decode() for text in before.values())


def test_a_finished_run_is_never_overwritten(run, written):
    before = contents(written)
    with pytest.raises(FolderTakenError, match="holds a finished run"):
        write_run(written, run)
    assert contents(written) == before


def test_a_folder_with_other_things_or_a_file_is_refused(run, tmp_path):
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "letter.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderTakenError, match="other files"):
        write_run(tmp_path / "things", run)
    with pytest.raises(FolderTakenError, match="is a file"):
        write_run(tmp_path / "file", run)


def test_an_empty_folder_may_be_filled(run, tmp_path):
    (tmp_path / "run").mkdir()
    write_run(tmp_path / "run", run)
    assert (tmp_path / "run" / "run.json").is_file()


@pytest.mark.parametrize("crash", [RuntimeError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["seats_table", "seal_round", "_run_json"])
def test_a_crash_in_the_middle_leaves_nothing(run, tmp_path, monkeypatch, where, crash):
    def fail(*_args, **_named):
        raise crash

    monkeypatch.setattr(module, where, fail)
    with pytest.raises(type(crash)):
        write_run(tmp_path / "deep" / "run", run)
    assert [path for path in tmp_path.rglob("*") if path.name != "deep"] == []


def test_a_crash_in_the_report_leaves_nothing(run, tmp_path):
    def fail(folder, about):
        assert (folder / "run.json").is_file()
        assert about["id"] == about["root"][:12]
        raise RuntimeError("no paper")

    with pytest.raises(RuntimeError, match="no paper"):
        write_run(tmp_path / "run", run, more=fail)
    assert list(tmp_path.iterdir()) == []


def test_run_json_says_what_was_run(run, written):
    about = json.loads((written / "run.json").read_text())
    assert about["rules"] == "storsthlm"
    assert about["assumption"] is True
    assert about["intake_sha256"] == run.intake.digest()
    assert about["lottery"]["commitment"] == LOTTERY.commitment(run.intake.applicants["applicant"])
    assert about["seeds"] == {"behaviour": 1}
    assert about["root"] == root_of(written, about["rounds"])
    assert about["draws"] == {"preliminary": "preliminary", "final": "final"}


@pytest.mark.parametrize("name", ["rows", "seats", "decisions", "cutoffs", "routes", "shortfalls", "changes"])
def test_any_changed_file_is_noticed(written, name):
    path = written / "final" / f"{name}.csv"
    text = path.read_text()
    place = max(k for k, one in enumerate(text) if one.isdigit())
    path.write_text(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
    with pytest.raises((VerificationError, RunFolderError)):
        list(check_run(written))


def test_a_folder_that_is_no_run_is_refused_with_a_remedy(tmp_path, written):
    with pytest.raises(RunFolderError, match="admissions replay"):
        read_run(tmp_path)
    (written / "run.json").write_text("{")
    with pytest.raises(RunFolderError, match="damaged"):
        read_run(written)


def test_a_round_that_is_missing_is_named(written):
    with pytest.raises(RunFolderError, match="'reserve-1'"):
        read_run(written).round("reserve-1")
    about = json.loads((written / "run.json").read_text())
    (written / "run.json").write_text(json.dumps(about | {"rounds": ["preliminary", "final", "reserve-1"]}))
    with pytest.raises(RunFolderError, match="its folder is missing"):
        read_run(written)


def test_tables_are_sorted_by_ids_and_never_quote_ids_as_numbers(written):
    rows = pl.read_csv(written / "final" / "rows.csv")
    assert rows.select("applicant", "rank").equals(rows.select("applicant", "rank").sort("applicant", "rank"))
    seats = pl.read_csv(written / "final" / "seats.csv")
    assert seats["pool"].to_list() == sorted(seats["pool"].to_list())
