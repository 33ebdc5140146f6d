"""What a single cell may hold: the text as delivered becomes a value, or a fault with its remedy.

Forgiven, because it is unambiguous: spaces around a value, ``32,0`` and ``32.0`` for 32, a space or no-break
space between thousands, letters composed in two ways. Not forgiven, because it is a guess: spreadsheet day numbers, ids
that a spreadsheet turned into numbers, a day written in another order, a misspelt choice.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import unicodedata
from dataclasses import dataclass

from admissions.tables.raw import MAX_CELL
from admissions.tables.schema import Column

Value = str | int | float | dt.date | None

_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(\D|$))")
_WHOLE = re.compile(r"[+-]?\d{1,15}([.,]0*)?")
_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d+)?")
_EXPONENT = re.compile(r"\d([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})([ T]00:00(:00(\.0+)?)?)?")
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")
_SPREADSHEET_EPOCH = dt.date(1899, 12, 30)
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf€-™]|\ufffd")


@dataclass(frozen=True)
class Fault:
    """Why a cell cannot be read: stable name of the rule, what is wrong, what to do."""

    rule: str
    message: str
    remedy: str


def tidy(text: str) -> str:
    """Return the text without spaces around it and with letters composed in one way (NFC)."""
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def read_cell(column: Column, text: str) -> Value | Fault:
    """Return the value of a cell, None where it is missing, or the fault.

    Examples
    --------
    >>> seats = Column("seats", "integer", "Seats.", "Platser.", minimum=0)
    >>> read_cell(seats, " 1 200 "), read_cell(seats, "32,0")
    (1200, 32)
    >>> read_cell(seats, "-3").rule
    'minimum'
    """
    text = tidy(text)
    if not text:
        missing = Fault("empty", f"{column.name} must not be empty", "Fill in the cell.")
        return column.default if column.empty else missing
    if column.kind in {"integer", "decimal"}:
        return _number(column, text)
    if column.kind == "date":
        return _day(column, text)
    return _characters(column, text) or _worded(column, text)


def _worded(column: Column, text: str) -> str | Fault:
    if column.kind == "choice":
        return text if text in column.allowed else _not_allowed(column, text)
    if column.kind == "words":
        words = sorted(set(text.split()))
        unknown = [word for word in words if word not in column.allowed]
        return _not_allowed(column, unknown[0]) if unknown else " ".join(words)
    return _text(column, text)


def _characters(column: Column, text: str) -> Fault | None:
    if len(text) > MAX_CELL:
        return Fault("too_long", f"{column.name} holds {len(text):,} characters", f"At most {MAX_CELL:,} are read.")
    if not text.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in text):
        return Fault(
            "control_character",
            f"{column.name} holds a line break, a tab or another control character",
            "Remove it; write the text on one line.",
        )
    if not text.isascii() and _MOJIBAKE.search(text):
        return Fault(
            "mojibake",
            f"letters of {column.name} were destroyed by a wrong encoding",
            'Export the table again as "CSV UTF-8" from its source.',
        )
    return None


def _text(column: Column, text: str) -> str | Fault:
    if column.pattern is None or re.fullmatch(column.pattern, text):
        if column.identifies and _EXPONENT.fullmatch(text) and ("+" in text or "," in text or "." in text):
            return _spoilt(column)
        return text
    if column.identifies and _EXPONENT.fullmatch(text):
        return _spoilt(column)
    return Fault("pattern", f"{column.name} must be {column.pattern_meaning}", _example(column))


def _spoilt(column: Column) -> Fault:
    return Fault(
        "id_as_number",
        f"a spreadsheet turned {column.name} into a number and lost digits of it",
        "Export the table again from its source and import the column as text.",
    )


def _number(column: Column, text: str) -> int | float | Fault:
    plain = _THOUSANDS.sub("", text).replace("\u2212", "-")
    whole = column.kind == "integer"
    if not (_WHOLE if whole else _NUMBER).fullmatch(plain):
        if whole and _NUMBER.fullmatch(plain):
            return Fault("whole_number", f"{column.name} must be a whole number", _example(column))
        return Fault("number", f"{column.name} must be a number", _example(column))
    value = int(re.split("[.,]", plain)[0]) if whole else float(plain.replace(",", "."))
    if column.minimum is not None and value < column.minimum:
        return Fault("minimum", f"{column.name} must be at least {column.minimum}", "Correct the number.")
    if column.maximum is not None and value > column.maximum:
        return Fault("maximum", f"{column.name} must be at most {column.maximum}", "Correct the number.")
    return value


def _day(column: Column, text: str) -> dt.date | Fault:
    match = _DAY.fullmatch(text)
    if match is None:
        if _SERIAL.fullmatch(text):
            day = _SPREADSHEET_EPOCH + dt.timedelta(days=int(text[:5]))
            return Fault(
                "spreadsheet_date",
                f"{column.name} is a spreadsheet's day number, probably {day}",
                "Format the column as text or as date 2023-04-15 and export again.",
            )
        return Fault("date", f"{column.name} must be a day such as 2023-04-15", "Write year-month-day.")
    try:
        return dt.date(*(int(part) for part in match.group(1, 2, 3)))
    except ValueError:
        return Fault("date", f"{column.name}: there is no such day", "Correct the day.")


def _not_allowed(column: Column, text: str) -> Fault:
    allowed = list(column.allowed)
    folded = {value.casefold(): value for value in allowed}
    near = [folded[text.casefold()]] if text.casefold() in folded else difflib.get_close_matches(text, allowed, 1)
    listed = ", ".join(allowed)
    message = f"{column.name} must be one of: {listed}" if column.kind == "choice" else f"unknown word {text!r}"
    remedy = f"Did you mean {near[0]!r}?" if near else f"Use one of: {listed}."
    return Fault("choice", message, remedy)


def _example(column: Column) -> str:
    return f"Example: {column.example}" if column.example else "Correct the cell."
