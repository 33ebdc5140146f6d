"""What happens after the final round: closures, summer school, late applicants, answers, and the reserve rounds."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.intake import read_intake, write_intake
from admissions.rules import Lottery, compile_round, compile_static, load_rulebook
from admissions.rules.rows import RowStatus
from simulations.behaviour.answers import answers_to
from simulations.behaviour.parameters import load_behaviour
from simulations.behaviour.summer import recorded_after
from simulations.population import generate_intake
from simulations.replay import replay

RULES = load_rulebook("storsthlm", 2023)
LOTTERY = Lottery("snow", "12 7 33")
MODELS = load_behaviour()
AFTER = ("closures", "summer_school", "late", "answers")
MORE = replace(  # a small year where everything happens often
    MODELS,
    summer_school=replace(MODELS.summer_school, attends=1.0),
    late=replace(MODELS.late, joins=1.0, adds=1.0),
    closures=replace(MODELS.closures, share=0.2),
    answers=replace(MODELS.answers, declines=0.2, declines_lower=0.1, no_show=0.5),
)


@pytest.fixture(scope="module")
def intake():
    """2,500 applicants, and seats for them."""
    found = generate_intake(2023, 2500, seed=1)
    seats = ((pl.col("seats") - pl.col("held_outside")) * 0.09).ceil().cast(pl.Int64)
    return replace(found, seats=found.seats.with_columns(seats=seats, held_outside=pl.lit(0, pl.Int64)))


@pytest.fixture(scope="module")
def short(intake):
    return replay(intake, RULES, LOTTERY, 1, behaviour=MORE)


@pytest.fixture(scope="module")
def year(intake):
    return replay(intake, RULES, LOTTERY, 1, behaviour=MORE, reserve_rounds=2)


def only(name):
    return MORE.without(*(other for other in AFTER if other != name))


def changed_tables(one, other):
    names = ("routes", "seats", "applicants", "grades", "choices", "decisions", "answers")
    return [name for name in names if not getattr(one, name).equals(getattr(other, name))]


def granted(result):
    routes = result.compiled.routes
    seats = zip(result.compiled.applicants, result.decisions.granted_route.tolist(), strict=True)
    return {str(name): str(routes[route]) for name, route in seats if route >= 0}


def test_reserve_rounds_change_nothing_before_them(short, year):
    assert [one.round for one in year.rounds] == ["preliminary", "final", "reserve-1", "reserve-2"]
    for one, other in zip(short.rounds, year.rounds, strict=False):
        assert (one.matching.choice == other.matching.choice).all()
    assert short.reserve == ()
    assert set(year.simulated) - set(short.simulated) == set(AFTER)


def test_a_simulated_summer_replays_as_recorded_to_the_identical_result(year, tmp_path):
    write_intake(year.intake, tmp_path / "in", "parquet")
    recorded = read_intake(tmp_path / "in")  # which also says that the tables are sound
    assert recorded_after(recorded, RULES, "final")
    assert recorded_after(recorded, RULES, "reserve-1")
    again = replay(recorded, RULES, LOTTERY, 99, reserve_rounds=2)
    assert again.simulated == ()
    assert again.intake.digest() == year.intake.digest()
    assert again.changes.equals(year.changes)
    for one, other in zip(again.rounds, year.rounds, strict=True):
        assert (one.matching.choice == other.matching.choice).all()


def test_switched_off_nothing_happens_and_everybody_keeps_the_seat(intake, short):
    still = replay(intake, RULES, LOTTERY, 1, behaviour=MORE.without(*AFTER), reserve_rounds=2)
    assert changed_tables(still.intake, short.intake) == []
    assert not set(still.simulated) & set(AFTER)
    for one in still.reserve:
        assert granted(one) == granted(still.final)


@pytest.mark.parametrize(
    ("name", "table"),
    [("closures", "routes"), ("summer_school", "grades"), ("late", "choices"), ("answers", "answers")],
)
def test_each_model_touches_its_own_table_and_only_while_it_is_on(intake, short, name, table):
    found = replay(intake, RULES, LOTTERY, 1, behaviour=only(name), reserve_rounds=1)
    assert changed_tables(found.intake, short.intake) == [table]
    assert [one for one in found.simulated if one in AFTER] == [name]


def test_without_answers_nobody_ever_gets_a_lower_choice_than_before(intake):
    found = replay(intake, RULES, LOTTERY, 1, behaviour=MORE.without("answers", "closures"), reserve_rounds=2)
    for before, after in zip(found.rounds[1:], found.reserve, strict=False):
        ranks = {}
        for one in (before, after):
            seated = one.decisions.granted >= 0
            ids, rows = one.compiled.applicants[seated], one.decisions.granted[seated]
            ranks[one.round] = dict(zip(ids.tolist(), one.compiled.rank[rows].tolist(), strict=True))
        assert all(ranks[after.round][name] <= rank for name, rank in ranks[before.round].items())


def test_answers_concern_the_seat_held_and_lie_between_the_rounds(year):
    calendar = RULES.calendar
    for one, opens, closes in (
        (year.final, calendar.final, calendar.as_of("reserve-1")),
        (year.reserve[0], calendar.reserve_1, calendar.as_of("reserve-2")),
    ):
        said = year.intake.answers.filter(pl.col("round") == one.round)
        held = granted(one)
        assert len(said) > 20
        assert said["applicant"].n_unique() == len(said)
        assert all(held[name] == route for name, route in said.select("applicant", "route_id").iter_rows())
        assert said["answered_at"].is_between(opens, closes).all()
    first = year.intake.answers.filter(pl.col("round") == "final")["answer"].value_counts()
    shares = {answer: count / len(granted(year.final)) for answer, count in first.iter_rows()}
    assert shares["no"] == pytest.approx(MORE.answers.declines, abs=0.03)
    assert 1 - sum(shares.values()) == pytest.approx(MORE.answers.silent, abs=0.03)


def test_who_declines_loses_the_seat_and_who_does_not_come_was_silent_before(year):
    said = year.intake.answers
    for before, after in ((year.final, year.reserve[0]), (year.reserve[0], year.reserve[1])):
        declined = said.filter((pl.col("round") == before.round) & (pl.col("answer") == "no"))["applicant"]
        late = set(year.intake.choices.filter(pl.col("registered_at") >= RULES.calendar.final)["applicant"])
        assert not (set(declined) & set(granted(after))) - late
    spoke = set(said.filter(pl.col("round") == "final")["applicant"])
    held = granted(year.final)
    later = said.filter(pl.col("round") == "reserve-1")
    kept = [name for name in later["applicant"] if held.get(name) == granted(year.reserve[0])[name]]
    assert kept
    assert not set(kept) & spoke
    assert set(later.filter(pl.col("applicant").is_in(kept))["answer"]) == {"no"}


def test_an_answer_is_a_persons_own_draw(year):
    bare = replace(year.intake, answers=year.intake.answers.clear())
    every = answers_to(year.final, bare, 1, MORE.answers)
    fewer = replace(MORE.answers, declines=0.1)  # thresholds move, draws do not
    both = every.join(answers_to(year.final, bare, 1, fewer), on="applicant", suffix="_fewer")
    assert (both.filter(pl.col("answer_fewer") == "no")["answer"] == "no").all()
    assert (both["answered_at"] == both["answered_at_fewer"]).all()
    assert answers_to(year.final, bare, 2, MORE.answers)["applicant"].to_list() != every["applicant"].to_list()


def test_summer_school_mends_what_was_failed_and_counts_from_the_first_reserve_round(year):
    grades = year.intake.grades
    summer = grades.filter(pl.col("term") == "summer")
    failed = grades.filter((pl.col("term") == "final") & pl.col("grade").is_in(["F", "-"]))
    assert len(summer) > 10
    assert set(summer["grade"]) == {"E"}
    assert len(summer.join(failed, on=["applicant", "subject"])) == len(summer)
    people = set(summer["applicant"])
    assert not people & set(granted(year.final))
    most = failed.filter(pl.col("applicant").is_in(people)).group_by("applicant").len()["len"].max()
    assert most <= MORE.summer_school.most
    static = compile_static(year.intake, RULES)
    june, august = (compile_round(static, name, lottery=LOTTERY) for name in ("final", "reserve-1"))
    able = {}
    for one in (june, august):
        tried = one.status == RowStatus.TRIED
        able[one.round] = set(one.applicants[np.unique(one.applicant[tried])].tolist())
    gained = people & (able["reserve-1"] - able["final"])
    assert gained
    merit = {one.round: dict(zip(one.applicants[one.applicant].tolist(), one.grade_sum.tolist(), strict=True))
             for one in (june, august)}  # fmt: skip
    known = [name for name in people if name in merit["final"]]
    points = {name: 1000 * count for name, count in summer.group_by("applicant").len().iter_rows()}
    assert all(merit["reserve-1"][name] == merit["final"][name] + points[name] for name in known)
    others = [name for name in merit["final"] if name not in people]
    assert all(merit["reserve-1"][name] == merit["final"][name] for name in others)


def test_late_rows_stand_below_the_others_and_are_late(year):
    final = RULES.calendar.final
    late = year.intake.choices.filter(pl.col("registered_at") >= final)
    assert late["registered_at"].max() <= RULES.calendar.as_of("reserve-1")
    before = year.intake.choices.filter(pl.col("registered_at") < final)
    last = before.group_by("applicant").agg(pl.col("rank").max().alias("last"))
    joined = late.join(last, on="applicant", how="left")
    assert joined["last"].is_null().any()
    assert (joined["rank"] > joined["last"].fill_null(0)).all()
    assert not set(late["applicant"]) & set(granted(year.final))
    assert late.group_by("applicant").len().join(last, on="applicant")["len"].max() <= MORE.late.rows
    one = year.reserve[0].compiled
    rows = set(late.select("applicant", "route_id").iter_rows())
    for name, route, is_late in zip(one.applicants[one.applicant], one.routes[one.route], one.late, strict=True):
        assert is_late == ((str(name), str(route)) in rows)


def test_only_small_routes_close_and_their_pupils_are_tried_elsewhere(year):
    shut = set(year.intake.routes.filter(pl.col("closed_at").is_not_null())["route_id"])
    admitted = dict(year.final.demand.select("route_id", "admitted").iter_rows())
    assert shut
    assert max(admitted[name] for name in shut) < MORE.closures.smallest
    small = sum(count < MORE.closures.smallest for count in admitted.values())
    assert len(shut) / small == pytest.approx(MORE.closures.share, abs=0.05)
    for one in year.reserve:
        assert not shut & set(granted(one).values())
    lost = {name for name, route in granted(year.final).items() if route in shut}
    assert lost & set(granted(year.reserve[0]))


@pytest.mark.parametrize("rules", ["kalmarsund", "sjuharad"])
def test_so_it_goes_where_a_move_needs_a_yes_and_under_another_regions_rules(intake, rules):
    book = load_rulebook(rules, 2023)
    found = replay(intake, book, LOTTERY, 1, behaviour=MORE, reserve_rounds=2)
    again = replay(found.intake, book, LOTTERY, 7, reserve_rounds=2)
    assert again.simulated == ()
    for one, other in zip(again.rounds, found.rounds, strict=True):
        assert (one.matching.choice == other.matching.choice).all()
    if book.sections.reserve.move == "needs_acceptance":
        said = found.intake.answers.filter((pl.col("round") == "final") & (pl.col("answer") == "yes"))
        held, now = granted(found.final), granted(found.reserve[0])
        moved = {name for name in held if name in now and now[name] != held[name]}
        shut = set(found.intake.routes.filter(pl.col("closed_at").is_not_null())["route_id"])
        free = {name for name, route in held.items() if route in shut}
        gave_up = set(found.intake.answers.filter(pl.col("answer").is_in(["no", "no_keep_reserve"]))["applicant"])
        assert moved - free - gave_up
        assert moved - free - gave_up <= set(said["applicant"])


def test_a_third_reserve_round_is_refused(intake):
    with pytest.raises(AdmissionsError, match="not 3"):
        replay(intake, RULES, LOTTERY, 1, reserve_rounds=3)
