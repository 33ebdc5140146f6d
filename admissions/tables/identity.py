"""Recognising personal identity numbers (personnummer, samordningsnummer) where only random ids belong.

Source: Population Registration Act (folkbokföringslagen 1991:481) section 18: six or eight digits of the day of birth,
four more, the last a checksum by the Luhn formula; a coordination number adds 60 to the day.
"""

from __future__ import annotations

import re

import polars as pl

_SHAPE = r"^(?:18|19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])[-+]?\d{4}$"


def checksum_holds(number: str) -> bool:
    """Tell whether the ten last digits of a number satisfy the Luhn formula.

    Examples
    --------
    >>> checksum_holds("0000000000"), checksum_holds("0000000001")
    (True, False)
    """
    digits = [int(digit) for digit in re.sub(r"\D", "", number)[-10:]]
    doubled = [digit * (2 - i % 2) for i, digit in enumerate(digits)]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def looks_like_identity_number(values: pl.Series) -> pl.Series:
    """(n,) bool: texts with the shape, a possible day and the checksum of a personal identity number."""
    shaped = values.filter(values.str.contains(_SHAPE).fill_null(value=False)).unique()
    numbers = [value for value in shaped.to_list() if checksum_holds(value)]
    if not numbers:
        return pl.repeat(value=False, n=len(values), dtype=pl.Boolean, eager=True)
    return values.is_in(pl.Series(numbers, dtype=pl.String).implode())


def masked(text: str) -> str:
    """Return the text, or asterisks of the same length if it is a personal identity number: no report repeats one."""
    return "*" * len(text) if re.match(_SHAPE, text) and checksum_holds(text) else text
