"""What a receipt looks like, and whether one holds, whoever wrote it."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from admissions.verifier.verifier import Refusal, check_receipt

DEEPEST = 64
"""Steps of a path; a tree of everybody on earth has 33."""
Step = Annotated[list[str], Field(min_length=2, max_length=2)]
Line = dict[str, str]
EXAMPLE: dict[str, Any] = {
    "format": 1,
    "round": "final",
    "applicant": "k7m2q9x4wd3h",
    "rows": [{"applicant": "k7m2q9x4wd3h", "route_id": "3f2a91c07b", "rank": "1", "status": "tried"}],
    "decisions": [{"applicant": "k7m2q9x4wd3h", "route_id": "3f2a91c07b", "rank": "1", "status": "admitted"}],
    "path": [["right", "2f" * 32]],
    "root": "84" * 32,
}


class Receipt(BaseModel):
    """An applicant's rows and decisions in a round, and the neighbours of their leaf up to the root."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    format: int
    round: str
    applicant: str
    rows: list[Line]
    decisions: list[Line]
    path: list[Step] = Field(max_length=DEEPEST)
    root: str


def complaint(receipt: object, root: str) -> str:
    """Check a receipt against a published root; give what does not hold, nothing if everything does."""
    try:
        read = Receipt.model_validate(receipt)
        check_receipt(read.model_dump(), root.strip().lower())
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        return f"not a receipt: {place or 'the whole'} is missing or of another form"
    except (Refusal, ValueError, RecursionError) as refusal:
        return str(refusal)[:500]
    return ""
