"""Rulebooks: the rules of a region as data; kept as they were handed in, never changed."""

import tomllib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.errors import AdmissionsError
from admissions.rules import RulebookError, load_rulebook, preset_names, rulebook_text
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.idempotency import Created, OncePerKey
from api.jobs.run_round import rulebook_from_text
from api.lists import FILES, Listing, Page, answer_select
from api.problems import unprocessable
from api.store.models import Rulebook
from api.store.repositories.intakes import get_rulebook, keep_rulebook

router = APIRouter(prefix="/api/v1/rulebooks", tags=["rulebooks"])
Reader = Annotated[Actor, allow(Permission.READ_RULEBOOKS)]
Writer = Annotated[Actor, allow(Permission.WRITE_RULEBOOKS)]


class NewRulebook(BaseModel):
    """A preset by name, or a rulebook's own text."""

    model_config = ConfigDict(extra="forbid")

    preset: str | None = Field(None, max_length=100, examples=["storsthlm"])
    year: int | None = Field(None, ge=2000, le=2100, description="Admission year, for a preset.", examples=[2026])
    text: str | None = Field(None, max_length=500_000, description="TOML; may extend a preset.")


class RulebookView(BaseModel):
    """A rulebook without its text."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    digest: str = Field(description="SHA-256 of the text.")
    created_at: datetime


class RulebookText(RulebookView):
    """A rulebook."""

    text: str


COLUMNS = {name: getattr(Rulebook, name) for name in RulebookView.model_fields}


@router.get("", response_model=Page[RulebookView], responses=FILES)
def list_rulebooks(request: Request, actor: Reader, query: Listing) -> Response:  # noqa: ARG001
    """List the rulebooks."""
    with request.app.state.store.read() as session:
        key = [Rulebook.name, Rulebook.created_at, Rulebook.id]
        return answer_select(session, query, "rulebooks", select(Rulebook), COLUMNS, key=key, row=RulebookView)


@router.get("/{rulebook_id}")
def read_rulebook(rulebook_id: str, request: Request, actor: Reader) -> RulebookText:  # noqa: ARG001
    """Read a rulebook with its text."""
    with request.app.state.store.read() as session:
        return RulebookText.model_validate(get_rulebook(session, rulebook_id))


@router.post("", status_code=201, response_model=RulebookView)
def create_rulebook(body: NewRulebook, request: Request, actor: Writer, once: OncePerKey) -> Response:
    """Add a rulebook; it is checked first. The same text again is the same rulebook."""
    state = request.app.state
    name, text = _checked(body)

    def work(session: Session) -> Created:
        rulebook, new = keep_rulebook(session, name, text, actor.id, state.clock())
        if new:
            state.trail.record(
                session, EventKind.RULEBOOK_ADDED, actor=actor.id, object_type="rulebook", object_id=rulebook.id,
                payload={"name": name, "digest": rulebook.digest}, keep_days=None,
            )  # fmt: skip
        return Created(body=RulebookView.model_validate(rulebook), location=f"/api/v1/rulebooks/{rulebook.id}")

    return once.run(actor, work)


def _checked(body: NewRulebook) -> tuple[str, str]:
    """Give name and self-contained text of a sound rulebook, or every problem."""
    if (body.preset is None) == (body.text is None):
        raise unprocessable(
            "invalid_rulebook", "Either a preset or a text.", place="body", remedy="Give exactly one of the two."
        )
    try:
        if body.preset is not None:
            if body.preset not in preset_names():
                raise _refused("There is no such preset.", [f"Presets: {', '.join(preset_names())}."])
            rulebook = load_rulebook(body.preset, body.year)
        else:
            _refuse_files(body.text or "")
            rulebook = rulebook_from_text(body.text or "", body.year)
        return rulebook.name, rulebook_text(rulebook)
    except RulebookError as error:
        raise _refused("The rulebook has problems.", [str(problem) for problem in error.problems]) from error
    except AdmissionsError as error:
        raise _refused("The rulebook has a problem.", [str(error)]) from error


def _refuse_files(text: str) -> None:
    """Refuse a text that extends a file: the service opens no file that a request names."""
    try:
        extends = tomllib.loads(text).get("extends", "")
    except (tomllib.TOMLDecodeError, RecursionError):
        return  # reported with its line by the reader
    if extends and (not isinstance(extends, str) or extends not in {*preset_names(), "sweden"}):
        raise _refused("A rulebook extends a preset only.", [f"Presets: sweden, {', '.join(preset_names())}."])


def _refused(detail: str, problems: list[str]) -> Exception:
    return unprocessable(
        "invalid_rulebook",
        detail,
        place="body.text",
        remedy="Correct what is named.",
        problems=[{"message": problem} for problem in problems],
    )
