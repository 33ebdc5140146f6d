"""Entities in the shape of SS 12000:2020: our own models with the standard's names of entities and fields.

Source: SS 12000:2020 (SIS), the interchange of school information; written from knowledge of its names, not from its
file. Only the fields that an admissions office knows are here: it has no names of persons and gives identity numbers
one at a time for a reason, never in a list. What an admission becomes is an enrolment at a school unit; in the
standard a *placement* is preschool and after-school care, and it knows neither choices nor offers.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

_SPACE = UUID("5b2c7c5e-3f0e-4c0b-9a52-6d1f4a7be0c1")
EXAMPLE_ID = "0f6b3a52-0c1e-5b0e-8f0e-6f0d6a1b2c3d"
UPPER_SECONDARY, COMPULSORY = "GY", "GR"


def entity_id(intake_id: str, kind: str, *key: str) -> UUID:
    """Give an entity's id: the same thing of the same intake has the same id always.

    Examples
    --------
    >>> entity_id("i", "organisation", "Nacka") == entity_id("i", "organisation", "Nacka")
    True
    """
    return uuid5(_SPACE, "\x1f".join((intake_id, kind, *key)))


class Meta(BaseModel):
    """When an entity was made and last changed."""

    created: datetime
    modified: datetime


class Reference(BaseModel):
    """A pointer to another entity."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": EXAMPLE_ID, "displayName": "Nacka gymnasium"}]})

    id: UUID
    displayName: str  # noqa: N815 - the standard's name


class Entity(BaseModel):
    """What every entity has."""

    id: UUID
    meta: Meta


class Organisation(Entity):
    """An organiser (Huvudman) or a school unit (Skolenhet)."""

    displayName: str  # noqa: N815 - the standard's name
    organisationType: Literal["Huvudman", "Skolenhet"]  # noqa: N815 - the standard's name
    parentOrganisation: Reference | None = None  # noqa: N815 - the standard's name
    schoolUnitCode: str | None = Field(default=None, description="Eight digits, a text.")  # noqa: N815 - the standard's name
    schoolTypes: list[str] | None = None  # noqa: N815 - the standard's name
    municipalityCode: str | None = Field(default=None, description="Four digits (SCB).")  # noqa: N815 - the standard's name


class Programme(Entity):
    """A programme, or a study route code within one."""

    name: str
    type: str = Field(description="The kind of programme, or Programinriktning for a study route code within one.")
    schoolType: str = UPPER_SECONDARY  # noqa: N815 - the standard's name
    code: str
    parentProgramme: Reference | None = None  # noqa: N815 - the standard's name


class ExternalIdentifier(BaseModel):
    """What another system calls a person."""

    value: str
    context: str
    globallyUnique: bool = False  # noqa: N815 - the standard's name


class Enrolment(BaseModel):
    """A pupil begins at a school unit on a study route."""

    enroledAt: Reference  # noqa: N815 - the standard's name and spelling
    schoolType: str = UPPER_SECONDARY  # noqa: N815 - the standard's name
    schoolYear: int = Field(default=1, description="Year of study.")  # noqa: N815 - the standard's name
    educationCode: str = Field(description="Study route code.")  # noqa: N815 - the standard's name
    programme: Reference
    specification: str | None = Field(default=None, description="The study route in words.")
    cancelled: bool = Field(description="The seat was declined, or the pupil did not come or left.")


class Person(Entity):
    """Somebody admitted, by the opaque id; protected persons are never here."""

    externalIdentifiers: list[ExternalIdentifier]  # noqa: N815 - the standard's name
    personStatus: str = "Aktiv"  # noqa: N815 - the standard's name
    securityMarking: Literal["Ingen"] = "Ingen"  # noqa: N815 - the standard's name
    enrolments: list[Enrolment]


class Grade(Entity):
    """A grade (betyg) in one subject and term."""

    student: Reference
    gradeValue: str = Field(description="A to F, or - without basis.")  # noqa: N815 - the standard's name
    finalGrade: bool = Field(description="From the final certificate.")  # noqa: N815 - the standard's name
    subjectCode: str  # noqa: N815 - the standard's name
    semester: Literal["HT", "VT"]
    year: int
    schoolType: str = COMPULSORY  # noqa: N815 - the standard's name
