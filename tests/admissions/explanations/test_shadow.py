from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from admissions.errors import InputError
from admissions.explanations.inversions import Order
from admissions.explanations.official import read_official
from admissions.explanations.shadow import CAUSES, compare, side_by_side
from admissions.rounds.folder import Run, write_run
from admissions.rounds.stored import StoredRound, read_run
from admissions.tables import write_table, write_xlsx
from tests.admissions.explanations.planting import KINDS, official_of, plant
from tests.admissions.explanations.worlds import LOTTERY, own_orders, ran, world


@cache
def stored(rules: str, folder: str) -> StoredRound:
    intake = world(400, seed=7, seats=9)
    result = ran(intake, rules)
    path = Path(folder) / rules
    write_run(path, Run(intake, result.compiled.static.rulebook, LOTTERY, [result]))
    return read_run(path).rounds[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("runs"))


def chain(rules: str) -> tuple[str, ...]:
    return ("choice_rank", "grade_sum", "grade_count", "lottery") if rules == "halland" else ("lottery",)


def test_a_run_against_itself_has_no_difference(folder: str):
    ours = stored("storsthlm", folder)
    found = compare(ours, official_of(ours), chain("storsthlm"))
    assert found.equal
    assert not len(found.persons)
    assert found.totals["rows"].sum() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_planted_differences_are_all_found_and_classified_right(kind: str, folder: str):
    rules = "halland" if kind == "tie" else "storsthlm"
    ours = stored(rules, folder)
    official, planted = plant(ours, kind, 200)
    assert len(planted) >= 3
    found = compare(ours, official, chain(rules))
    causes = {
        (who, route): cause for who, route, cause in found.rows.select("applicant", "route_id", "cause").iter_rows()
    }
    assert planted <= causes.keys()
    assert {causes[one] for one in planted} == {kind}
    assert set(found.rows["cause"].unique()) == {kind}
    assert set(found.rows["applicant"]) == {who for who, _ in planted}


def test_what_follows_from_another_difference_takes_its_cause(folder: str):
    ours = stored("storsthlm", folder)
    official, _ = plant(ours, "merit", 3)
    found = compare(ours, official, chain("storsthlm"))
    follows = found.rows.filter(pl.col("how") == "follows")
    assert len(follows) >= 3  # those pushed out, and lower choices of those let in
    assert set(follows["cause"]) == {"merit"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_files_in_both_languages_and_formats_are_read(ending: str, folder: str, tmp_path: Path):
    ours = stored("storsthlm", folder)
    frame = official_of(ours).select(
        pl.col("applicant").alias("Sökande"),
        pl.col("route_id").alias("Studieväg"),
        pl.col("status")
        .replace({"admitted": "Antagen", "reserve": "Reserv", "struck": "Struken", "not_eligible": "Obehörig"})
        .alias("Status"),
        pl.col("reserve_position").alias("Reservplats"),
        (pl.col("merit") / 100).cast(pl.String).str.replace(".", ",", literal=True).alias("Meritvärde"),
    )
    path = tmp_path / f"official.{ending}"
    if ending == "xlsx":
        write_xlsx({"Beslut": frame}, path)
    else:
        write_table(frame, path)
    read = read_official(path)
    assert read["merit"].null_count() == 0
    assert compare(ours, read, chain("storsthlm")).equal


def test_a_faulty_file_is_refused_with_every_problem(tmp_path: Path):
    path = tmp_path / "official.csv"
    path.write_text("applicant,route_id,status,merit\na,r,maybe,12x\na,r,admitted,240\n", encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_official(path)
    assert len(refusal.value.problems) == 3
    path.write_text("applicant,status\na,admitted\n", encoding="utf-8")
    with pytest.raises(InputError, match="route_id"):
        read_official(path)


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_two_hundred_of_each_kind_on_a_full_sample(tmp_path: Path):
    from admissions.rounds.run import run_round
    from admissions.rules import compile_round, compile_static, load_rulebook
    from simulations.population.generate import generate_intake

    intake = generate_intake(2023, None, seed=1)
    for rules, kinds in (("storsthlm", set(KINDS) - {"tie"}), ("halland", {"tie"})):
        static = compile_static(intake, load_rulebook(rules, 2023))
        result = run_round(compile_round(static, "final", lottery=LOTTERY), intake)
        write_run(tmp_path / rules, Run(intake, static.rulebook, LOTTERY, [result]))
        ours = read_run(tmp_path / rules).rounds[-1]
        assert compare(ours, official_of(ours), chain(rules)).equal
        for kind in sorted(kinds):
            official, planted = plant(ours, kind, 200)
            assert len(planted) == (200 if kind in {"seats", "eligibility"} else 400)
            rows = compare(ours, official, chain(rules)).rows
            causes = {
                (who, route): cause for who, route, cause in rows.select("applicant", "route_id", "cause").iter_rows()
            }
            assert {causes.get(one) for one in planted} == {kind}
            assert set(causes.values()) == {kind}


def test_the_causes_are_the_specified_ones():
    assert set(CAUSES) == set(KINDS)


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> StoredRound:
    """Return a round in which every pool has a free quota and every second one seats by test."""
    intake = own_orders(3, 300)
    result = ran(intake)
    path = tmp_path_factory.mktemp("grouped") / "run"
    write_run(path, Run(intake, result.compiled.static.rulebook, LOTTERY, [result]))
    return read_run(path).rounds[-1]


def test_seats_with_an_order_of_their_own_are_decided_in_it(grouped: StoredRound):
    """Our own result contradicts our order nowhere, though the quota and the test pass over better merits."""
    both = side_by_side(grouped, official_of(grouped))
    order = Order(both, ("lottery",))
    assert not [row for row in both["number"].to_list() if order.inversion(row, ())]
    passed_over = both.filter(pl.col("status") == "admitted").join(
        both.filter(pl.col("status") == "reserve").select("pool", pl.col("points").alias("better")), on="pool"
    )
    assert passed_over.filter(pl.col("better") > pl.col("points")).height > 4


def test_a_swap_in_a_pool_with_groups_is_found_where_the_order_leaves_no_doubt(grouped: StoredRound):
    """Two of first hand without a quota or a test: whoever comes first by merit comes first on every seat."""
    rows = grouped.rows.join(
        grouped.decisions.select("applicant", "route_id", pl.col("status").alias("decided")),
        on=["applicant", "route_id"],
    )
    plain = rows.filter(pl.col("groups").str.starts_with(": free_quota") & (pl.col("tier") == 0))
    official = official_of(grouped)
    tried = 0
    for pool in plain["pool"].unique().sort().to_list():
        here = plain.filter(pl.col("pool") == pool).sort("points", descending=True)
        inside, out = (here.filter(pl.col("decided") == name) for name in ("admitted", "reserve"))
        if not len(inside) or not len(out) or inside["points"][-1] == out["points"][0]:
            continue
        tried += 1
        swapped = dict.fromkeys(inside["applicant"][-1:], "reserve") | dict.fromkeys(out["applicant"][:1], "admitted")
        route = dict(here.select("applicant", "route_id").iter_rows())
        status = [
            swapped.get(who, said) if route.get(who) == at else said
            for who, at, said in official.select("applicant", "route_id", "status").iter_rows()
        ]
        both = side_by_side(grouped, official.with_columns(pl.Series("status", status)))
        number = both.filter(
            (pl.col("applicant") == inside["applicant"][-1]) & (pl.col("route_id") == inside["route_id"][-1])
        )
        found = Order(both, ("lottery",)).inversion(number["number"][0], ())
        assert found is not None
        assert found[1] == "merit"
    assert tried > 3
