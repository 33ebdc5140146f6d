from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from admissions.tables.identity import checksum_holds, looks_like_identity_number, masked


@given(st.dates(), st.integers(0, 999), st.sampled_from(["", "-", "+"]), st.booleans(), st.booleans())
def test_exactly_one_last_digit_makes_a_day_an_identity_number(
    day: object, serial: int, sign: str, century: bool, coordination: bool
) -> None:
    text = str(day).replace("-", "")
    text = text if century and text[:2] in {"18", "19", "20"} else text[2:]
    if coordination:
        text = f"{text[:-2]}{int(text[-2:]) + 60}"
    numbers = [f"{text}{sign}{serial:03}{last}" for last in range(10)]
    found = looks_like_identity_number(pl.Series(numbers))
    assert found.sum() == 1
    number = numbers[int(found.arg_true()[0])]
    assert checksum_holds(number)
    assert masked(number) == "*" * len(number)


def test_random_ids_are_not_taken_for_identity_numbers() -> None:
    ids = pl.Series(["3f2a91c07b", "k7m2q9x4", "0013450000", "a2000010100", None])
    assert not looks_like_identity_number(ids).fill_null(value=False).any()
    assert masked("3f2a91c07b") == "3f2a91c07b"
