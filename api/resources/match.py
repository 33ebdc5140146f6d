"""A stateless match: a market file in, the assignment out; nothing is kept."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from admissions.errors import InputError, MarketError
from admissions.matching import verify
from admissions.matching.market_file import MECHANISMS, read_market
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.problems import unprocessable

router = APIRouter(prefix="/api/v1/match", tags=["matching"])
MOST_APPLICANTS = 50_000
Mechanism = Literal["deferred-acceptance", "programme-proposing", "immediate-acceptance", "top-trading-cycles", "eada"]
EXAMPLE: dict[str, JsonValue] = {
    "applicants": {"a1": ["p"], "a2": ["p"]},
    "programmes": {"p": {"capacity": 1, "priority": ["a2", "a1"]}},
}


class MarketInput(BaseModel):
    """A market file; docs/formats says what each part means."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [EXAMPLE]})

    applicants: dict[str, list[str]] = Field(max_length=MOST_APPLICANTS, description="Programmes, best first.")
    programmes: dict[str, dict[str, Any]] = Field(max_length=MOST_APPLICANTS)


class MatchOutput(BaseModel):
    """Who gets what."""

    mechanism: str
    assignment: dict[str, str | None]
    properties: dict[str, str] | None = Field(
        description="What the independent check established; stable results only."
    )


@router.post("")
def match_market(
    body: MarketInput,
    actor: Annotated[Actor, allow(Permission.MATCH)],  # noqa: ARG001
    mechanism: Annotated[Mechanism, Query()] = "deferred-acceptance",
) -> MatchOutput:
    """Match a small market."""
    try:
        market = read_market(json.dumps(body.model_dump()))
        matching = market.solve(mechanism)
    except (InputError, MarketError) as error:
        problems = getattr(error, "problems", (error,))
        raise unprocessable(
            "invalid_market",
            "The market has problems.",
            place="body",
            remedy="Correct what is named.",
            problems=[{"message": str(problem)} for problem in problems],
        ) from error
    checked = verify(market.market, matching).properties if mechanism == MECHANISMS[0] else None
    return MatchOutput(mechanism=mechanism, assignment=market.assignment(matching), properties=checked)
