"""A strategy audit in sentences, Swedish and English, for those who decide on rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from admissions.explanations.catalogue import Language, listed, points, say
from admissions.explanations.strategy import Finding


def audit_text(findings: Iterable[Finding], titles: Mapping[str, tuple[str, str]], language: Language) -> list[str]:
    """Return one paragraph for each rule.

    Parameters
    ----------
    findings
        From `admissions.explanations.strategy.audit`.
    titles
        Name and school of each route.
    language
        ``"sv"`` or ``"en"``.
    """
    return [_paragraph(one, titles, language) for one in findings]


def _paragraph(one: Finding, titles: Mapping[str, tuple[str, str]], language: Language) -> str:
    lines = [say("audit", one.rule, language)]
    if not one.in_force:
        return " ".join([*lines, say("audit", "not_in_force", language)])
    lines.append(say("audit", "counted", language, exposed=one.exposed, concerned=one.concerned))
    example = one.example
    if example is not None:
        names = [", ".join(part for part in titles.get(route, (route, "")) if part) for route in example.listed]
        wanted = names[example.instead - 1]
        given = say("audit", "nothing", language) if example.granted is None else names[example.granted - 1]
        numbered = [f"{place}. {name}" for place, name in enumerate(names, 1)]
        merit, order = points(example.merit, language), listed(numbered, language)
        lines.append(say("audit", "example", language, listed=order, given=given, instead=wanted, merit=merit))
    return " ".join(lines)
