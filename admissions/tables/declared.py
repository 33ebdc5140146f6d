"""The seven tables of an intake (antagningsår) in their order."""

from __future__ import annotations

from admissions.tables.applicant_tables import (
    ANSWERS,
    APPLICANT_GRADES,
    APPLICANTS,
    CHOICES,
    DECISION_KINDS,
    DECISION_VALUES,
    DECISIONS,
    GRADES,
    SUBJECTS,
)
from admissions.tables.schema import Table
from admissions.tables.supply_tables import ROUTES, SEATS

INTAKE_TABLES: tuple[Table, ...] = (ROUTES, SEATS, APPLICANTS, APPLICANT_GRADES, CHOICES, DECISIONS, ANSWERS)

__all__ = [
    "ANSWERS",
    "APPLICANTS",
    "APPLICANT_GRADES",
    "CHOICES",
    "DECISIONS",
    "DECISION_KINDS",
    "DECISION_VALUES",
    "GRADES",
    "INTAKE_TABLES",
    "ROUTES",
    "SEATS",
    "SUBJECTS",
]
