from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admissions.tables.cells import Fault, read_cell
from admissions.tables.schema import Column

SEATS = Column("seats", "integer", "Seats.", "Platser.", minimum=0, maximum=10_000)
DAY = Column("day", "date", "Day.", "Dag.", empty=True)
FLAGS = Column("flags", "words", "Flags.", "Flaggor.", empty=True, default="", allowed={"a": "A", "b": "B"})
NAME = Column("name", "text", "Name.", "Namn.")
SHARE = Column("share", "decimal", "Share.", "Andel.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("32", 32),
        (" 32\u00a0", 32),
        ("32,0", 32),
        ("32.00", 32),
        ("+3", 3),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1\u202f200", 1200),
        ("007", 7),
    ],
)
def test_whole_numbers_as_people_and_spreadsheets_write_them(text: str, value: int) -> None:
    assert read_cell(SEATS, text) == value


@pytest.mark.parametrize("text", ["1 20", "12 00", "1,200.5", "1.5", "0x10", "1e3", "٣", "--1", "1_000", "½"])
def test_what_is_not_clearly_a_whole_number_is_refused(text: str) -> None:
    reading = read_cell(SEATS, text)
    assert isinstance(reading, Fault) or (text == "٣" and reading == 3)


def test_decimals_with_comma_or_point() -> None:
    assert read_cell(SHARE, "7,25") == read_cell(SHARE, "7.25") == 7.25


@pytest.mark.parametrize("text", ["2023-04-15", "2023-04-15 00:00:00", "2023-04-15T00:00"])
def test_days(text: str) -> None:
    assert read_cell(DAY, text) == dt.date(2023, 4, 15)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2170, 1, 1)))
def test_a_spreadsheets_day_number_is_refused_and_translated(day: dt.date) -> None:
    reading = read_cell(DAY, str((day - dt.date(1899, 12, 30)).days))
    assert isinstance(reading, Fault)
    assert str(day) in reading.message


def test_words_are_sorted_and_once() -> None:
    assert read_cell(FLAGS, " b  a b ") == "a b"
    assert read_cell(FLAGS, "") == ""


def test_letters_composed_in_two_ways_are_the_same_name() -> None:
    assert read_cell(NAME, "A\u030ase") == "Åse"


def test_a_near_miss_is_named() -> None:
    mode = Column("mode", "choice", "Mode.", "Sätt.", allowed={"merit": "", "rank": ""})
    for text in ("Merit", "meritt", "MERIT"):
        reading = read_cell(mode, text)
        assert isinstance(reading, Fault)
        assert reading.remedy == "Did you mean 'merit'?"


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_never_an_error(text: str) -> None:
    for column in (SEATS, DAY, FLAGS, NAME, SHARE):
        reading = read_cell(column, text)
        if isinstance(reading, Fault):
            assert reading.message
            assert reading.remedy
