"""Education not offered at home (SkolL 16:44): both sides of every line."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import pytest

from admissions.rules import load_rulebook
from admissions.rules.home_offer import Education, education_of
from admissions.rules.reception import Hand
from tests.admissions.rules.small import YEAR, compiled, grades, make

# Two areas that do not receive each other's inhabitants in first hand; Kiruna's offer is in no catalogue.
RULES = """
extends = "sweden"
name = "two-areas"
title = {{ sv = "Två områden", en = "Two areas" }}
[reception]
default_area = "south"
independent_split = true
{more}
areas = {{ south = {{ municipalities = ["Lund", "Malmö"], source = ["test"], certainty = "assumption" }}, \
north = {{ municipalities = ["Höör", "Eslöv"], source = ["test"], certainty = "assumption" }} }}
source = ["SkolL 16:43-47"]
certainty = "law"
"""


def route(code: str, **more: Any) -> dict[str, Any]:
    return {"programme": code[:2], "route_code": code, "municipality": "Lund"} | more


def north(code: str, **more: Any) -> dict[str, Any]:
    return route(code, **{"municipality": "Eslöv", "reception": "north"} | more)


class Case(NamedTuple):
    what: str
    source: str
    wanted: dict[str, Any]
    at_home: list[dict[str, Any]]  # what else is in the catalogue
    hand: Hand
    home: str = "Höör"
    decisions: tuple[tuple[str, str], ...] = ()
    rules: str = ""
    round: str = "final"


LAW, AREA = "SkolL 16:44", "SkolL 16:43"
OPEN = "SkolL 16:44, left open"
CASES = [
    Case("the programme is not offered at home", LAW, route("NANAT"), [north("SASAM")], Hand.NOT_OFFERED),
    Case("it is, by the municipality itself", LAW, route("NANAT"), [north("NANAT")], Hand.SECOND, "Eslöv"),
    Case("it is, by a partner in the cooperation area", AREA, route("NANAT"), [north("NANAT")], Hand.SECOND),
    Case(
        "a partner that keeps it to its own inhabitants does not offer it",
        AREA,
        route("NANAT"),
        [north("NANAT", reception="municipality")],
        Hand.NOT_OFFERED,
    ),
    Case("another orientation is offered", LAW, route("NANAT"), [north("NANAS")], Hand.NOT_OFFERED),
    Case("a profile is no education", LAW, route("NANAT", route_name="Music"), [north("NANAT")], Hand.SECOND),
    Case("the programme applied for without orientation", LAW, route("NA"), [north("NANAS")], Hand.SECOND),
    Case("a programme entered without orientation offers them", OPEN, route("NANAT"), [north("NA")], Hand.SECOND),
    Case(
        "or does not, by the switch",
        OPEN,
        route("NANAT"),
        [north("NA")],
        Hand.NOT_OFFERED,
        rules='home_offer_entry = "does_not_count"',
    ),
    Case("apprenticeship is not offered", LAW, route("BAHUS0L"), [north("BAHUS")], Hand.NOT_OFFERED),
    Case(
        "apprenticeship is offered in the programme",
        LAW,
        route("BAHUS0L"),
        [north("BAHUS"), north("BAMAL0L")],
        Hand.SECOND,
    ),
    Case("and so is the orientation it is in", LAW, route("BAHUS0L"), [north("BAHUS0L")], Hand.SECOND),
    Case("a special variant goes by its programme", OPEN, route("NABILVE"), [north("NANAT")], Hand.SECOND),
    Case("and by nothing less", LAW, route("NABILVE"), [north("SASAM")], Hand.NOT_OFFERED),
    Case(
        "an independent school at home is not the municipality's offer",
        OPEN,
        route("NANAT"),
        [north("NANAT", organiser_form="independent")],
        Hand.NOT_OFFERED,
    ),
    Case(
        "or is, by the switch",
        OPEN,
        route("NANAT"),
        [north("NANAT", organiser_form="independent")],
        Hand.SECOND,
        rules='home_offer_organisers = "any"',
    ),
    Case(
        "places for a target group are no offer to everybody",
        LAW,
        route("NANAT"),
        [north("NANAT", mode="special_needs")],
        Hand.NOT_OFFERED,
    ),
    Case(
        "a nationwide education elsewhere is not offered at home",
        "SkolL 16:44-46",
        route("NANAT"),
        [route("NANAT", municipality="Malmö", reception="nationwide")],
        Hand.NOT_OFFERED,
    ),
    Case(
        "an education that does not start is not offered",
        LAW,
        route("NANAT"),
        [north("NANAT", closed_at=date(YEAR, 5, 1))],
        Hand.NOT_OFFERED,
    ),
    Case(
        "but is until it is closed",
        LAW,
        route("NANAT"),
        [north("NANAT", closed_at=date(YEAR, 5, 1))],
        Hand.SECOND,
        round="preliminary",
    ),
    Case("what a municipality outside the areas offers is not known", LAW, route("NANAT"), [], Hand.SECOND, "Kiruna"),
    Case(
        "unless the rulebook says that the catalogue has it",
        LAW,
        route("NANAT"),
        [],
        Hand.NOT_OFFERED,
        "Kiruna",
        rules='home_offer_known = ["Kiruna"]',
    ),
    Case(
        "introduction programmes are received by another rule",
        "SkolL 17:19",
        route("IMVNA", programme="IMV"),
        [],
        Hand.SECOND,
    ),
    Case("IB is no national programme", "SkolL bilaga 1", route("IB"), [], Hand.SECOND),
    Case("a decision says second hand", LAW, route("NANAT"), [], Hand.SECOND, decisions=(("hand", "second"),)),
    Case("reception decided as second", LAW, route("NANAT"), [], Hand.SECOND, decisions=(("reception", "second"),)),
    Case(
        "a decision says first hand",
        LAW,
        route("NANAT"),
        [north("NANAT")],
        Hand.DECISION,
        decisions=(("hand", "first"),),
    ),
    Case("a decision adds nothing", LAW, route("NANAT"), [], Hand.NOT_OFFERED, decisions=(("hand", "first"),)),
    Case("only decisions count, by the switch", LAW, route("NANAT"), [], Hand.SECOND, rules='home_offer = "decision"'),
    Case("inside the area nothing is asked", AREA, route("NANAT"), [], Hand.AREA, "Malmö"),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.what} [{case.source}]" for case in CASES])
def test_worked_case(case: Case, tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES.format(more=case.rules), encoding="utf-8")
    person = {"home": case.home, "grades": grades("C", drop="BI") if case.wanted["programme"] == "IMV" else grades()}
    intake = make([case.wanted, *case.at_home], {"a": person}, decisions=[("a", "r0", *one) for one in case.decisions])
    row = compiled(intake, load_rulebook(path, YEAR), case.round)
    assert Hand(row.reception[0]) is case.hand
    assert row.first_hand[0] == (case.hand is not Hand.SECOND)


def test_no_two_cases_are_the_same():
    assert len({case.what for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("programme", "code", "education"),
    [
        ("NA", "NANAT", ("NA", "NAT", False)),
        ("NA", "NA", ("NA", "", False)),
        ("BA", "BAHUS0L", ("BA", "HUS", True)),
        ("ES", "ESMUS0S", ("ES", "MUS", False)),
        ("IN", "INDRI00R", ("IN", "DRI", False)),
        ("EK", "EKFINVS", ("EK", "", False)),
        ("NA", "own code 7", ("NA", "", False)),
        ("NA", "SASAM", ("NA", "", False)),
    ],
)
def test_the_education_of_a_route_is_read_from_its_code(programme, code, education):
    assert education_of(programme, code) == Education(*education)
