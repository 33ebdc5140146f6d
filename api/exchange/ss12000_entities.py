"""Our tables as entities of SS 12000."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from admissions.results.kinds import programme_kind
from api.exchange.codes import municipality_codes, programme_codes
from api.exchange.ss12000 import (
    COMPULSORY,
    UPPER_SECONDARY,
    Enrolment,
    ExternalIdentifier,
    Grade,
    Meta,
    Organisation,
    Person,
    Programme,
    Reference,
    entity_id,
)
from api.store.models import Route

CONTEXT = "admissions"
KINDS: Mapping[str, str] = {
    "vocational": "Yrkesprogram",
    "preparatory": "Högskoleförberedande program",
    "introduction": "Introduktionsprogram",
}
WITHIN = "Programinriktning"
TERMS: Mapping[str, tuple[str, int]] = {"autumn": ("HT", -1), "final": ("VT", 0)}
"""Semester of each term, and its year counted from the admission year."""


def school_reference(intake_id: str, municipality: str, school: str) -> Reference:
    """Point to a school unit."""
    return Reference(id=entity_id(intake_id, "school", municipality, school), displayName=school)


def programme_reference(intake_id: str, code: str, name: str) -> Reference:
    """Point to a programme or a study route code."""
    return Reference(id=entity_id(intake_id, "programme", code), displayName=name)


def organisations(intake_id: str, routes: Iterable[Route], meta: Meta) -> list[Organisation]:
    """Give the organisers, then their school units, each once, in the order of their names."""
    codes = dict(municipality_codes().select("municipality", "code").rows())
    organisers: dict[str, Organisation] = {}
    units: dict[tuple[str, str], Organisation] = {}
    for route in routes:
        owner = Reference(id=entity_id(intake_id, "organiser", route.organiser), displayName=route.organiser)
        organisers[route.organiser] = Organisation(
            id=owner.id, meta=meta, displayName=route.organiser, organisationType="Huvudman"
        )
        here = school_reference(intake_id, route.municipality, route.school)
        unit = Organisation(
            id=here.id,
            meta=meta,
            displayName=route.school,
            organisationType="Skolenhet",
            parentOrganisation=owner,
            schoolUnitCode=route.school_unit_code,
            schoolTypes=[UPPER_SECONDARY],
            municipalityCode=codes.get(route.municipality),
        )
        known = units.setdefault((route.municipality, route.school), unit)
        known.schoolUnitCode = known.schoolUnitCode or route.school_unit_code
    return [*(organisers[name] for name in sorted(organisers)), *(units[place] for place in sorted(units))]


def programmes(intake_id: str, routes: Iterable[Route], meta: Meta) -> list[Programme]:
    """Give the programmes, then the study route codes within them, each once, in the order of their codes."""
    names = dict(programme_codes().select("code", "name_sv").rows())
    whole: dict[str, Programme] = {}
    within: dict[str, Programme] = {}
    for route in routes:
        name = names.get(route.programme, route.programme)
        parent = programme_reference(intake_id, route.programme, name)
        kind = KINDS.get(programme_kind(route.programme), "")
        whole[route.programme] = Programme(id=parent.id, meta=meta, name=name, type=kind, code=route.programme)
        if route.route_code != route.programme:
            here = programme_reference(intake_id, route.route_code, route.route_name)
            found = Programme(
                id=here.id, meta=meta, name=route.route_name, type=WITHIN, code=route.route_code, parentProgramme=parent
            )
            within.setdefault(route.route_code, found)
    return [*(whole[code] for code in sorted(whole)), *(within[code] for code in sorted(within))]


def person(
    intake_id: str, row: Mapping[str, Any], codes: Mapping[str, str], gone: Collection[str], meta: Meta
) -> Person:
    """Give somebody admitted, enrolled at the school of the seat.

    Parameters
    ----------
    intake_id
        The intake.
    row
        Applicant and route of the seat: a row of the table of decisions.
    codes
        Study route code by route.
    gone
        Who declined, did not come or left.
    meta
        When the result was made.
    """
    applicant, code = str(row["applicant"]), codes.get(row["route_id"], "")
    enrolment = Enrolment(
        enroledAt=school_reference(intake_id, row["municipality"], row["school"]),
        educationCode=code,
        programme=programme_reference(intake_id, code, row["route_name"]),
        specification=row["route_name"],
        cancelled=applicant in gone,
    )
    return Person(
        id=entity_id(intake_id, "person", applicant),
        meta=meta,
        externalIdentifiers=[ExternalIdentifier(value=applicant, context=CONTEXT)],
        enrolments=[enrolment],
    )


def grade(intake_id: str, year: int, applicant: str, term: str, subject: str, value: str, made: datetime) -> Grade:
    """Give one grade."""
    semester, back = TERMS[term]
    return Grade(
        id=entity_id(intake_id, "grade", applicant, term, subject),
        meta=Meta(created=made, modified=made),
        student=Reference(id=entity_id(intake_id, "person", applicant), displayName=applicant),
        gradeValue=value,
        finalGrade=term == "final",
        subjectCode=subject,
        semester=semester,  # type: ignore[arg-type]  # one of the two in TERMS
        year=year + back,
        schoolType=COMPULSORY,
    )
