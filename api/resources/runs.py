"""Runs of a round: draft, verified, signed off by a second person, published; a correction is a new run."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from admissions.rules import round_number
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.audit import EventKind
from api.audit.trail import head_digest
from api.idempotency import Created, OncePerKey
from api.jobs import run_round
from api.jobs.queue import enqueue
from api.lists import FILES, Listing, Page, answer_select
from api.problems import Problem, conflict, not_found, unprocessable
from api.store.base import new_id
from api.store.models import Delegation, Round, Route, Run, RunArtifact, RunSignature
from api.store.repositories.calls import accepted_by_hand
from api.store.repositories.intakes import get_intake, get_round, get_rulebook, refuse_erased
from api.store.repositories.runs import get_run, run_before, sees_unpublished

router = APIRouter(prefix="/api/v1", tags=["runs"])
Reader = Annotated[Actor, allow(Permission.READ_RUNS)]


class LotteryInput(BaseModel):
    """The public lottery: the office's seed, committed to before the deadline, and the public value named then."""

    model_config = ConfigDict(extra="forbid")

    seed_phrase: str = Field(min_length=1, max_length=500, pattern=r"^[^|\n\r]*$")
    public_value: str = Field(min_length=1, max_length=500, pattern=r"^[^|\n\r]*$")


class NewRun(BaseModel):
    """A run to be started."""

    model_config = ConfigDict(extra="forbid")

    round: str = Field(
        pattern=r"^(preliminary|final|reserve-[1-9][0-9]?)$", examples=["preliminary", "final", "reserve-1"]
    )
    rulebook_id: str | None = Field(None, description="The intake's rulebook if not given.")
    lottery: LotteryInput | None = Field(
        None, description="Needed but for a reserve round, which keeps the lottery of the round before it."
    )
    corrects: str | None = Field(None, description="The run that this one corrects.")


class RunView(BaseModel):
    """A run."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    intake_id: str
    round: str
    state: Literal["draft", "verified", "signed_off", "published"]
    rulebook_id: str
    base_revision: int | None = Field(description="Revision of the intake that the run stands on.")
    input_digest: str | None
    result_digest: str | None
    certificate: dict[str, Any] | None
    summary: dict[str, Any] | None
    corrects: str | None
    continues: str | None = Field(description="The run whose seats people held when this reserve round began.")
    job_id: str | None
    audit_head: str | None = Field(description="End of the audit chain when the run was published.")
    created_by: str
    created_at: datetime
    verified_at: datetime | None
    published_at: datetime | None
    inputs_erased_at: datetime | None = Field(description="Set when what the run stands on was erased on schedule.")


class Signature(BaseModel):
    """The second person's sign-off."""

    model_config = ConfigDict(extra="forbid")

    result_digest: str = Field(min_length=64, max_length=64, description="Digest of the result that was looked at.")


COLUMNS = {name: getattr(Run, name) for name in RunView.model_fields}


@router.get("/intakes/{intake_id}/runs", response_model=Page[RunView], responses=FILES)
def list_runs(
    intake_id: str,
    request: Request,
    actor: Reader,
    query: Listing,
    round: Annotated[str | None, Query(max_length=50)] = None,  # noqa: A002 - the name in the URL
    state: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """List the runs of an intake, newest first; before publication the office, signers and auditors only."""
    statement = select(Run).where(Run.intake_id == intake_id)
    if not sees_unpublished(actor):
        statement = statement.where(Run.state == "published")
    if round is not None:
        statement = statement.where(Run.round == round)
    if state is not None:
        statement = statement.where(Run.state == state)
    with request.app.state.store.read() as session:
        get_intake(session, intake_id)
        key = [Run.created_at.desc(), Run.id]
        return answer_select(session, query, "runs", statement, COLUMNS, key=key, row=RunView)


@router.post("/intakes/{intake_id}/runs", status_code=202, response_model=RunView)
def start_run(
    intake_id: str,
    body: NewRun,
    request: Request,
    actor: Annotated[Actor, allow(Permission.START_RUNS)],
    once: OncePerKey,
) -> Response:
    """Start a run; its job does the work. One round of an intake runs at a time."""
    state = request.app.state

    def work(session: Session) -> Created:
        intake = get_intake(session, intake_id)
        refuse_erased(session, intake_id)
        before = _before(session, intake_id, body)
        rulebook_id = body.rulebook_id or intake.rulebook_id
        if rulebook_id is None:
            raise unprocessable(
                "no_rulebook", "The intake has no rulebook.", place="body.rulebook_id", remedy="Set or give one."
            )
        get_rulebook(session, rulebook_id)
        if body.corrects is not None:
            corrected = get_run(session, body.corrects, actor)
            if (corrected.intake_id, corrected.round) != (intake_id, body.round):
                raise unprocessable(
                    "other_round",
                    "A run corrects one of the same intake and round.",
                    place="body.corrects",
                    remedy="Name such a run.",
                )
        run = Run(
            id=new_id(), intake_id=intake_id, round=body.round, state="draft", rulebook_id=rulebook_id,
            lottery=_lottery(body, before), corrects=body.corrects, continues=None if before is None else before.id,
            created_by=actor.id, created_at=state.clock(),
        )  # fmt: skip
        key = run_round.lock_key(intake_id)
        parameters = {"run_id": run.id, "intake_id": intake_id}
        job = enqueue(session, run_round.KIND, parameters, actor=actor.id, now=state.clock(), lock_key=key)
        run.job_id = job.id
        session.add(run)
        session.flush()
        payload = {"round": body.round, "rulebook": rulebook_id, "corrects": body.corrects, "continues": run.continues}
        state.trail.record(
            session, EventKind.RUN_STARTED, actor=actor.id, object_type="run", object_id=run.id,
            intake_id=intake_id, payload=payload, keep_days=None,
        )  # fmt: skip
        return Created(body=RunView.model_validate(run), status=202, location=f"/api/v1/runs/{run.id}")

    return once.run(actor, work)


def _before(session: Session, intake_id: str, body: NewRun) -> Run | None:
    """Find the run that a reserve round continues, and make its round known; None for other rounds.

    Raises
    ------
    Problem
        404: the intake has no such round; 409 ``no_round_before``: nobody holds a seat yet.
    """
    if not body.round.startswith("reserve-"):
        get_round(session, intake_id, body.round)
        return None
    before = run_before(session, intake_id, body.round)
    if before is None:
        raise conflict(
            "no_round_before",
            f"No round before {body.round} is finished: nobody holds a seat.",
            place="body.round",
            remedy="Run the final round first.",
        )
    given = accepted_by_hand(session, before.id)
    if given:
        raise conflict(
            "called_by_hand",
            f"{given} seat(s) were given by hand since {before.round}: a machine round would give them again.",
            place="body.round",
            remedy="Go on calling by hand.",
        )
    if session.get(Round, (intake_id, body.round)) is None:
        session.add(Round(intake_id=intake_id, name=body.round, position=round_number(body.round)))
        session.flush()
    return before


def _lottery(body: NewRun, before: Run | None) -> dict[str, Any]:
    """Give the lottery of a run.

    Raises
    ------
    Problem
        422 ``no_lottery``; ``other_lottery``: a reserve round that would be drawn anew.
    """
    given = None if body.lottery is None else body.lottery.model_dump()
    if before is not None:
        if given is not None and given != before.lottery:
            raise unprocessable(
                "other_lottery",
                "A reserve round keeps the lottery of the round before it.",
                place="body.lottery",
                remedy="Leave the lottery out.",
            )
        return before.lottery
    if given is None:
        raise unprocessable(
            "no_lottery", "The run has no lottery.", place="body.lottery", remedy="Give phrase and public value."
        )
    return given


@router.get("/runs/{run_id}")
def read_run(run_id: str, request: Request, actor: Reader) -> RunView:
    """Read a run: its state, what it stands on, and what the independent check established."""
    with request.app.state.store.read() as session:
        return RunView.model_validate(get_run(session, run_id, actor))


@router.post("/runs/{run_id}/sign")
def sign_run(
    run_id: str, body: Signature, request: Request, actor: Annotated[Actor, allow(Permission.SIGN_RUNS)]
) -> RunView:
    """Sign a verified run off: a second person, for every organiser whose delegation is recorded."""
    state = request.app.state
    with state.store.write() as session:
        run = get_run(session, run_id, actor, lock=True)
        if run.state != "verified":
            raise _wrong_state(run, "signed off", "verified")
        if run.created_by == actor.id:
            raise Problem(
                403,
                "second_person",
                "A second person signs",
                "You started this run.",
                remedy="Ask another signer.",
            )
        if run.result_digest != body.result_digest:
            raise conflict(
                "other_result",
                "The digest is not that of this run's result.",
                place="body.result_digest",
                remedy="Look at the result of this run, then sign its digest.",
            )
        for organiser, reference in [("", None), *_delegations(session, run.intake_id)]:
            session.add(
                RunSignature(
                    run_id=run.id,
                    organiser=organiser,
                    signer=actor.id,
                    delegation=reference,
                    result_digest=body.result_digest,
                    signed_at=state.clock(),
                )
            )
        run.state = "signed_off"
        state.trail.record(
            session, EventKind.RUN_SIGNED, actor=actor.id, object_type="run", object_id=run.id,
            intake_id=run.intake_id, payload={"result": body.result_digest}, keep_days=None,
        )  # fmt: skip
        session.flush()
        return RunView.model_validate(run)


def _delegations(session: Session, intake_id: str) -> list[tuple[str, str]]:
    """Give the recorded delegation of every organiser of the catalogue; refuse while one is missing."""
    recorded = select(Delegation).where(Delegation.intake_id == intake_id)
    references = {row.organiser: row.reference for row in session.scalars(recorded)}
    organisers = session.scalars(select(Route.organiser).where(Route.intake_id == intake_id).distinct()).all()
    missing = sorted(set(organisers) - set(references))
    if missing:
        raise Problem(
            409,
            "delegation_missing",
            "An organiser's delegation is not recorded",
            f"{len(missing)} organiser(s) have not delegated the decision to the office.",
            remedy="Record their delegations, then sign again.",
            problems=[{"place": organiser, "message": "no delegation recorded"} for organiser in missing],
        )
    return sorted((organiser, references[organiser]) for organiser in organisers)


@router.post("/runs/{run_id}/publish")
def publish_run(run_id: str, request: Request, actor: Annotated[Actor, allow(Permission.PUBLISH_RUNS)]) -> RunView:
    """Publish a run that was signed off. The head of the audit chain is printed with it."""
    state = request.app.state
    with state.store.write() as session:
        run = get_run(session, run_id, actor, lock=True)
        if run.state != "signed_off":
            raise _wrong_state(run, "published", "signed_off")
        run.state, run.published_by, run.published_at = "published", actor.id, state.clock()
        run.audit_head = head_digest(session)
        session.get_one(Round, (run.intake_id, run.round)).published_run_id = run.id
        state.trail.record(
            session, EventKind.RUN_PUBLISHED, actor=actor.id, object_type="run", object_id=run.id,
            intake_id=run.intake_id, payload={"result": run.result_digest}, keep_days=None,
        )  # fmt: skip
        session.flush()
        return RunView.model_validate(run)


def _wrong_state(run: Run, wanted: str, needed: str) -> Problem:
    return conflict(
        "wrong_state", f"The run is {run.state}; a run that is to be {wanted} is {needed}.", remedy="Follow the steps."
    )


@router.get(
    "/runs/{run_id}/folder",
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string"}}}, "description": "The run folder"}},
)
def read_folder(run_id: str, request: Request, actor: Annotated[Actor, allow(Permission.READ_AUDIT)]) -> Response:
    """Give the run folder, which the stand-alone verifier checks without this service; under secrecy."""
    with request.app.state.store.read() as session:
        get_run(session, run_id, actor)
        artifact = session.get(RunArtifact, (run_id, "run.zip"))
        if artifact is None:
            raise not_found("run folder", "path run_id")
        headers = {"Content-Disposition": f'attachment; filename="run-{run_id[:12]}.zip"'}
        return Response(artifact.content, media_type=artifact.media_type, headers=headers)
