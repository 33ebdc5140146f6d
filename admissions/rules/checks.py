"""What a rulebook must satisfy as a whole: names that exist, chains that decide, scales that agree."""

from __future__ import annotations

from collections.abc import Iterable

from admissions.rules.build import Report, did_you_mean
from admissions.rules.schema import Sections

NATIONWIDE = "nationwide"
OWN_MUNICIPALITY = "municipality"


def check_sections(rules: Sections, report: Report) -> None:
    """Report everything that single keys cannot show."""
    _scales(rules, report)
    _kinds(rules, report)
    _tests(rules, report)
    _reception(rules, report)
    _ties(rules, report)
    if rules.first_year > rules.last_year:
        report.add(("last_year",), "ends before it begins", "Give a year from first_year on.")
    if rules.merit.best == 0:
        report.add(("merit", "best"), "no grade would count", "Give at least 1; the law says 16 (GyF 7:4).")


def _scales(rules: Sections, report: Report) -> None:
    meanings: dict[str, tuple[str, int, bool]] = {}
    for name, scale in rules.scales.items():
        for where in ("passed", "no_grade"):
            for grade in getattr(scale, where):
                known = grade in scale.values
                if where == "passed" and not known:
                    report.add(
                        ("scales", name, where), f"grade {grade!r} has no points", did_you_mean(grade, scale.values)
                    )
                if where == "no_grade" and known:
                    report.add(
                        ("scales", name, where), f"{grade!r} is a grade with points", "Name it in one place only."
                    )
        for grade, points in scale.values.items():
            meaning = (name, int(points), grade in scale.passed)
            before = meanings.setdefault(grade, meaning)
            if before[1:] != meaning[1:]:
                report.add(
                    ("scales", name, "values", grade),
                    f"grade {grade!r} means something else in scale {before[0]!r}",
                    "Scales valid in the same year must not give one grade two meanings: rename the grade.",
                )
    if not rules.scales:
        report.add(("scales",), "no grade scale", "Add at least one.")


def _kinds(rules: Sections, report: Report) -> None:
    seen: dict[str, str] = {}
    for name, kind in rules.eligibility.kinds.items():
        path = ("eligibility", "kinds", name)
        for programme in kind.programmes:
            if programme in seen:
                report.add((*path, "programmes"), f"{programme} is also in {seen[programme]!r}", "Keep it in one kind.")
            seen.setdefault(programme, name)
        for rule in kind.any_of:
            if len(rule.named) > rule.others:
                report.add((*path, "any_of"), "more named subjects than others", "Raise others or drop subjects.")
    needed = {"vocational"} & {kind.not_if_eligible_for for kind in rules.eligibility.kinds.values()}
    for name in sorted(needed - set(rules.eligibility.kinds)):
        report.add(("eligibility", "kinds"), f"a kind refers to {name!r}, which is missing", f"Add kinds.{name}.")
    for block, parts in rules.merit.blocks.items():
        if not parts:
            report.add(("merit", "blocks", block), "stands for no subject", "Name its subjects or remove it.")
    for name, wish in rules.prerequisites.items():
        for subject, grade in wish.grades.items():
            _known_grade(rules, grade, ("prerequisites", name, "grades", subject), report)


def _tests(rules: Sections, report: Report) -> None:
    for name, test in rules.tests.items():
        path = ("tests", name)
        for letter in test.not_passed:
            if letter not in test.letters:
                report.add(
                    (*path, "not_passed"), f"letter {letter!r} has no points", did_you_mean(letter, test.letters)
                )
        if test.rule == "split" and (len(test.share) != 2 or not 0 < test.share[0] < test.share[1]):
            report.add((*path, "share"), "is no part of the seats", "Write it as two whole numbers, e.g. [1, 3].")
        if test.rule == "subject_weight" and not test.subjects:
            report.add((*path, "subjects"), "no subject is weighted", "Name subjects with points for each grade.")
        if test.rule != "subject_weight" and test.subjects:
            report.add((*path, "subjects"), f"has no meaning with rule {test.rule!r}", "Remove it or change the rule.")
        for subject, grades in test.subjects.items():
            for grade in grades:
                _known_grade(rules, grade, (*path, "subjects", subject), report)
        if test.rule in {"add", "add_and_pass", "split"} and not test.highest and not test.letters:
            report.add((*path, "highest"), "the test could give no points", "State the most points it can give.")


def _reception(rules: Sections, report: Report) -> None:
    known = {*rules.reception.areas, NATIONWIDE, OWN_MUNICIPALITY}
    for name in sorted({NATIONWIDE, OWN_MUNICIPALITY} & set(rules.reception.areas)):
        report.add(("reception", "areas", name), "this name is taken", "Choose another name for the area.")
    _name(rules.reception.default_area, known, ("reception", "default_area"), "area", report)
    for programme, area in rules.reception.programmes.items():
        _name(area, known, ("reception", "programmes", programme), "area", report)
    programmes = {code for kind in rules.eligibility.kinds.values() for code in kind.programmes}
    for programme in rules.reception.programmes:
        _name(programme, programmes, ("reception", "programmes", programme), "programme", report)
    for programme in rules.rounds.no_preliminary:
        _name(programme, programmes, ("rounds", "no_preliminary"), "programme", report)


def _ties(rules: Sections, report: Report) -> None:
    chain = rules.ties.chain
    if not chain or chain[-1] != "lottery":
        report.add(
            ("ties", "chain"), "does not decide every tie", 'End it with "lottery": only that separates everybody.'
        )
    if "lottery" in chain[:-1]:
        report.add(("ties", "chain"), "steps after the lottery could never decide", "Put the lottery last, once.")
    elif len(set(chain)) < len(chain):
        report.add(("ties", "chain"), "names a step twice", "Keep the first of them.")


def _known_grade(rules: Sections, grade: str, path: tuple[str, ...], report: Report) -> None:
    _name(grade, {symbol for scale in rules.scales.values() for symbol in scale.values}, path, "grade", report)


def _name(name: str, known: Iterable[str], path: tuple[str, ...], what: str, report: Report) -> None:
    names = set(known)
    if name not in names:
        report.add(path, f"unknown {what} {name!r}", did_you_mean(name, names))
