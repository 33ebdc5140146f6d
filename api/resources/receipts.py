"""Receipts: each applicant's own rows with the path to the published root, and a check of one that anybody can make."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from admissions.verifier.receipts import receipt
from api.access.actor import Actor
from api.access.allow import allow, open_to_all
from api.access.permissions import Permission
from api.problems import not_found
from api.receipts import EXAMPLE, Receipt, complaint
from api.run_folders import unpacked
from api.store.models import Applicant, Run, RunArtifact
from api.store.repositories.runs import find_result
from api.store.repositories.scoping import people_within

router = APIRouter(prefix="/api/v1", tags=["receipts"])


class Asked(BaseModel):
    """A receipt, and the root that was published."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"receipt": EXAMPLE, "root": EXAMPLE["root"]}]}
    )

    receipt: dict[str, Any] = Field(description="As it was given.")
    root: str = Field(max_length=64, description="The published root, not the one in the receipt.")


class Verdict(BaseModel):
    """Whether a receipt holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"holds": True, "reason": ""}]})

    holds: bool
    reason: str = Field(description="What does not hold; empty if it does.")


@router.get("/runs/{run_id}/receipts/{applicant}")
def read_receipt(
    run_id: str, applicant: str, request: Request, actor: Annotated[Actor, allow(Permission.READ_RESULTS)]
) -> Receipt:
    """Give the receipt of an applicant within one's scope; it is for the applicant, not for publication."""
    if not actor.sees_people():
        raise not_found("applicant", "path applicant")
    with request.app.state.store.read() as session:
        _, intake_id = find_result(session, run_id, applicant, actor)
        mine = select(Applicant.applicant).where(
            Applicant.intake_id == intake_id,
            Applicant.applicant == applicant,
            people_within(actor, Permission.READ_RESULTS),
        )
        if session.scalar(mine) is None:
            raise not_found("applicant", "path applicant")
        name = session.get_one(Run, run_id).round
        artifact = session.get(RunArtifact, (run_id, "run.zip"))
    if artifact is None:
        raise not_found("run folder", "path run_id")
    with unpacked(artifact.content) as folder:
        return Receipt.model_validate(receipt(folder / name, applicant))


@router.post(
    "/receipts/check", dependencies=[open_to_all("Whoever holds a receipt may check it, without being known.")]
)
def check(body: Asked) -> Verdict:
    """Check a receipt against a published root; nothing is kept. The stand-alone verifier does the same offline."""
    reason = complaint(body.receipt, body.root)
    return Verdict(holds=not reason, reason=reason)
