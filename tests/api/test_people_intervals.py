"""No small count of people in a planner's table, and none to be worked out from the others."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from api.people_intervals import REST, merged_flows, suppressed_columns, suppressed_homes
from simulations.sweeps.summaries import columns

MEASURES = ("tried", "placed", "without_seat", "first")
COUNTS = st.integers(0, 30)
HOME = st.tuples(COUNTS, COUNTS, COUNTS)


def homes(rows):
    """Make the table of homes: placed on the first choice, placed elsewhere, without a seat, in two years."""
    first, other, without = (np.array([row[at] for row in rows]) for at in range(3))
    found = {"tried": first + other + without, "placed": first + other, "without_seat": without, "first": first}
    frame = pl.DataFrame({"home_municipality": [f"h{number}" for number in range(len(rows))]})
    for name, values in found.items():
        years = np.stack([values, values])
        for kind, part in (("baseline", years), ("scenario", years), ("difference", years * 0)):
            frame = frame.with_columns(columns(f"{name}_{kind}", part))
    return frame


@settings(deadline=None, max_examples=100)
@given(st.lists(HOME, min_size=1, max_size=8))
def test_no_count_from_one_to_four_is_told(rows):
    table = suppressed_homes(homes(rows))
    for name in MEASURES:
        for side in ("baseline", "scenario"):
            for end in ("", "_low", "_middle", "_high"):
                told = table[f"{name}_{side}{end}"].drop_nulls()
                assert ((told == 0) | (told >= 5)).all()


@settings(deadline=None, max_examples=100)
@given(st.lists(HOME, min_size=1, max_size=8))
def test_what_is_hidden_follows_from_no_sum(rows):
    """Each row: tried less one of its two parts; each column: the region's sum less all that is told."""
    before, table = homes(rows), suppressed_homes(homes(rows))
    for row, was in zip(table.to_dicts(), before.to_dicts(), strict=True):
        parts = [row[f"{name}_baseline"] for name in ("tried", "placed", "without_seat")]
        assert sum(part is None for part in parts) != 1, (row, was)
    for name in ("placed", "without_seat", "tried"):
        gone = before.filter(table[f"{name}_baseline"].is_null())[f"{name}_baseline"]
        positive = gone.filter(gone > 0)
        assert not 0 < positive.sum() < 5 or len(before) == len(gone), name


def test_where_a_region_has_one_person_alone_every_home_is_hidden():
    table = suppressed_homes(homes([(9, 0, 1), (9, 0, 0)]))
    assert table["without_seat_baseline"].to_list() == [None, None]


def test_a_change_for_one_person_is_hidden_but_not_the_baseline():
    before, after = np.array([[100, 50]] * 2), np.array([[99, 40]] * 2)
    frame = pl.DataFrame({"home_municipality": ["a", "b"]})
    tried = before + 100
    for name, (one, other) in {
        "tried": (tried, tried), "placed": (tried - before, tried - after), "without_seat": (before, after),
        "first": (before * 0 + 60, before * 0 + 60),
    }.items():  # fmt: skip
        for kind, part in (("baseline", one), ("scenario", other), ("difference", other - one)):
            frame = frame.with_columns(columns(f"{name}_{kind}", part))
    table = suppressed_homes(frame)
    assert table["without_seat_baseline"].to_list() == [100, 50]
    assert table["without_seat_difference"].null_count() == 2  # the second too: the region's sum would tell the first


def test_single_measures_hide_one_more_where_one_stood_alone():
    frame = pl.DataFrame({"home_municipality": ["a", "b", "c"]}).with_columns(
        columns("moved", np.array([[3, 9, 40], [3, 9, 40]]))
    )
    assert suppressed_columns(frame)["moved"].to_list() == [None, None, 40]


def test_small_flows_are_added_up():
    frame = pl.DataFrame({"from": ["A", "A", "B", "B"], "to": ["B", "C", "C", "A"]}).with_columns(
        columns("persons", np.array([[20, 3, 2, 9], [20, 3, 2, 9]]))
    )
    table = merged_flows(frame)
    assert table["from"].to_list() == ["A", "B", REST]
    assert table["persons"].to_list() == [20, 9, 5]
    assert table["persons_low"].to_list() == [20, 9, None]
