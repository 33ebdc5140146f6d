"""The rules that involve more than one cell of an intake, and when each can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from admissions.tables import applicant_rules, supply_rules
from admissions.tables.checking import CheckedTable
from admissions.tables.declared import INTAKE_TABLES
from admissions.tables.problem import Problem
from admissions.tables.references import Finding, Frames, report

Rule = Callable[[Frames], list[Finding]]


def check_references(tables: Mapping[str, CheckedTable]) -> list[Problem]:
    """Check everything that involves more than one cell.

    Parameters
    ----------
    tables
        The tables that could be read, by name; a rule that needs a table or column that is not there is left out, for
        its absence is reported already.
    """
    frames = {name: checked.frame for name, checked in tables.items()}
    problems: list[Problem] = []
    for table in INTAKE_TABLES:
        checked = tables.get(table.name)
        if checked is None:
            continue
        for needed, rule in _RULES[table.name]:
            if all(_delivered(tables, name) for name in needed):
                for finding in rule(frames):
                    problems += report(checked, finding)
    return problems


def _delivered(tables: Mapping[str, CheckedTable], place: str) -> bool:
    """Tell whether ``table`` or ``table.column`` was delivered (an optional column always counts as delivered)."""
    table, _, column = place.partition(".")
    if table not in tables:
        return False
    return not column or column in tables[table].found or not tables[table].table.column(column).required


def _needs(*columns: str) -> Callable[[Rule], tuple[tuple[str, ...], Rule]]:
    return lambda rule: (columns, rule)


_APPLICANT, _ROUTE = "applicants.applicant", "routes.route_id"
_RULES: Mapping[str, Sequence[tuple[tuple[str, ...], Rule]]] = {
    "routes": [
        _needs("routes.route_id", "routes.year")(supply_rules.routes),
        _needs("routes.route_id", "routes.mode", "seats.route_or_pool")(supply_rules.routes_without_seats),
    ],
    "seats": [
        _needs("seats.route_or_pool", "seats.round", "seats.seats")(supply_rules.seats),
        _needs("seats.route_or_pool", _ROUTE)(supply_rules.seat_pools),
    ],
    "applicants": [
        _needs(_APPLICANT)(applicant_rules.applicants),
        _needs(_APPLICANT)(applicant_rules.identity("applicants")),
    ],
    "grades": [
        _needs("grades.applicant", _APPLICANT)(applicant_rules.known_applicant("grades")),
        _needs("grades.applicant", "grades.term", "grades.subject")(applicant_rules.grades),
    ],
    "choices": [
        _needs("choices.applicant", _APPLICANT)(applicant_rules.known_applicant("choices")),
        _needs("choices.route_id", _ROUTE)(applicant_rules.known_route("choices")),
        _needs("choices.applicant", "choices.route_id", "choices.rank", "choices.registered_at")(
            applicant_rules.choices
        ),
    ],
    "decisions": [
        _needs("decisions.applicant", _APPLICANT)(applicant_rules.known_applicant("decisions")),
        _needs("decisions.route_id", _ROUTE)(applicant_rules.known_route("decisions")),
        _needs("decisions.applicant", "decisions.route_id", "decisions.kind", "decisions.value")(
            applicant_rules.decisions
        ),
        _needs(
            "decisions.applicant", "decisions.route_id", "choices.applicant", "choices.route_id", _APPLICANT, _ROUTE
        )(applicant_rules.chosen("decisions")),
    ],
    "answers": [
        _needs("answers.applicant", _APPLICANT)(applicant_rules.known_applicant("answers")),
        _needs("answers.route_id", _ROUTE)(applicant_rules.known_route("answers")),
        _needs("answers.applicant", "answers.round")(applicant_rules.answers),
        _needs("answers.applicant", "choices.applicant", "choices.route_id", _APPLICANT, _ROUTE)(
            applicant_rules.chosen("answers")
        ),
    ],
}
