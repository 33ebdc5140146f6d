"""The stand-alone verifier: whole runs pass, and one changed cell anywhere is refused by property and place."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from admissions.verifier import verifier
from admissions.verifier.receipts import receipt
from tests.admissions.verifier.small_runs import read, write, write_small_run

SOURCE = Path(verifier.__file__)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    base = tmp_path_factory.mktemp("runs")
    return [write_small_run(base / str(seed), seed) for seed in range(6)]


def test_finished_runs_pass(runs: list[Path]) -> None:
    for run in runs:
        established = verifier.verify_run(run)
        assert len(established) == 3
        assert "P1 to P9" in established[2]


def test_it_is_one_short_file_of_the_standard_library_that_runs_alone(runs: list[Path], tmp_path: Path) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 700
    modules = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    modules |= {
        alias.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import) for alias in node.names
    }
    assert modules <= sys.stdlib_module_names
    alone = shutil.copy(SOURCE, tmp_path / "verifier.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", alone, runs[0]], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Everything holds.\n")


# -- damage --------------------------------------------------------------------------------------------------------

Rng = np.random.Generator
Lines = list[dict[str, str]]
Edit = Callable[[Rng, Lines, Lines, Lines], None]


def pick(
    rng: np.random.Generator, lines: list[dict[str, str]], keep: Callable[[dict[str, str]], bool] = bool
) -> dict[str, str]:
    found = [line for line in lines if keep(line)]
    if not found:
        pytest.skip("no such line in this run")
    return found[int(rng.integers(len(found)))]


def take_away(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, decisions, lambda d: d["status"] == "admitted")
    line.update(status="reserve", group="", reserve_position="1")


def give_away(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    placed = {d["applicant"] for d in decisions if d["status"] == "admitted"}
    line = pick(rng, decisions, lambda d: d["status"] == "reserve" and d["applicant"] not in placed)
    line.update(status="admitted", group="", reserve_position="")


def second_seat(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, decisions, lambda d: d["status"] == "struck")
    line.update(status="admitted", group="")


def grant_untried(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    placed = {d["applicant"] for d in decisions if d["status"] == "admitted"}
    line = pick(rng, decisions, lambda d: d["status"] == "not_eligible" and d["applicant"] not in placed)
    line.update(status="admitted", group="")


def other_group(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    pool = {(r["applicant"], r["route_id"]): r["pool"] for r in rows}
    line = pick(
        rng, decisions, lambda d: d["group"] != "reverted" and d["status"] == "admitted"
        and pool[d["applicant"], d["route_id"]] in {"k2", "k3"},
    )  # fmt: skip
    own = "free_quota" if pool[line["applicant"], line["route_id"]] == "k2" else "test"
    line["group"] = "" if line["group"] else own


def unknown_group(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    pick(rng, decisions, lambda d: d["status"] == "admitted")["group"] = "dance"


def seat_fewer(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, seats, lambda s: s["pool"] in {"k1", "r5"})
    line["seats"] = str(int(line["seats"]) - 1)


def seat_more(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, seats, lambda s: s["pool"] in {"k1", "r5"})
    line["seats"] = str(int(line["seats"]) + 1)


def idle_seat(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    pick(rng, seats, lambda s: s["pool"] == "r6")["seats"] = "41"


def points_up(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    waiting = {(d["applicant"], d["route_id"]) for d in decisions if d["status"] == "reserve"}
    line = pick(rng, rows, lambda r: (r["applicant"], r["route_id"]) in waiting and r["pool"] in {"k1", "r5"})
    line.update(points=str((63 << 57) + (1 << 40) * 9000), tier="0")


def tier_changed(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    pick(rng, rows, lambda r: r["status"] == "tried" and r["pool"] == "k1")["tier"] = "7"


def points_down(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    seated = {(d["applicant"], d["route_id"]) for d in decisions if d["status"] == "admitted"}
    line = pick(rng, rows, lambda r: (r["applicant"], r["route_id"]) in seated and r["pool"] in {"k1", "r5"})
    line.update(points="0", tier="63")


def merit_text(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, rows)
    line["merit"] = str(int(line["merit"]) + 10)


def lottery_number(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, rows)
    line["lottery"] = "0" * 8 + line["lottery"][8:]


def lottery_order(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, rows)
    line["lottery_order"] = str((int(line["lottery_order"]) + 3) % 40)


def not_tried(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    seated = {(d["applicant"], d["route_id"]) for d in decisions if d["status"] == "admitted"}
    pick(rng, rows, lambda r: (r["applicant"], r["route_id"]) in seated)["status"] = "not_eligible"


def tried_after_all(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    pick(rng, rows, lambda r: r["status"] == "not_eligible")["status"] = "tried"


def membership_lost(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    grouped = {(d["applicant"], d["route_id"]) for d in decisions if d["group"] in {"test", "free_quota"}}
    pick(rng, rows, lambda r: (r["applicant"], r["route_id"]) in grouped)["groups"] = ""


def asking_turned(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    def turned(row: dict[str, str]) -> bool:
        tokens = row["groups"].split()
        return row["status"] == "tried" and len(tokens) > 1 and any(token[0] == ":" for token in tokens)

    row = pick(rng, rows, turned)
    row["groups"] = " ".join(reversed(row["groups"].split()))


def asking_forgotten(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    row = pick(rng, rows, lambda r: r["status"] == "tried" and r["groups"].startswith(": "))
    row["groups"] = row["groups"].removeprefix(": ")


def reverts_changed(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, seats, lambda s: s["group"] != "")
    line["reverts"] = "1" if line["reverts"] == "0" else "0"


def position(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    line = pick(rng, decisions, lambda d: d["reserve_position"] != "")
    line["reserve_position"] = str(int(line["reserve_position"]) + 1)


def row_missing(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    rows.remove(pick(rng, rows))


def row_moved(rng: Rng, rows: Lines, seats: Lines, decisions: Lines) -> None:
    k = int(rng.integers(len(rows) - 1))
    rows[k], rows[k + 1] = rows[k + 1], rows[k]


KINDS: dict[Edit, str] = {
    take_away: "P5 P6",
    give_away: "P3 P4 P5 P6",
    second_seat: "P2",
    grant_untried: "P3",
    other_group: "P3 P4 P5 P6 P7",
    unknown_group: "P1",
    seat_fewer: "P4",
    seat_more: "P5",
    idle_seat: "D1",
    points_up: "P6",
    tier_changed: "L1",
    points_down: "P6 C1",
    merit_text: "C1",
    lottery_number: "L1",
    lottery_order: "L1",
    not_tried: "P3",
    tried_after_all: "P5 P6 C1",
    membership_lost: "P3",
    asking_turned: "P5 P6 P7 P8 C1",
    asking_forgotten: "P5 P6 P7 P8 C1",
    reverts_changed: "P1 P4 P5 P6 C2",
    position: "D1",
    row_missing: "P1",
    row_moved: "F1",
}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("edit", KINDS, ids=lambda edit: edit.__name__)
def test_damage_is_refused_by_property_and_place(edit: Edit, seed: int, runs: list[Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs[seed], run)
    rng = np.random.default_rng([seed, len(edit.__name__)])
    name = ("preliminary", "final")[seed % 2]
    files = ("rows.csv", "seats.csv", "decisions.csv")
    tables = [read(run / name / file) for file in files]
    edit(rng, *tables)
    for file, lines in zip(files, tables, strict=True):
        write(run / name / file, lines)
    with pytest.raises(verifier.Refusal) as refusal:
        verifier.verify_run(run)
    assert refusal.value.property in KINDS[edit].split(), str(refusal.value)
    assert name in refusal.value.place
    assert "applicant" in refusal.value.place or "pool" in refusal.value.place or refusal.value.property == "C2"
    assert verifier.main([str(run)]) == 1


def read_row_of(applicant: str, route: str, rank: int) -> verifier.Row:
    """Return a row that its route likes the better the less the applicant does."""
    cells = {"applicant": applicant, "route_id": route, "pool": route, "rank": str(rank), "points": str(rank)}
    rest = {"status": "tried", "tier": "0", "lottery": applicant, "lottery_order": "0", "groups": "", "holds": "0"}
    return verifier.read_row(cells | rest, "test")


def test_a_stable_result_that_is_not_the_best_is_refused(tmp_path: Path) -> None:
    """Two people, two routes, each ranked first where it is not wanted first: two stable results."""
    write_small_run(tmp_path / "run", 1)
    one = verifier.read_round(tmp_path / "run/final", "final")

    def row(applicant: str, route: str, rank: int, status: str) -> verifier.Row:
        made = read_row_of(applicant, route, rank)
        made.status, made.granted = status, "" if status == "admitted" else None
        return made

    rows = [
        row("a", "x", 1, "reserve"),
        row("a", "y", 2, "admitted"),
        row("b", "y", 1, "reserve"),
        row("b", "x", 2, "admitted"),
    ]
    one.rows = rows
    one.classes = {p: [verifier.Class(p, "", 0, 1, reverts=False)] for p in "xy"}
    one.routes = {p: p for p in "xy"}
    one.queues = verifier.put_in_line(one.classes, rows, "final")
    with pytest.raises(verifier.Refusal) as refusal:
        verifier.check_result(one, claims_best=True)
    assert (refusal.value.property, refusal.value.place) == ("P8", "final, applicant a, route x")
    verifier.check_result(one, claims_best=False)


def test_a_seat_in_a_later_group_than_the_first_that_would_have_the_row_is_refused(tmp_path: Path) -> None:
    write_small_run(tmp_path / "run", 1)
    one = verifier.read_round(tmp_path / "run/final", "final")
    row = read_row_of("a", "x", 1)
    row.groups, row.status, row.granted = {"test": None}, "admitted", ""
    one.rows = [row]
    one.classes = {
        "x": [verifier.Class("x", "test", 0, 1, reverts=False), verifier.Class("x", "", 1, 1, reverts=False)]
    }
    for number, group in enumerate(one.classes["x"]):
        group.number = number
    one.routes = {"x": "x"}
    one.queues = verifier.put_in_line(one.classes, [row], "final")
    with pytest.raises(verifier.Refusal) as refusal:
        verifier.check_result(one, claims_best=True)
    assert (refusal.value.property, refusal.value.place) == ("P7", "final, applicant a, route x")
    row.granted = "test"
    verifier.check_result(one, claims_best=True)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda run: run["lottery"].update(seed_phrase="another"), "run.json"),
        (lambda run: run["roots"].update(final="0" * 64), "run.json"),
        (lambda run: run.update(rulebook_sha256="0" * 64), "rulebook.toml"),
        (lambda run: run.pop("draws"), "run.json"),
    ],
)
def test_a_changed_run_json_is_refused(change: Callable, place: str, runs: list[Path], tmp_path: Path) -> None:
    run = Path(shutil.copytree(runs[0], tmp_path / "run"))
    content = json.loads((run / "run.json").read_text())
    change(content)
    (run / "run.json").write_text(json.dumps(content))
    with pytest.raises(verifier.Refusal) as refusal:
        verifier.verify_run(run)
    assert refusal.value.place == place


@pytest.mark.parametrize(
    "file", ["rows.csv", "seats.csv", "decisions.csv", "leaves.csv", "certificate.json", "cutoffs.csv", "routes.csv"]
)
def test_a_missing_file_is_named(file: str, runs: list[Path], tmp_path: Path) -> None:
    run = Path(shutil.copytree(runs[0], tmp_path / "run"))
    (run / "final" / file).unlink()
    with pytest.raises(verifier.Refusal, match=file):
        verifier.verify_run(run)


@pytest.mark.parametrize(
    ("part", "name"), [("counts", "placed"), ("sha256", "priority"), ("sha256", "result"), ("sha256", "groups")]
)
def test_a_changed_certificate_is_refused(part: str, name: str, runs: list[Path], tmp_path: Path) -> None:
    run = Path(shutil.copytree(runs[0], tmp_path / "run"))
    path = run / "final" / "certificate.json"
    sealed = json.loads(path.read_text())
    sealed["certificate"][part][name] = "0" * 64
    path.write_text(json.dumps(sealed))
    with pytest.raises(verifier.Refusal, match=rf"C2 .*{part}\.{name}"):
        verifier.verify_run(run)


# -- receipts ------------------------------------------------------------------------------------------------------


def test_every_receipt_leads_to_the_published_root(runs: list[Path], tmp_path: Path) -> None:
    folder = runs[0] / "final"
    root = json.loads((folder / "certificate.json").read_text())["root"]
    for line in read(folder / "leaves.csv"):
        mine = receipt(folder, line["applicant"])
        verifier.check_receipt(mine, root)
    (tmp_path / "receipt.json").write_text(json.dumps(mine))
    assert verifier.main([str(runs[0]), "--receipt", str(tmp_path / "receipt.json")]) == 0
    assert verifier.main(["--receipt", str(tmp_path / "receipt.json"), "--root", root]) == 0
    assert verifier.main(["--receipt", str(tmp_path / "receipt.json"), "--root", "0" * 64]) == 1


@pytest.mark.parametrize("what", ["status", "row", "neighbour", "side", "others", "shape"])
def test_a_changed_receipt_is_refused(what: str, runs: list[Path]) -> None:
    folder = runs[0] / "final"
    mine = receipt(folder, read(folder / "leaves.csv")[5]["applicant"])
    if what == "status":
        mine["decisions"][0]["status"] = "admitted?"
    if what == "row":
        mine["rows"][0]["points"] += "0"
    if what == "neighbour":
        mine["path"][1][1] = "00" * 32
    if what == "side":
        mine["path"][0][0] = "left" if mine["path"][0][0] == "right" else "right"
    if what == "others":
        mine["rows"][0]["applicant"] = "somebody"
    if what == "shape":
        del mine["path"]
    with pytest.raises(verifier.Refusal, match="F1" if what == "shape" else "R1"):
        verifier.check_receipt(mine, mine["root"])
