"""Worked cases of the rounds after the final one: what was said or happened, the rule, who holds what then, the source.

The same small year in every case unless it says otherwise: BA at r0, r1 and r2 with one seat each; `a` has the best
grades, then `b`, `c` and `d`. The final round gives r0 to `a`, r1 to `b`, r2 to `c` and nothing to `d`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import polars as pl
import pytest

from admissions.errors import AdmissionsError
from admissions.intake import Intake
from admissions.results.statuses import Reason, Status, reason_name
from admissions.rounds.answers import to_notify
from admissions.rounds.reserve import run_reserve
from admissions.rounds.run import RoundResult, run_round
from admissions.rounds.tables import decisions_table
from admissions.rules import Rulebook, compile_round, compile_static
from tests.admissions.rules.small import LOTTERY, YEAR, grades, make
from tests.admissions.year_town import policies

LISTS = {"a": "r0", "b": "r0 r1", "c": "r0 r1 r2", "d": "r1 r2"}
FINAL = {"a": "r0", "b": "r1", "c": "r2", "d": None}
NO_A = {"a": None, "b": "r0", "c": "r1", "d": "r2"}  # a seat at r0 is free and everybody moves up
LETTERS = {"a": "A", "b": "B", "c": "C", "d": "D", "e": "A"}
ANSWERED = date(YEAR, 7, 10)
METHODS = ("rerun", "call_down", "fewest_moves")
ALL_YES = dict.fromkeys("abcd", "yes")


class Case(NamedTuple):
    what: str
    source: str
    expect: Mapping[str, str | None]
    answers: Mapping[str, str] = {}
    lists: Mapping[str, str] = LISTS
    seats: Mapping[str, int] = {}
    silence: str = "accept_and_reserve"
    method: str = "rerun"
    move: str = "automatic"
    rules: str = "storsthlm"
    accepted: str = ""
    elsewhere: str = ""
    ended: str = ""
    closed: str = ""  # named to the round
    closing: str = ""  # in the catalogue
    more_seats: Mapping[str, int] = {}
    over_intake: Mapping[str, int] = {}
    late: Mapping[str, str] = {}  # the list from `late_day` on, "-" for a rank left empty; newcomers too
    late_day: date = ANSWERED
    better: Mapping[str, str] = {}
    without_english: str = ""  # until the final round
    status: Mapping[tuple[str, str], str] = {}
    then: Mapping[str, str | None] | None = None  # after another reserve round, with two seats at `opened`
    opened: str = "r0"
    now_said: Mapping[str, str] = {}  # answers to the first reserve round


def year(case: Case, *, later: bool) -> Intake:
    """Return the intake of a case, before or after what happened in July."""
    people: dict[str, Any] = {}
    for who in sorted({*case.lists, *(case.late if later else {})}):
        letter = case.better.get(who, LETTERS[who]) if later else LETTERS[who]
        people[who] = {"grades": grades(letter, **({"EN": "F"} if who in case.without_english and not later else {}))}
    rows: list[tuple[Any, ...]] = []
    for who in people:
        before = case.lists.get(who, "").split()
        after = case.late.get(who, case.lists.get(who, "")).split() if later else before
        for rank, route in enumerate(before, start=1):
            stays = after[rank - 1 : rank] == [route]
            rows.append((who, route, rank, date(YEAR, 2, 1), None if stays else case.late_day))
        rows += [
            (who, route, rank, case.late_day)
            for rank, route in enumerate(after, start=1)
            if before[rank - 1 : rank] != [route] and route != "-"
        ]
    seats = [(f"r{n}", "", case.seats.get(f"r{n}", 1)) for n in range(3)]
    if later:
        seats += [(route, "", number, "reserve-1") for route, number in case.more_seats.items()]
        seats += [(case.opened, "", 2, "reserve-2")] if case.then is not None else []
    closed_at = {"closed_at": ANSWERED}
    routes = [{"programme": "BA", **(closed_at if later and f"r{n}" in case.closing else {})} for n in range(3)]
    intake = make(routes, people, rows, seats=seats)
    if not later:
        return intake
    over = [
        {"route_or_pool": route, "round": "reserve-1", "group": "", "seats": 1, "over_intake": number}
        for route, number in case.over_intake.items()
    ]
    said = [(who, "final", answer) for who, answer in case.answers.items()]
    said += [(who, "reserve-1", answer) for who, answer in case.now_said.items()]
    answers = [
        {"applicant": who, "round": name, "answer": answer, "answered_at": ANSWERED if name == "final" else None}
        for who, name, answer in said
    ]
    return replace(
        intake,
        seats=pl.concat([intake.seats, pl.DataFrame(over, schema=intake.seats.schema)]) if over else intake.seats,
        answers=pl.DataFrame(answers, schema=intake.answers.schema),
    )


def held(result: RoundResult) -> dict[str, str | None]:
    routes = [str(one) for one in result.compiled.routes] + [None]
    return {
        str(who): routes[route]
        for who, route in zip(result.compiled.applicants, result.decisions.granted_route.tolist(), strict=True)
    }


def statuses(result: RoundResult) -> dict[tuple[str, str], str]:
    decisions, compiled = result.decisions, result.compiled
    return {
        (str(compiled.applicants[who]), str(compiled.routes[route])): (
            f"{Status(status).name.lower()}/{reason_name(int(reason))}"
        )
        for who, route, status, reason in zip(
            decisions.owner, compiled.route, decisions.status, decisions.reason, strict=True
        )
    }


def final_of(intake: Intake, rules: Rulebook) -> RoundResult:
    return run_round(compile_round(compile_static(intake, rules), "final", lottery=LOTTERY), intake)


ANSWERS = [
    Case(
        "moving the held choice in the list loses nothing",
        "design: reserve rounds",
        {"a": None, "b": "r1", "c": "r0", "d": "r2"},
        {"a": "no"},
        late={"b": "r1"},
    ),
    Case(
        "who said no may apply anew",
        "sent omval",
        {"a": "r0", "b": "r0"},
        {"a": "no"},
        {"a": "r0", "b": "r0"},
        more_seats={"r0": 2},
        late={"a": "- r0"},
        late_day=date(YEAR, 7, 20),
    ),
    Case(
        "but a no covers what was there when it was said",
        "sent omval",
        {"a": None, "b": "r0"},
        {"a": "no"},
        {"a": "r0", "b": "r0"},
        more_seats={"r0": 2},
        late={"a": "- r0"},
    ),
    Case("everybody says yes and nothing is free", "Sjuhärad: svar", FINAL, ALL_YES),
    Case(
        "a no frees the seat and the lists move up",
        "Sjuhärad: reservantagning",
        NO_A,
        {"a": "no"},
        status={("a", "r0"): "declined/answered_no", ("b", "r1"): "struck/higher_choice"},
    ),
    Case(
        "yes without reserve stays",
        "gymnasieantagningen.nu: augusti",
        {"a": None, "b": "r1", "c": "r0", "d": "r2"},
        {"a": "no", "b": "yes_no_reserve"},
        status={("b", "r0"): "withdrawn/no_reserve_wanted"},
    ),
    Case("yes moves up", "gymnasieantagningen.nu: augusti", NO_A, {"a": "no", "b": "yes"}),
    Case(
        "a no that keeps the reserve place gets the higher choice",
        "answer values",
        NO_A,
        {"a": "no", "b": "no_keep_reserve"},
        status={("b", "r1"): "declined/answered_no"},
    ),
    Case(
        "a no to all gets none",
        "answer values",
        {"a": None, "b": None, "c": "r0", "d": "r1"},
        {"a": "no", "b": "no"},
    ),
    Case(
        "a no that keeps the reserve place never gives the declined seat or one below it",
        "answer values",
        {"a": "r0", "b": None, "c": "r1", "d": "r2"},
        {"b": "no_keep_reserve"},
        LISTS | {"b": "r0 r1 r2"},
        {"r2": 2},
        status={("b", "r2"): "struck/higher_choice"},
    ),
    Case(
        "a withdrawn reserve row is not called",
        "Storsthlm: avstå",
        {"a": None, "b": "r1", "c": "r0", "d": "r2"},
        {"a": "no"},
        late={"b": "- r1"},
    ),
    Case("withdrawing the held row frees the seat", "Storsthlm: avstå", NO_A, late={"a": ""}),
    Case("who has no seat may leave the lists too", "answer values", {**NO_A, "d": None}, {"a": "no", "d": "no"}),
]

SILENT = [
    Case("silence: yes and still reserve", "Storsthlm: frågor och svar", NO_A, {"a": "no"}),
    Case(
        "silence: yes only",
        "no office found; policy",
        {"a": None, "b": "r1", "c": "r2", "d": None},
        {"a": "no"},
        silence="accept_only",
    ),
    Case(
        "silence: forfeit",
        "university admissions; policy",
        {"a": "r0", "b": None, "c": "r1", "d": "r2"},
        {"a": "yes", "c": "yes"},
        silence="forfeit",
        status={("b", "r1"): "declined/no_answer"},
    ),
    Case("an answer in time forfeits nothing", "university admissions; policy", FINAL, ALL_YES, silence="forfeit"),
    Case(
        "silence without a seat keeps the reserve place",
        "university admissions; policy",
        NO_A,
        {"a": "no", "b": "yes", "c": "yes"},
        silence="forfeit",
    ),
]

SWAP = {"a": "r1", "b": "r0"}
MOVES = [
    Case(
        f"two holders who would rather have each other's seat, {method}",
        "design: reserve rounds",
        {"a": "r1", "b": "r0"} if method == "rerun" else {"a": "r0", "b": "r1"},
        lists={"a": "r0", "b": "r1"},
        late={"a": "r1 r0", "b": "r0 r1"},
        method=method,
    )
    for method in METHODS
]
MOVES += [Case(f"a free seat is called down the same way, {m}", "GR", NO_A, {"a": "no"}, method=m) for m in METHODS]
MOVES += [
    Case(
        "a holder moves only after a yes",
        "Kalmarsund: sent omval",
        {"a": None, "b": "r1", "c": "r2", "d": None},
        {"a": "no"},
        move="needs_acceptance",
        status={("b", "r0"): "not_tried/awaits_yes", ("d", "r1"): "reserve/queue"},
    ),
    Case(
        "and moves with it",
        "Kalmarsund: sent omval",
        {"a": None, "b": "r0", "c": "r2", "d": "r1"},
        {"a": "no"},
        move="needs_acceptance",
        accepted="b",
    ),
    Case(
        "who holds nothing needs no yes to be called",
        "Kalmarsund: sent omval",
        {"a": "r0", "b": None, "c": "r2", "d": "r1"},
        {"b": "no"},
        move="needs_acceptance",
    ),
]

LATE = [
    Case(
        "a late choice comes after those in time",
        "Sjuhärad: sent omval",
        {**NO_A, "e": None},
        {"a": "no"},
        late={"e": "r0"},
        status={("e", "r0"): "reserve/queue"},
    ),
    Case(
        "and gets a seat nobody else wants, newcomer or not",
        "Sjuhärad: sent omval",
        {**FINAL, "d": "r2", "e": "r2"},
        late={"e": "r2"},
        more_seats={"r2": 3},
    ),
    Case(
        "a choice in time goes first for it",
        "Sjuhärad: sent omval",
        {**FINAL, "d": "r2", "e": None},
        late={"e": "r2"},
        more_seats={"r2": 2},
    ),
    Case(
        "better grades change the queue",
        "GyF 7:7",
        {"a": None, "b": "r0", "c": "r2", "d": "r1"},
        {"a": "no"},
        better={"d": "A"},
    ),
    Case("equal ones do not", "GyF 7:7", NO_A, {"a": "no"}, better={"d": "D"}),
    Case("better grades take no held seat", "design: reserve rounds", FINAL, better={"d": "A"}),
    Case("worse grades lose no held seat", "design: reserve rounds", FINAL, better={"a": "E"}),
    Case(
        "who became eligible over the summer takes part",
        "SkolL 16:30",
        {**FINAL, "d": "r2"},
        without_english="d",
        more_seats={"r2": 2},
    ),
]

SUPPLY = [
    Case("another seat", "Storsthlm: utbud", {"a": "r0", "b": "r0", "c": "r1", "d": "r2"}, more_seats={"r0": 2}),
    Case("over-intake", "Storsthlm: överantag", {"a": "r0", "b": "r0", "c": "r1", "d": "r2"}, over_intake={"r0": 1}),
    Case("fewer seats than holders: they keep theirs", "design: reserve rounds", FINAL, more_seats={"r0": 0}),
    Case(
        "but what is given back is gone",
        "design: reserve rounds",
        {**FINAL, "a": None},
        {"a": "no"},
        more_seats={"r0": 0},
    ),
]
for how in ("closed", "closing"):
    SUPPLY += [
        Case(
            f"a route that does not start: its holder is tried below it, {how}",
            "Storsthlm: lägga ned utbildning",
            {"a": "r0", "b": "r2", "c": "r2", "d": None},
            lists=LISTS | {"b": "r0 r1 r2"},
            more_seats={"r2": 2},
            status={("b", "r1"): "route_closed/closed", ("d", "r1"): "route_closed/closed"},
            **{how: "r1"},
        ),
        Case(
            f"also when content with the seat that is gone, {how}",
            "Storsthlm: lägga ned utbildning",
            {"a": "r0", "b": "r2", "c": "r2", "d": None},
            {"b": "yes_no_reserve"},
            LISTS | {"b": "r0 r1 r2"},
            more_seats={"r2": 2},
            **{how: "r1"},
        ),
        Case(
            f"not when it was declined before, {how}",
            "answer values",
            {"a": "r0", "b": None, "c": "r2", "d": "r2"},
            {"b": "no_keep_reserve"},
            LISTS | {"b": "r0 r1 r2"},
            more_seats={"r2": 2},
            **{how: "r1"},
        ),
    ]

EVENTS = [
    Case(
        "admitted by another office: off every list here",
        "Storsthlm: double admission",
        NO_A,
        elsewhere="a",
        status={("a", "r0"): "admitted_elsewhere/other_office"},
    ),
    Case(
        "reserve here, admitted elsewhere",
        "double admission",
        {**NO_A, "d": None},
        {"a": "no"},
        elsewhere="d",
        status={("d", "r2"): "admitted_elsewhere/other_office"},
    ),
    Case("not named there, nothing changes", "Storsthlm: double admission", FINAL),
    Case("did not come", "SkolL 15:15", NO_A, ended="a", status={("a", "r0"): "seat_ended/left"}),
]

AGAIN = [
    Case("a no in July is a no in August", "answer values", NO_A, {"a": "no"}, then={**NO_A, "c": "r0", "d": "r1"}),
    Case(
        "a seat declined in July is not given in August",
        "answer values",
        {"a": "r0", "b": None, "c": "r1", "d": "r2"},
        {"b": "no_keep_reserve"},
        then={"a": "r0", "b": None, "c": "r1", "d": "r1"},
        opened="r1",
    ),
    Case(
        "but the higher choice is",
        "answer values",
        {"a": "r0", "b": None, "c": "r1", "d": "r2"},
        {"b": "no_keep_reserve"},
        then={"a": "r0", "b": "r0", "c": "r1", "d": "r2"},
    ),
    Case(
        "a yes need not be repeated",
        "university admissions; policy",
        FINAL,
        ALL_YES,
        silence="forfeit",
        then={"a": "r0", "b": "r0", "c": "r1", "d": "r2"},
    ),
    Case(
        "a new offer must be answered",
        "university admissions; policy",
        NO_A,
        {**ALL_YES, "a": "no"},
        silence="forfeit",
        then=dict.fromkeys("abcd"),
    ),
    Case(
        "and is",
        "university admissions; policy",
        NO_A,
        {**ALL_YES, "a": "no"},
        silence="forfeit",
        then={**NO_A, "c": "r0", "d": "r1"},
        now_said=dict.fromkeys("bcd", "yes"),
    ),
    Case(
        "content in July is content in August",
        "gymnasieantagningen.nu: augusti",
        FINAL,
        {"b": "yes_no_reserve"},
        then={**FINAL, "c": "r0", "d": "r2"},
    ),
    Case(
        "gone in July is gone in August", "double admission", NO_A, elsewhere="a", then={**NO_A, "c": "r0", "d": "r1"}
    ),
    Case(
        "closed in July is closed in August",
        "Storsthlm: lägga ned utbildning",
        {"a": None, "b": "r1", "c": "r2", "d": None},
        closed="r0",
        then={"a": None, "b": "r1", "c": "r2", "d": None},
    ),
    Case(
        "waiting for a yes gives up nothing",
        "Kalmarsund: sent omval",
        {"a": None, "b": "r1", "c": "r2", "d": None},
        {"a": "no"},
        move="needs_acceptance",
        then={"a": None, "b": "r0", "c": "r0", "d": "r1"},
    ),
]

ALL = [*ANSWERS, *SILENT, *MOVES, *LATE, *SUPPLY, *EVENTS, *AGAIN]


@pytest.mark.parametrize("case", ALL, ids=[f"{case.what} [{case.source}]" for case in ALL])
def test_worked_round(case: Case):
    rules = policies(case.method, case.silence, case.move, case.rules)
    first = final_of(year(case, later=False), rules)
    if case.lists == LISTS and not case.without_english:
        assert held(first) == FINAL
    static = compile_static(year(case, later=True), rules)
    second = run_reserve(
        static,
        "reserve-1",
        LOTTERY,
        first,
        elsewhere=list(case.elsewhere),
        ended=list(case.ended),
        closed=case.closed.split(),
        accepted=list(case.accepted),
    )
    assert held(second) == dict(case.expect)
    found = statuses(second)
    assert {place: found[place] for place in case.status} == dict(case.status)
    if case.then is not None:
        accepted = "abcd" if case.move == "needs_acceptance" else ""
        third = run_reserve(static, "reserve-2", LOTTERY, second, accepted=list(accepted))
        assert held(third) == dict(case.then)


def test_no_two_cases_are_the_same():
    assert len({case.what for case in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("rules", "round_name", "expect"),
    [
        ("storsthlm", "final", "reserve/queue"),
        ("kalmarsund", "final", "not_tried/later_late"),
        ("kalmarsund", "reserve-1", "reserve/queue"),
    ],
)
def test_late_choices_wait_for_their_first_round(rules, round_name, expect):
    """Source: Kalmar, sen ansökan (late choices enter the reserve rounds); Storsthlm: after those in time."""
    intake = make(
        [{"programme": "BA", "municipality": "Kalmar"}],
        {"a": {"home": "Kalmar"}, "b": {"home": "Kalmar", "grades": grades("A")}},
        [("a", "r0", 1), ("b", "r0", 1, date(YEAR, 6, 1))],
        seats=[("r0", "", 1)],
    )
    book = policies(base=rules)
    first = final_of(intake, book)
    one = first
    if round_name != "final":
        one = run_reserve(compile_static(intake, book), round_name, LOTTERY, first)
    assert statuses(one)["b", "r0"] == expect
    assert held(one)["a"] == "r0"


@pytest.mark.parametrize(("days", "status"), [(0, "route_closed/closed"), (1, "admitted/open_seat")])
def test_a_route_is_closed_from_its_day_on(days, status):
    """Source: Storsthlm, lägga ned utbildning efter att ansökningsperioden startat."""
    rules = policies()
    day = rules.calendar.as_of("final") + timedelta(days=days)
    intake = make([{"programme": "BA", "closed_at": day}])
    assert statuses(final_of(intake, rules))["a", "r0"] == status


def test_everybody_with_a_row_is_notified_of_a_closed_route_and_nobody_else():
    """Source: Storsthlm, lägga ned utbildning: all applicants with that row are told."""
    first = final_of(year(Case("", "", {}), later=False), policies())
    told = to_notify(decisions_table(first.decisions), ["r1"])
    assert told.rows() == [("r1", "b", 2, "admitted"), ("r1", "c", 2, "reserve"), ("r1", "d", 1, "reserve")]
    assert to_notify(decisions_table(first.decisions), []).is_empty()


@pytest.mark.parametrize("days", [0, 1])
def test_the_schools_take_over_on_their_day(days):
    """Source: Dalarna (1 September), Sjuhärad (15 September): after hand-over the principal decides."""
    rules = policies()
    rules = replace(rules, calendar=replace(rules.calendar, handover=rules.calendar.reserve_1 - timedelta(days=days)))
    intake = year(Case("", "", {}), later=False)
    first = final_of(intake, rules)
    static = replace(compile_static(intake, rules), rulebook=rules)
    if days:
        with pytest.raises(AdmissionsError, match="schools take over"):
            run_reserve(static, "reserve-1", LOTTERY, first)
    else:
        assert held(run_reserve(static, "reserve-1", LOTTERY, first)) == FINAL


def queue_year(seats: int, quota: int, **wishes: str) -> RoundResult:
    """Five people at one pool with a free quota; `d` and `e` are approved for it, `e` has the better grades."""
    people = {
        who: {"grades": grades(letter)}
        for who, letter in {**dict(zip("abc", "ABC", strict=True)), "d": "E", "e": "D"}.items()
    }
    intake = make(
        [{"programme": "BA", "pool": "p"}, {"programme": "BA", "pool": "p"}],
        people,
        [(who, route, rank) for who in people for rank, route in enumerate(wishes.get(who, "r0").split(), start=1)],
        [(who, None, "free_quota", "approved") for who in "de"],
        [("p", "", seats), ("p", "free_quota", quota)],
    )
    return final_of(intake, policies())


def test_reserve_positions_are_the_calling_order_with_group_queues_apart():
    """Source: GyF 7:3 (the quota has its own order); position: who is called for the next seat of that kind."""
    result = queue_year(1, 0)
    compiled, queues = result.compiled, result.decisions.queues
    names = [str(one) for one in compiled.applicants]
    assert dict(zip(names, queues.position.tolist(), strict=True)) == {"a": 0, "b": 1, "c": 2, "e": 3, "d": 4}
    own = {names[result.decisions.owner[r]]: p for r, p in zip(queues.row, queues.group_position.tolist(), strict=True)}
    assert own == {"e": 1, "d": 2}
    assert {who for who, route in held(queue_year(2, 0)).items() if route} == {"a", "b"}  # the next open seat
    assert {who for who, route in held(queue_year(1, 1)).items() if route} == {"a", "e"}  # the next quota seat


def test_a_person_with_two_rows_in_a_pool_is_called_once():
    """Source: design, queues: a position counts persons; profiles of one class share its seats."""
    result = queue_year(1, 0, b="r0 r1")
    where = {
        (str(result.compiled.applicants[who]), str(result.compiled.routes[route])): place
        for who, route, place in zip(
            result.decisions.owner, result.compiled.route, result.decisions.position.tolist(), strict=True
        )
    }
    assert where["b", "r0"] == where["b", "r1"] == 1
    assert where["c", "r0"] == 2


def test_a_seat_given_back_goes_to_the_queue_it_belongs_to():
    """Source: GyF 7:3; unused quota seats revert only when nobody of the quota is left."""
    for silent, comes in (("a", "b"), ("e", "d")):
        first = queue_year(1, 1)
        intake = first.compiled.static.intake
        said = {"applicant": silent, "round": "final", "answer": "no", "answered_at": ANSWERED}
        answers = pl.DataFrame([said], schema=intake.answers.schema)
        static = compile_static(replace(intake, answers=answers), policies())
        second = held(run_reserve(static, "reserve-1", LOTTERY, first))
        assert {who for who, route in second.items() if route} == {"a", "e", comes} - {silent}


def quota_year(people: dict[str, str], approved: str, *seats: tuple[str, str, int], **wishes: str) -> RoundResult:
    """People with a grade each at route r0 of pool p, r1 of pool q; only `approved` have the quota."""
    return final_of(
        make(
            [{"programme": "BA", "pool": "p"}, {"programme": "BA", "pool": "q"}],
            {who: {"grades": grades(letter)} for who, letter in people.items()},
            [(who, r, rank) for who in people for rank, r in enumerate(wishes.get(who, "r0").split(), start=1)],
            [(who, None, "free_quota", "approved") for who in approved],
            list(seats),
        ),
        policies(),
    )


def reserve_after(first: RoundResult, answers: dict[str, str], approved: str = "") -> RoundResult:
    intake = first.compiled.static.intake
    said = [{"applicant": who, "round": "final", "answer": a, "answered_at": ANSWERED} for who, a in answers.items()]
    frame = pl.DataFrame(said, schema=intake.answers.schema)
    more = [{"applicant": who, "kind": "free_quota", "value": "approved"} for who in approved]
    decisions = pl.concat([intake.decisions, pl.DataFrame(more, schema=intake.decisions.schema)])
    static = compile_static(replace(intake, answers=frame, decisions=decisions), policies())
    return run_reserve(static, "reserve-1", LOTTERY, first)


def test_a_quota_seat_that_had_reverted_is_an_open_one_from_then_on():
    """Source: design, reserve rounds: nobody loses what they hold; docs: held as reverted, open from then on."""
    people = dict(zip("abcez", "ABCDA", strict=True))
    first = quota_year(people, "", ("p", "", 1), ("p", "free_quota", 1), ("q", "", 1), b="r1 r0", z="r1")
    assert held(first) == {"a": "r0", "b": "r0", "c": None, "e": None, "z": "r1"}
    kept = reserve_after(first, {}, approved="e")  # a quota approved too late takes no seat from anybody
    assert held(kept) == held(first)
    sizes = dict(zip(kept.compiled.group_names, kept.compiled.groups.seats.tolist(), strict=True))
    assert sizes == {"free_quota": 0, "": 2}
    moved = reserve_after(first, {"z": "no"}, approved="e")  # b rises; the seat left is an open one: by merit
    assert held(moved) == {"a": "r0", "b": "r1", "c": "r0", "e": None, "z": None}


def test_who_holds_a_quota_seat_keeps_it_when_an_open_one_is_free():
    """Source: GyF 7:3; as in a round run anew, the quota is filled before the open seats."""
    people = dict(zip("aecd", "BADE", strict=True))
    first = quota_year(people, "ed", ("p", "", 1), ("p", "free_quota", 1))
    assert held(first) == {"a": "r0", "e": "r0", "c": None, "d": None}
    second = reserve_after(first, {"a": "no"})
    assert held(second) == {"a": None, "e": "r0", "c": "r0", "d": None}
    reasons = dict(zip(second.decisions.owner.tolist(), second.decisions.reason.tolist(), strict=True))
    names = [str(one) for one in second.compiled.applicants]
    assert reasons[names.index("e")] == Reason.GROUP_SEAT
    assert reasons[names.index("c")] == Reason.OPEN_SEAT


def test_a_quota_seat_is_kept_when_the_quota_shrinks():
    """Source: design, reserve rounds: a held seat is lost only for a higher one; GyF 7:3."""
    first = queue_year(1, 1)
    intake = first.compiled.static.intake
    fewer = intake.seats.with_columns(
        round=pl.lit("reserve-1"), seats=pl.when(pl.col("group") == "").then(pl.col("seats")).otherwise(0)
    )
    static = compile_static(replace(intake, seats=pl.concat([intake.seats, fewer])), policies())
    second = held(run_reserve(static, "reserve-1", LOTTERY, first))
    assert {who for who, route in second.items() if route} == {"a", "e"}
