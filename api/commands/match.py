"""``admissions match``: match any small market given as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from admissions.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("match")(match_market)


def match_market(
    market: Annotated[
        str, typer.Argument(metavar="MARKET.json", help="The market file; - reads it from standard input.")
    ],
    mechanism: Annotated[
        str,
        typer.Option(
            help="deferred-acceptance, programme-proposing, immediate-acceptance, top-trading-cycles or eada.",
        ),
    ] = "deferred-acceptance",
) -> None:
    """Match any small market: who gets which programme.

    The file says who lists what, how each programme ranks its applicants and how many seats it has; see docs/formats.
    The answer is JSON on standard output: {"assignment": {"a1": "p", "a2": null}}, every applicant, sorted by id.
    A file that cannot be matched is refused as a whole, with every problem and its place, and exit status 1.
    """
    from admissions.matching.market_file import read_market

    file = read_market(_text_of(market))
    assignment = file.assignment(file.solve(mechanism))
    print(json.dumps({"assignment": assignment}, indent=2, ensure_ascii=False))


def _text_of(market: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if market == "-" else Path(market).read_bytes()
    except OSError as reason:
        raise InputError([f"{market}: cannot be read: {reason.strerror}"]) from reason
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        raise InputError([f"{market}: not UTF-8 text (byte {reason.start}); save the file as UTF-8"]) from reason
