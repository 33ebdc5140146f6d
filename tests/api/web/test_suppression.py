"""Small counts stay hidden, also from somebody who subtracts."""

import re

from hypothesis import given
from hypothesis import strategies as st

from api.web.route_tables import merits
from api.web.suppression import HIDDEN, SMALLEST, suppressed, suppressed_line

COUNT = st.integers(0, 40)
BODY = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(COUNT, min_size=width, max_size=width), min_size=1, max_size=6)
)


def with_sums(body):
    rows = [[*row, sum(row)] for row in body]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


@given(BODY)
def test_no_small_count_is_told_and_no_sum_gives_one_away(body):
    table = with_sums(body)
    safe = suppressed(table)
    for told, true in zip(safe, table, strict=True):
        for one, count in zip(told, true, strict=True):
            assert one in {HIDDEN, count}
            assert not 0 < one < SMALLEST
    for told, true in [
        *zip(safe, table, strict=True),
        *zip(zip(*safe, strict=True), zip(*table, strict=True), strict=True),
    ]:
        gone = [count for one, count in zip(told, true, strict=True) if one == HIDDEN]
        assert len(gone) != 1
        if gone and told[-1] != HIDDEN:
            assert sum(gone) > len(gone)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_a_line_with_a_known_sum(counts):
    safe = suppressed_line(counts)
    gone = [count for one, count in zip(safe, counts, strict=True) if one == HIDDEN]
    assert not any(0 < one < SMALLEST for one in safe)
    if len(gone) == 1:
        assert sum(1 for count in counts if count) == 1  # there is nothing else to hide it behind


def test_a_table_without_small_counts_is_left_alone():
    assert suppressed([[10, 20, 30], [10, 20, 30]]) == [[10, 20, 30], [10, 20, 30]]


def test_guests_see_no_small_count_and_the_office_sees_all(guest, office, picture, route):
    exact = merits(picture, route, exact=True)
    safe = merits(picture, route, exact=False)
    small = {value for name in ("admitted", "struck", "reserve") for value in exact[name].to_list() if 0 < value < 5}
    assert small
    for name in ("admitted", "struck", "reserve"):
        assert not any(0 < value < SMALLEST for value in safe[name].to_list())
    for path in ("/homes", "/flows"):
        cells = re.findall(r"<td>([^<]*)</td>", guest.get(path).text)
        assert "." in cells
        assert not {"1", "2", "3", "4"} & set(cells)
        assert "." not in re.findall(r"<td>([^<]*)</td>", office.get(path).text)
