import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admissions.rounds.by_hand import CallingOrder, Held, Move, Since

ROUTES = pl.DataFrame({"route_id": ["a", "b", "b2"], "pool": ["a", "b", "b"], "seats": [1, 2, 2]})
ROWS = [
    ("anna", "a", 1, "admitted", None),
    ("bo", "a", 1, "reserve", 1), ("bo", "b", 2, "admitted", None),
    ("cia", "a", 1, "reserve", 2), ("cia", "b", 2, "reserve", 1),
    ("dan", "b2", 1, "admitted", None),
    ("eva", "b", 1, "reserve", 2), ("eva", "b2", 2, "reserve", 2),
]  # fmt: skip
SCHEMA = {
    "applicant": pl.String, "route_id": pl.String, "rank": pl.Int64, "status": pl.String,
    "reserve_position": pl.Int64,
}  # fmt: skip


def order(rows=ROWS, routes=ROUTES):
    return CallingOrder(pl.DataFrame(rows, schema=SCHEMA, orient="row"), routes)


def test_the_queue_is_the_pools_and_a_persons_higher_choice_comes_first():
    assert [(one.applicant, one.route_id) for one in order().queue("b")] == [("cia", "b"), ("eva", "b"), ("eva", "b2")]


def test_no_seat_is_free_until_somebody_goes():
    calls = order()
    assert calls.free(Since()) == {"a": 0, "b": 0}
    assert calls.free(Since(given_back=frozenset({"anna"}))) == {"a": 1, "b": 0}


def test_a_move_frees_the_seat_left_and_the_chain_ends_without_a_seat():
    calls, since = order(), Since(given_back=frozenset({"anna"}))
    first = calls.next(since, "a")
    assert first.applicant == "bo"
    assert calls.chain(since, first) == [Move("bo", "a", "b"), Move("cia", "b", None)]
    after = since.with_accepted(first)
    assert calls.free(after) == {"a": 0, "b": 1}
    assert calls.held(after, "bo") == Held(1, "a")


def test_who_said_no_left_or_was_called_is_passed_over():
    calls = order()
    gone = Since(given_back=frozenset({"anna"}), called=frozenset({("bo", "a")}))
    assert calls.next(gone, "a").applicant == "cia"
    assert calls.next(Since(out=frozenset({"bo", "cia"})), "a") is None


def test_whoever_accepted_waits_for_higher_choices_only():
    calls = order()
    eva = calls.queue("b")[1]
    after = Since(accepted={"eva": Held(eva.rank, "b")})
    assert [one.applicant for one in calls.waiting(after, "b")] == ["cia"]


def test_more_people_than_seats_leave_none_free():
    calls = order(routes=ROUTES.with_columns(seats=pl.lit(0)))
    assert calls.free(Since()) == {"a": 0, "b": 0}


@st.composite
def markets(draw):
    count = draw(st.integers(1, 12))
    routes = [f"r{n}" for n in range(draw(st.integers(1, 5)))]
    rows = []
    for person in range(count):
        listed = draw(st.permutations(routes))
        seat = draw(st.integers(0, len(listed)))
        for rank, route in enumerate(listed, 1):
            status = "reserve" if rank - 1 < seat else "admitted" if rank - 1 == seat else "struck"
            place = person + 1 if status == "reserve" else None
            rows.append((f"p{person:02}", route, rank, status, place))
    catalogue = pl.DataFrame({"route_id": routes, "pool": routes, "seats": [count] * len(routes)})
    return order(rows, catalogue)


@settings(max_examples=60, deadline=None)
@given(markets())
def test_calling_on_always_ends_and_nobody_ends_lower(calls):
    since, steps = Since(), 0
    while True:
        pools = [pool for pool, free in calls.free(since).items() if free and calls.next(since, pool)]
        if not pools:
            break
        one = calls.next(since, pools[0])
        before = calls.held(since, one.applicant)
        chain = calls.chain(since, one)
        assert (chain[0].applicant, chain[0].left) == (one.applicant, before.route_id if before else None)
        assert len({(move.applicant, move.route_id) for move in chain}) == len(chain)
        since = since.with_accepted(one)
        assert before is None or calls.held(since, one.applicant).rank < before.rank
        steps += 1
    assert steps <= 60
    assert all(value >= 0 for value in calls.free(since).values())


def test_an_empty_round_has_nothing_to_call():
    empty = order([])
    assert empty.queue("a") == ()
    assert empty.free(Since()) == {"a": 1, "b": 2}
    with pytest.raises(KeyError):
        _ = empty.seats["nowhere"]
