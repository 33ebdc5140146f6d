"""Worked cases: input, rule, expected outcome, source; for every rule both sides of the line."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from admissions.rules import RowReason, RowStatus
from tests.admissions.rules.small import YEAR, compiled, grades, make, only

TRIED, NOT_ELIGIBLE, NOT_RECEIVED, NOT_TRIED, PENDING, CLOSED = RowStatus


class Case(NamedTuple):
    what: str
    source: str
    person: dict[str, Any]
    expect: dict[str, Any]
    route: dict[str, Any] = {}  # noqa: RUF012 -- read only
    decisions: tuple[tuple[str, str], ...] = ()
    rules: str = "storsthlm"
    round: str = "final"


def ok(**more: Any) -> dict[str, Any]:
    return {"status": TRIED, **more}


def missing(*subjects: str) -> dict[str, Any]:
    return {"status": NOT_ELIGIBLE, "reason": RowReason.MISSING_SUBJECTS, "missing": subjects}


def no(status: RowStatus, reason: RowReason) -> dict[str, Any]:
    return {"status": status, "reason": reason}


def prog(code: str, **more: Any) -> dict[str, Any]:
    return {"programme": code, "route_code": code + "XX", **more}


EIGHT = "SV EN MA BL HK IH MU SL"
IMV_NA = {"programme": "IMV", "route_code": "IMVNA"}
IMV_BA = {"programme": "IMV", "route_code": "IMVBA"}
LANGUAGE = grades("A", M2="A")

MERIT = [
    Case("sixteen A give 320", "GyF 7:4", {"grades": grades("A")}, ok(merit=32000)),
    Case("and a language choice 340", "GyF 7:4", {"grades": LANGUAGE}, ok(merit=34000)),
    Case(
        "each grade has its value",
        "GyF 7:4",
        {"grades": grades("A", BL="B", HK="C", IH="D", MU="E", SL="F")},
        ok(merit=27500),
    ),
    Case(
        "the seventeenth ordinary grade pushes out the worst",
        "GyF 7:4",
        {"grades": grades("A", SL="E", ML="B")},
        ok(merit=31750),
    ),
    Case(
        "a language within the pupil's choice is no seventeenth",
        "GyF 7:4",
        {"grades": grades("A", M1="A")},
        ok(merit=32000),
    ),
    Case(
        "the mother tongue may replace one of the sixteen",
        "Östergötland: urvalet",
        {"grades": grades("A", SL="F", ML="A")},
        ok(merit=32000),
    ),
    Case(
        "the language choice is not counted twice",
        "GyF 7:4",
        {"grades": grades("A", drop="SL", M2="A")},
        ok(merit=32000),
    ),
    Case("an F in the language choice adds nothing", "GyF 7:4", {"grades": grades("A", M2="F")}, ok(merit=32000)),
    Case("missing grades count nothing", "Fyrbodal: meritvärde", {"grades": only(EIGHT)}, ok(merit=8000), prog("BA")),
    Case("a dash is no grade", "GyF 7:4", {"grades": grades("A", SL="-")}, ok(merit=30000)),
    Case(
        "dance with 14 grades is scaled to 16",
        "GyF 7:4",
        {"grades": grades("A", drop="SL TK", BL="B"), "flags": "dance_reduced"},
        ok(merit=31714),
    ),
    Case(
        "without the reduced timetable it is not",
        "GyF 7:4",
        {"grades": grades("A", drop="SL TK", BL="B")},
        ok(merit=27750),
    ),
    Case(
        "dance with all sixteen is not scaled",
        "GyF 7:4",
        {"grades": grades("B"), "flags": "dance_reduced"},
        ok(merit=28000),
    ),
    Case(
        "dance: the language choice comes on top",
        "GyF 7:4",
        {"grades": grades("A", drop="SL TK", BL="B", M2="E"), "flags": "dance_reduced"},
        ok(merit=32714),
    ),
    Case("older grades", "UHR", {"grades": grades("MVG", BL="VG", HK="G", IH="IG")}, ok(merit=28500)),
    Case(
        "a block grade stands for its subjects",
        "assumption",
        {"grades": grades("C", drop="BI FY KE", NO="C")},
        ok(merit=24000),
    ),
    Case(
        "the preliminary round uses the autumn term",
        "GyF 7:7",
        {"grades": grades("A"), "autumn": grades("E")},
        ok(merit=16000),
        round="preliminary",
    ),
    Case(
        "those with a final certificate only are judged on it",
        "GyF 7:7",
        {"grades": grades("A"), "autumn": {}},
        ok(merit=32000),
        round="preliminary",
    ),
    Case(
        "the final round uses the final certificate",
        "GyF 7:7",
        {"grades": grades("A"), "autumn": grades("E")},
        ok(merit=32000),
    ),
]

ELIGIBILITY = [
    Case("vocational: eight passes", "SkolL 16:30", {"grades": only(EIGHT)}, ok(), prog("BA")),
    Case(
        "vocational: seven are not enough",
        "SkolL 16:30",
        {"grades": only("SV EN MA BL HK IH MU")},
        missing("+1"),
        prog("BA"),
    ),
    Case(
        "vocational: without mathematics",
        "SkolL 16:30",
        {"grades": only("SV EN BL HK IH MU SL TK")},
        missing("MA"),
        prog("BA"),
    ),
    Case(
        "Swedish as a second language is as good",
        "SkolL 16:30",
        {"grades": only("SVA EN MA BL HK IH MU SL")},
        ok(),
        prog("BA"),
    ),
    Case("neither Swedish", "SkolL 16:30", {"grades": only("EN MA BL HK IH MU SL")}, missing("SV/SVA"), prog("BA")),
    Case("an F is no pass", "SkolL 16:30", {"grades": only(EIGHT) | {"MA": "F"}}, missing("MA"), prog("BA")),
    Case("arts: any nine others", "SkolL 16:31", {"grades": only(EIGHT + " TK BI GE HI")}, ok(), prog("ES")),
    Case("arts: eight others", "SkolL 16:31", {"grades": only(EIGHT + " TK BI GE")}, missing("+1"), prog("ES")),
    Case("science: all three sciences", "GyF 7:1", {"grades": only(EIGHT + " TK BI FY KE")}, ok(), prog("NA")),
    Case("science: without chemistry", "GyF 7:1", {"grades": only(EIGHT + " TK BI FY GE")}, missing("KE"), prog("NA")),
    Case(
        "technology: without physics and chemistry",
        "GyF 7:1",
        {"grades": only(EIGHT + " TK BI GE HI")},
        missing("FY", "KE"),
        prog("TE"),
    ),
    Case(
        "science: a missing named subject is not counted twice",
        "GyF 7:1",
        {"grades": only(EIGHT + " BI FY")},
        missing("KE", "+1"),
        prog("NA"),
    ),
    Case("economics: all four", "GyF 7:1", {"grades": only(EIGHT + " GE HI RE SH")}, ok(), prog("EK")),
    Case(
        "humanities: without religion", "GyF 7:1", {"grades": only(EIGHT + " GE HI TK SH")}, missing("RE"), prog("HU")
    ),
    Case("social science needs no chemistry", "GyF 7:1", {"grades": only(EIGHT + " GE HI RE SH")}, ok(), prog("SA")),
    Case(
        "a language counts among the others",
        "SkolL 16:31",
        {"grades": only(EIGHT + " GE HI RE SH", "E") | {"BL": "F", "M2": "E"}},
        ok(),
        prog("SA"),
    ),
    Case(
        "dispens: English alone missing and approved",
        "SkolL 16:32",
        {"grades": grades(drop="EN")},
        ok(),
        prog("BA"),
        (("english_dispens", "approved"),),
    ),
    Case("dispens: without one", "SkolL 16:32", {"grades": grades(drop="EN")}, missing("EN"), prog("BA")),
    Case(
        "dispens: rejected",
        "SkolL 16:32",
        {"grades": grades(drop="EN")},
        missing("EN"),
        prog("BA"),
        (("english_dispens", "rejected"),),
    ),
    Case(
        "dispens: not decided",
        "SkolL 16:32",
        {"grades": grades(drop="EN")},
        no(PENDING, RowReason.PENDING_DISPENS),
        prog("BA"),
        (("english_dispens", "pending"),),
    ),
    Case(
        "dispens does not replace mathematics",
        "SkolL 16:32",
        {"grades": grades(drop="EN MA")},
        missing("EN", "MA"),
        prog("BA"),
        (("english_dispens", "approved"),),
    ),
    Case(
        "dispens: not on introduction programmes",
        "Sjuhärad: dispens",
        {"grades": only("SV BL HK IH MU")},
        missing("EN"),
        IMV_NA,
        (("english_dispens", "approved"),),
    ),
    Case(
        "programme-oriented choice: English and four others",
        "SkolL 17:10",
        {"grades": only("SV EN BL HK IH MU")},
        ok(),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: mathematics and four others",
        "SkolL 17:10",
        {"grades": only("SV MA BL HK IH MU")},
        ok(),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: both and three others",
        "SkolL 17:10",
        {"grades": only("SV EN MA BL HK IH")},
        ok(),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: both and two others",
        "SkolL 17:10",
        {"grades": only("SV EN MA BL HK")},
        missing("+1"),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: English and three others",
        "SkolL 17:10",
        {"grades": only("SV EN BL HK IH")},
        missing("+1"),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: needs Swedish",
        "SkolL 17:10",
        {"grades": only("EN MA BL HK IH MU")},
        missing("SV/SVA"),
        IMV_NA,
    ),
    Case(
        "programme-oriented choice: not for those eligible for its programme",
        "SkolL 17:10",
        {"grades": grades()},
        no(NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE),
        IMV_NA,
    ),
    Case(
        "eligible for a vocational programme may still lead to science",
        "Storsthlm: introduction programmes",
        {"grades": only(EIGHT)},
        ok(),
        IMV_NA,
    ),
    Case(
        "but not to a vocational one",
        "SkolL 17:10",
        {"grades": only(EIGHT)},
        no(NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE),
        IMV_BA,
    ),
    Case("vocational introduction: no passes needed", "SkolL 17:11", {"grades": {}}, ok(), prog("IMY")),
    Case(
        "vocational introduction: not for those eligible",
        "SkolL 17:11",
        {"grades": only(EIGHT)},
        no(NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE),
        prog("IMY"),
    ),
    Case(
        "except for exceptional reasons",
        "SkolL 17:11",
        {"grades": only(EIGHT)},
        ok(),
        prog("IMY"),
        (("special_grounds", "approved"),),
    ),
    Case("individual alternative: no passes needed", "SkolL 17:11", {"grades": {}}, ok(), prog("IMA")),
    Case(
        "individual alternative: not for those eligible",
        "SkolL 17:11",
        {"grades": only(EIGHT)},
        no(NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE),
        prog("IMA"),
    ),
    Case("language introduction: no passes needed", "SkolL 17:12", {"grades": {}}, ok(), prog("IMS")),
    Case(
        "language introduction: one pass short of a vocational programme",
        "SkolL 17:12",
        {"grades": only(EIGHT.replace(" SL", ""))},
        ok(),
        prog("IMS"),
    ),
    Case(
        "language introduction: not for those eligible",
        "SkolL 17:12",
        {"grades": only(EIGHT)},
        no(NOT_ELIGIBLE, RowReason.ALREADY_ELIGIBLE),
        prog("IMS"),
    ),
    Case(
        "language introduction: others for special reasons",
        "SkolL 17:12",
        {"grades": only(EIGHT)},
        ok(),
        prog("IMS"),
        (("special_grounds", "approved"),),
    ),
    Case("19 in the year of the start", "SkolL 15:5", {"birth_year": YEAR - 19}, ok()),
    Case("20 in the year of the start", "SkolL 15:5", {"birth_year": YEAR - 20}, no(NOT_ELIGIBLE, RowReason.AGE)),
    Case(
        "20, with an agreement",
        "Storsthlm: Indramanual",
        {"birth_year": YEAR - 20},
        ok(),
        {},
        (("reception", "approved"),),
    ),
    Case(
        "asylum seekers start before 18",
        "Fyrbodal: behörigheter",
        {"birth_year": YEAR - 19, "flags": "asylum_seeker"},
        no(NOT_ELIGIBLE, RowReason.AGE),
    ),
    Case(
        "a younger asylum seeker", "Fyrbodal: behörigheter", {"birth_year": YEAR - 17, "flags": "asylum_seeker"}, ok()
    ),
    Case(
        "who turns 18 in the year has to be asked",
        "Fyrbodal: behörigheter",
        {"birth_year": YEAR - 18, "flags": "asylum_seeker"},
        no(PENDING, RowReason.PENDING_AGE),
    ),
    Case(
        "already completed", "SkolL 15:6", {"flags": "completed_upper_secondary"}, no(NOT_ELIGIBLE, RowReason.COMPLETED)
    ),
    Case(
        "foreign grades with an approved quota count as eligible",
        "SkolL 16:33",
        {"grades": {}, "flags": "foreign_grades"},
        ok(merit=0),
        {},
        (("free_quota", "approved"),),
    ),
    Case(
        "foreign grades without it do not",
        "SkolL 16:33",
        {"grades": {}, "flags": "foreign_grades"},
        missing("SV/SVA", "EN", "MA", "BI", "FY", "KE", "+6"),
    ),
    Case(
        "the free quota itself makes nobody eligible",
        "Göteborg: fri kvot",
        {"grades": {}},
        {"status": NOT_ELIGIBLE},
        {},
        (("free_quota", "approved"),),
    ),
    Case("prerequisite approved", "GyF 5:15", {}, ok(), {"prerequisite": "decided"}, (("prerequisite", "approved"),)),
    Case(
        "prerequisite rejected",
        "GyF 5:15",
        {},
        no(NOT_ELIGIBLE, RowReason.PREREQUISITE),
        {"prerequisite": "decided"},
        (("prerequisite", "rejected"),),
    ),
    Case(
        "prerequisite not decided", "GyF 5:15", {}, no(PENDING, RowReason.PENDING_DECISION), {"prerequisite": "decided"}
    ),
    Case(
        "adapted school needs the target group",
        "SkolL 18:5",
        {"grades": {}},
        no(NOT_ELIGIBLE, RowReason.TARGET_GROUP),
        prog("AN"),
        (("target_group", "rejected"),),
    ),
    Case("adapted school", "SkolL 18:5", {"grades": {}}, ok(), prog("AN"), (("target_group", "approved"),)),
    Case(
        "adapted school at 20",
        "SkolL 18:5",
        {"grades": {}, "birth_year": YEAR - 20},
        no(NOT_ELIGIBLE, RowReason.AGE),
        prog("AN"),
        (("target_group", "approved"),),
    ),
    Case(
        "adapted school, target group not decided",
        "SkolL 18:4",
        {"grades": {}},
        no(PENDING, RowReason.PENDING_DECISION),
        prog("AN"),
    ),
    Case(
        "adapted school ranked by need",
        "GyF 7:12",
        {"grades": {}},
        ok(),
        prog("AN", mode="rank"),
        (("target_group", "approved"), ("school_rank", "2")),
    ),
    Case(
        "adapted school ranked by need, without a rank",
        "GyF 7:12",
        {"grades": {}},
        no(NOT_TRIED, RowReason.NO_RANK),
        prog("AN", mode="rank"),
        (("target_group", "approved"),),
    ),
    Case(
        "fourth technical year at 22",
        "SkolL 17a:16",
        {"grades": {}, "birth_year": YEAR - 22, "flags": "completed_upper_secondary"},
        ok(),
        prog("TEF"),
        (("prerequisite", "approved"),),
    ),
    Case(
        "fourth technical year at 23",
        "SkolL 17a:16",
        {"grades": {}, "birth_year": YEAR - 23},
        no(NOT_ELIGIBLE, RowReason.AGE),
        prog("TEF"),
        (("prerequisite", "approved"),),
    ),
    Case(
        "a fourth technical year needs the diploma",
        "SkolL 17a:4",
        {"grades": {}, "birth_year": YEAR - 19},
        no(PENDING, RowReason.PENDING_DECISION),
        prog("TEF"),
    ),
]

RANKED = prog("IB", mode="rank")
MODES = [
    Case("ranked by the school", "Storsthlm: Indramanual, IB", {}, ok(), RANKED, (("school_rank", "3"),)),
    Case("without a rank not tried", "Storsthlm: Indramanual, IB", {}, no(NOT_TRIED, RowReason.NO_RANK), RANKED),
    Case(
        "a rank does not replace eligibility",
        "Storsthlm: Indramanual, IB",
        {"grades": only("SV")},
        {"status": NOT_ELIGIBLE},
        RANKED,
        (("school_rank", "1"),),
    ),
    Case("sport approved", "GyF 5:30", {}, ok(merit=24000), {"mode": "sport"}, (("sport", "approved"),)),
    Case("sport refused", "GyF 5:30", {}, no(NOT_TRIED, RowReason.SPORT), {"mode": "sport"}, (("sport", "rejected"),)),
    Case("sport not decided", "GyF 5:30", {}, no(PENDING, RowReason.PENDING_DECISION), {"mode": "sport"}),
    Case(
        "sport approved but not eligible",
        "GyF 5:30",
        {"grades": only("SV")},
        {"status": NOT_ELIGIBLE},
        {"mode": "sport"},
        (("sport", "approved"),),
    ),
    Case(
        "target group approved competes on merit",
        "Storsthlm: särskilt behov",
        {},
        ok(merit=24000),
        {"mode": "special_needs"},
        (("target_group", "approved"),),
    ),
    Case(
        "target group rejected",
        "Storsthlm: särskilt behov",
        {},
        no(NOT_RECEIVED, RowReason.TARGET_GROUP),
        {"mode": "special_needs"},
        (("target_group", "rejected"),),
    ),
    Case("by hand", "Storsthlm: Indramanual", {}, no(NOT_TRIED, RowReason.MANUAL), {"mode": "manual"}),
    Case(
        "closed route",
        "Storsthlm: lägga ned utbildning",
        {},
        no(CLOSED, RowReason.CLOSED),
        {"closed_at": __import__("datetime").date(YEAR, 5, 20)},
    ),
    Case(
        "closed later",
        "Storsthlm: lägga ned utbildning",
        {},
        ok(),
        {"closed_at": __import__("datetime").date(YEAR, 5, 20)},
        round="preliminary",
    ),
]


def test_rule(name: str) -> dict[str, Any]:
    return {"test_rule": name}


test_rule.__test__ = False  # type: ignore[attr-defined]
FULL = {"grades": grades("A", M2="A")}
TESTS = [
    Case(
        "Stockholm: points times 16",
        "S:t Erik",
        FULL,
        ok(merit=34000 + 20 * 1600, test_points=32000),
        test_rule("stockholm_arts"),
        (("test_points", "20"),),
    ),
    Case(
        "half points",
        "published limits of 2026",
        {},
        ok(merit=24000 + 20000),
        test_rule("stockholm_arts"),
        (("test_points", "12.5"),),
    ),
    Case(
        "never above the maximum",
        "S:t Erik",
        {},
        ok(merit=24000 + 32000),
        test_rule("stockholm_arts"),
        (("test_points", "25"),),
    ),
    Case("no test gives no points but is tried", "Skaraborg", {}, ok(merit=24000), test_rule("skaraborg_arts")),
    Case(
        "Skaraborg: ten steps of 26",
        "Skaraborg",
        {},
        ok(merit=24000 + 26000),
        test_rule("skaraborg_arts"),
        (("test_points", "10"),),
    ),
    Case(
        "Falkenberg: letters", "Halland", {}, ok(merit=24000 + 1750), test_rule("halland_arts"), (("test_points", "B"),)
    ),
    Case(
        "Falkenberg: F gives nothing",
        "Halland",
        {},
        ok(merit=24000),
        test_rule("halland_arts"),
        (("test_points", "F"),),
    ),
    Case("Varberg: C is 10", "Halland", {}, ok(merit=24000 + 1000), test_rule("varberg_arts"), (("test_points", "C"),)),
    Case(
        "Halmstad special: A is 320",
        "Halland",
        {},
        ok(merit=24000 + 32000),
        test_rule("halmstad_special"),
        (("test_points", "A"),),
    ),
    Case(
        "Halmstad special: E is 160",
        "Halland",
        {},
        ok(merit=24000 + 16000),
        test_rule("halmstad_special"),
        (("test_points", "E"),),
    ),
    Case(
        "Halmstad special: F is ineligible",
        "Halland",
        {},
        no(NOT_ELIGIBLE, RowReason.TEST_NOT_PASSED),
        test_rule("halmstad_special"),
        (("test_points", "F"),),
    ),
    Case(
        "Halmstad special: F as a number",
        "Halland",
        {},
        no(NOT_ELIGIBLE, RowReason.TEST_NOT_PASSED),
        test_rule("halmstad_special"),
        (("test_points", "0"),),
    ),
    Case("Halmstad special: no result", "Halland", {}, no(NOT_TRIED, RowReason.NO_TEST), test_rule("halmstad_special")),
    Case(
        "Malmö: the test does not move the merit",
        "Malmö latinskola",
        {},
        ok(merit=24000, test_points=0),
        test_rule("malmo_arts"),
        (("test_points", "50"),),
    ),
    Case(
        "Malmö special: passed adds",
        "Malmö latinskola",
        {},
        ok(merit=24000 + 4000),
        test_rule("malmo_special"),
        (("test_points", "40"),),
    ),
    Case(
        "Malmö special: not passed",
        "Malmö latinskola",
        {},
        no(NOT_ELIGIBLE, RowReason.TEST_NOT_PASSED),
        test_rule("malmo_special"),
        (("test_passed", "no"),),
    ),
    Case("pass only: passed", "GyF 5:16", {}, ok(merit=24000), test_rule("passed_test"), (("test_passed", "yes"),)),
    Case(
        "pass only: not passed",
        "GyF 5:16",
        {},
        no(NOT_ELIGIBLE, RowReason.TEST_NOT_PASSED),
        test_rule("passed_test"),
        (("test_passed", "no"),),
    ),
    Case(
        "pass only: awaited",
        "GyF 5:16",
        {},
        no(PENDING, RowReason.PENDING_DECISION),
        test_rule("passed_test"),
        (("test_passed", "pending"),),
    ),
    Case("pass only: no result", "GyF 5:16", {}, no(NOT_TRIED, RowReason.NO_TEST), test_rule("passed_test")),
    Case(
        "mathematics A weighs 80",
        "Östergötland: urvalet",
        {"grades": grades("A")},
        ok(merit=40000),
        test_rule("ostergotland_science"),
    ),
    Case(
        "mathematics E weighs nothing",
        "Östergötland: urvalet",
        {"grades": grades("E")},
        ok(merit=16000),
        test_rule("ostergotland_science"),
    ),
    Case(
        "the grade sum has no test points",
        "Storsthlm: SBV and MTV",
        {},
        ok(grade_sum=24000),
        test_rule("stockholm_arts"),
        (("test_points", "20"),),
    ),
]

AWAY = {"home": "Kiruna"}
RECEPTION = [
    Case("home municipality", "SkolL 16:43", {}, ok(hand=1)),
    Case("cooperation area", "SkolL 16:43", {"home": "Solna"}, ok(hand=1)),
    Case("outside", "SkolL 16:47", AWAY, ok(hand=2)),
    Case("served by the office but not in the agreement", "Storsthlm: samverkansavtal", {"home": "Gnesta"}, ok(hand=2)),
    Case("its own inhabitants all the same", "SkolL 16:43", {"home": "Gnesta"}, ok(hand=1), {"municipality": "Gnesta"}),
    Case("special personal reasons", "SkolL 16:44", AWAY, ok(hand=1), {}, (("special_grounds", "approved"),)),
    Case("education not offered at home", "SkolL 16:44", AWAY, ok(hand=1), {}, (("hand", "first"),)),
    Case("reception decided as first hand", "SkolL 16:43", AWAY, ok(hand=1), {}, (("reception", "first"),)),
    Case("nationwide", "SkolL 16:44-46", AWAY, ok(hand=1), {"reception": "nationwide"}),
    Case(
        "only the municipality's own",
        "SkolL 17:19",
        {"home": "Solna", "grades": grades("C", drop="BI")},
        ok(hand=2),
        IMV_NA | {"reception": "municipality"},
    ),
    Case("independent schools do not split", "SkolL 15:33", AWAY, ok(hand=1), {"organiser_form": "independent"}),
    Case("not received", "SkolL 16:36", {}, no(NOT_RECEIVED, RowReason.NOT_RECEIVED), {}, (("reception", "rejected"),)),
    Case(
        "reception not decided",
        "SkolL 16:36",
        {},
        no(PENDING, RowReason.PENDING_DECISION),
        {},
        (("reception", "pending"),),
    ),
    Case(
        "Sjuhärad: second hand waits for the reserve rounds",
        "Sjuhärad: reservantagning",
        AWAY,
        no(NOT_TRIED, RowReason.LATER_SECOND_HAND),
        rules="sjuharad",
    ),
    Case(
        "Sjuhärad: and is tried there",
        "Sjuhärad: reservantagning",
        AWAY,
        ok(hand=2),
        rules="sjuharad",
        round="reserve-1",
    ),
    Case(
        "Halland: no preliminary round for adapted school",
        "Halland: preliminär antagning",
        {"grades": {}},
        no(NOT_TRIED, RowReason.NO_PRELIMINARY),
        prog("AN"),
        (("target_group", "approved"),),
        "halland",
        "preliminary",
    ),
    Case(
        "the free quota waits for the final round",
        "gymnasium.se",
        {},
        ok(free_quota=False),
        {},
        (("free_quota", "approved"),),
        round="preliminary",
    ),
    Case("and holds there", "GyF 7:3", {}, ok(free_quota=True), {}, (("free_quota", "approved"),)),
    Case(
        "a rejected free quota competes on merit",
        "Storsthlm: blanketter",
        {},
        ok(free_quota=False),
        {},
        (("free_quota", "rejected"),),
    ),
]

ALL = [*MERIT, *ELIGIBILITY, *MODES, *TESTS, *RECEPTION]


@pytest.mark.parametrize("case", ALL, ids=[f"{case.what} [{case.source}]" for case in ALL])
def test_worked_case(case: Case):
    intake = make([case.route], {"a": case.person}, decisions=[("a", "r0", *row) for row in case.decisions])
    row = compiled(intake, case.rules, case.round)
    found = {name: getattr(row, name)[0] for name in case.expect if name != "missing"}
    if "missing" in case.expect:
        found["missing"] = row.missing_subjects(0)
    assert found == case.expect


def test_no_two_cases_are_the_same():
    assert len({case.what for case in ALL}) == len(ALL)


def test_a_decision_about_the_applicant_holds_for_every_row_and_one_about_the_row_goes_before_it():
    intake = make(
        [prog("BA"), prog("BA")],
        {"a": {"grades": grades(drop="EN")}},
        [("a", "r0", 1), ("a", "r1", 2)],
        [("a", None, "english_dispens", "approved"), ("a", "r1", "english_dispens", "rejected")],
    )
    assert compiled(intake).status.tolist() == [TRIED, NOT_ELIGIBLE]


def test_a_decision_holds_for_its_own_row_only():
    intake = make(
        [prog("BA"), prog("BA")],
        {"a": {"grades": grades(drop="EN")}},
        [("a", "r0", 1), ("a", "r1", 2)],
        [("a", "r0", "english_dispens", "approved")],
    )
    assert compiled(intake).status.tolist() == [TRIED, NOT_ELIGIBLE]
