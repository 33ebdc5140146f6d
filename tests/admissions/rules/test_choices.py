"""Lateness choice by choice, in its regional definitions; the worked examples of the offices."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from admissions.errors import InputError
from admissions.rules import RowReason, RowStatus, load_rulebook
from tests.admissions.rules.small import YEAR, compiled, make, rulebook

EARLY, WINDOW, AFTER = date(YEAR, 2, 1), date(YEAR, 5, 10), date(YEAR, 6, 1)
BEFORE = {"te": 1, "vo": 2, "sa": 3}  # the list at the end of the window in the worked examples


def late_routes(now: list[str], counts: str, tmp_path, before: dict[str, int] | None = None) -> set[str]:
    """Change the list on 1 June to `now`; return the late routes."""
    before = BEFORE if before is None else before
    rows = []
    for route, rank in before.items():
        stays = route in now and now.index(route) + 1 == rank
        rows.append(("a", route, rank, EARLY) if stays else ("a", route, rank, EARLY, AFTER))
    rows += [("a", route, rank, AFTER) for rank, route in enumerate(now, 1) if before.get(route) != rank]
    names = sorted({*before, *now})
    rules = rulebook(
        tmp_path, f'[late]\ncounts = "{counts}"\nfrom_round = "final"\nsource = ["x"]\ncertainty = "office"\n'
    )
    row = compiled(make([{"route_id": name} for name in names], {"a": {}}, rows), rules)
    assert [row.routes[r] for r in row.route] == now
    return {row.routes[r] for r, late in zip(row.route, row.late, strict=True) if late}


@pytest.mark.parametrize(
    ("now", "new", "raised", "moved"),
    [
        # Sjuhärad's examples: Victor raises two choices above the first; Diana drops the first and adds a last one
        (["vo", "sa", "te"], set(), {"vo", "sa"}, {"vo", "sa", "te"}),
        (["vo", "sa", "ba"], {"ba"}, {"ba"}, {"vo", "sa", "ba"}),
        (["te", "vo", "sa"], set(), set(), set()),
        (["te", "vo", "sa", "ba"], {"ba"}, {"ba"}, {"ba"}),
        (["ba", "te", "vo", "sa"], {"ba"}, {"ba"}, {"ba", "te", "vo", "sa"}),
        (["te", "sa", "vo"], set(), {"sa"}, {"sa", "vo"}),
        (["ba", "sa", "te", "vo"], {"ba"}, {"ba", "sa"}, {"ba", "sa", "te", "vo"}),
        (["te", "vo"], set(), set(), set()),
        (["sa"], set(), set(), {"sa"}),
    ],
)
def test_the_three_definitions(now, new, raised, moved, tmp_path):
    assert late_routes(now, "new", tmp_path) == new
    assert late_routes(now, "new_or_raised", tmp_path) == raised
    assert late_routes(now, "new_or_moved", tmp_path) == moved


def test_who_registers_after_the_cutoff_is_late_on_every_row(tmp_path):
    assert late_routes(["te", "vo"], "new_or_raised", tmp_path, before={}) == {"te", "vo"}


def test_changes_inside_the_window_are_on_time():
    rows = [("a", "r0", 1, EARLY, WINDOW), ("a", "r1", 1, WINDOW), ("a", "r0", 2, WINDOW)]
    row = compiled(make([{}, {}], {"a": {}}, rows))
    assert row.rank.tolist() == [1, 2]
    assert row.route.tolist() == [1, 0]
    assert not row.late.any()


def test_a_row_withdrawn_and_added_again_on_a_later_day_is_new(tmp_path):
    intake = make(choices=[("a", "r0", 1, EARLY, date(YEAR, 6, 1)), ("a", "r0", 1, date(YEAR, 6, 3))])
    assert compiled(intake).late.tolist() == [True]
    moved = make(choices=[("a", "r0", 1, EARLY, date(YEAR, 6, 1)), ("a", "r0", 2, date(YEAR, 6, 1))])
    assert compiled(moved).late.tolist() == [False]


@pytest.mark.parametrize(
    ("rules", "day", "late", "final"),
    [
        ("storsthlm", date(YEAR, 5, 15), False, RowStatus.TRIED),
        ("storsthlm", date(YEAR, 5, 16), True, RowStatus.TRIED),
        ("sjuharad", date(YEAR, 5, 16), True, RowStatus.TRIED),
        ("fyrbodal", date(YEAR, 6, 1), False, RowStatus.TRIED),
        ("fyrbodal", date(YEAR, 6, 2), True, RowStatus.NOT_TRIED),
        ("kalmarsund", date(YEAR, 5, 15), False, RowStatus.TRIED),
        ("kalmarsund", date(YEAR, 5, 16), True, RowStatus.NOT_TRIED),
    ],
)
def test_cutoff_and_first_round_of_each_region(rules, day, late, final):
    home = load_rulebook(rules).reception.areas["region"].municipalities[0]
    intake = make([{"municipality": home}], {"a": {"home": home}}, [("a", "r0", 1, day)])
    row = compiled(intake, rules)
    assert row.late.tolist() == [late]
    assert row.status.tolist() == [final]
    if final == RowStatus.NOT_TRIED:
        assert row.reason.tolist() == [RowReason.LATER_LATE]
    assert compiled(intake, rules, "reserve-1").status.tolist() == [RowStatus.TRIED]


def test_a_round_sees_the_choices_of_the_day_before():
    intake = make([{}, {}], choices=[("a", "r0", 1, EARLY, WINDOW), ("a", "r1", 1, WINDOW)])
    assert compiled(intake, round_name="preliminary").route.tolist() == [0]
    assert compiled(intake).route.tolist() == [1]
    assert compiled(intake, as_of=EARLY).route.tolist() == [0]


def test_two_active_choices_of_one_rank_are_refused():
    with pytest.raises(InputError, match="two active choices"):
        compiled(make([{}, {}], choices=[("a", "r0", 1), ("a", "r1", 1)]))


def test_only_so_many_choices_take_part(tmp_path):
    rules = rulebook(tmp_path, '[choices]\nhighest_number = 1\nrechoice_channel = "applicant"\n')
    row = compiled(make([{}, {}], choices=[("a", "r0", 1), ("a", "r1", 2)]), rules)
    assert row.status.tolist() == [RowStatus.TRIED, RowStatus.NOT_TRIED]


def test_a_row_withdrawn_on_a_day_is_gone_at_the_end_of_it():
    intake = make([{}, {}], choices=[("a", "r0", 1, EARLY, WINDOW), ("a", "r1", 2, EARLY)])
    assert compiled(intake, as_of=WINDOW).route.tolist() == [1]
    assert compiled(intake, as_of=WINDOW - timedelta(days=1)).route.tolist() == [0, 1]


def test_each_list_is_compared_with_itself_only():
    rows = [("a", "r0", 1, EARLY), ("a", "r1", 2, EARLY, AFTER), ("a", "r1", 3, AFTER)]
    rows += [("b", "r0", 1, EARLY), ("b", "r1", 2, EARLY)]
    assert not compiled(make([{}, {}], {"a": {}, "b": {}}, rows)).late.any()
