"""Errors as RFC 9457 problem documents: a stable code, the place, and what to do."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
MOST_LISTED = 1000


class ProblemDocument(BaseModel):
    """The one shape of every error."""

    type: str = Field(examples=["/problems/stale_edit"])
    title: str = Field(examples=["The record was changed by somebody else"])
    status: int = Field(examples=[409])
    detail: str = Field(description="What is wrong here.", examples=["The seats stand at version 4, not 3."])
    code: str = Field(description="Stable name of the error.", examples=["stale_edit"])
    place: str = Field(description="Where: a field, a row, a file; empty: the request.", examples=["header If-Match"])
    remedy: str = Field(description="What to do.", examples=["Read it again, then repeat the change."])
    problems: list[dict[str, Any]] = Field(default_factory=list, description="All of them, where there are several.")
    current: dict[str, Any] | None = Field(None, description="The record as it stands now, for a stale edit.")


class Problem(Exception):  # noqa: N818 - the RFC's word
    """An error that the asking person can do something about."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        place: str = "",
        remedy: str,
        problems: Sequence[Mapping[str, Any]] = (),
        current: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self.document = ProblemDocument(
            type=f"/problems/{code}",
            title=title,
            status=status,
            detail=detail,
            code=code,
            place=place,
            remedy=remedy,
            problems=[dict(problem) for problem in problems[:MOST_LISTED]],
            current=None if current is None else dict(current),
        )

    def response(self) -> JSONResponse:
        """Write the document."""
        return JSONResponse(
            self.document.model_dump(mode="json"), self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def not_found(what: str, place: str) -> Problem:
    """Say that a thing does not exist, or not for the one who asks: the same answer for both."""
    return Problem(
        404,
        "not_found",
        "Not found",
        f"There is no such {what}, or not within your scope.",
        place=place,
        remedy="Check the id; ask the office if you should see it.",
    )


def stale_edit(place: str, current: Mapping[str, Any]) -> Problem:
    """Refuse an edit of a version that is no longer the newest."""
    return Problem(
        409,
        "stale_edit",
        "The record was changed by somebody else",
        "Your change was made to an older version; nothing was written.",
        place=place,
        remedy="Look at the current version, given here, then repeat the change with its ETag.",
        current=current,
    )


def conflict(code: str, detail: str, *, place: str = "", remedy: str) -> Problem:
    """Refuse what the present state does not allow."""
    return Problem(409, code, "Not possible in the present state", detail, place=place, remedy=remedy)


def unprocessable(
    code: str, detail: str, *, place: str, remedy: str, problems: Sequence[Mapping[str, Any]] = ()
) -> Problem:
    """Refuse content that breaks a rule."""
    return Problem(422, code, "The content is not valid", detail, place=place, remedy=remedy, problems=problems)


async def on_problem(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """Answer with the problem that was raised."""
    assert isinstance(error, Problem)
    return error.response()


async def on_invalid(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """Answer a request that does not fit its declared shape; never repeats the values, which may be personal."""
    assert isinstance(error, RequestValidationError)
    problems = [
        {"place": ".".join(str(part) for part in item["loc"]), "message": item["msg"], "code": item["type"]}
        for item in error.errors()
    ]
    return unprocessable(
        "invalid_request",
        f"{len(problems)} part(s) of the request do not fit; see problems.",
        place=str(problems[0]["place"]) if problems else "body",
        remedy="Correct the named parts; /openapi.json describes each.",
        problems=problems,
    ).response()


async def on_http(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    """Answer what the framework itself refuses: unknown path, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(
        error.status_code,
        phrase.lower().replace(" ", "_").replace("-", "_"),
        phrase,
        str(error.detail),
        remedy="See /openapi.json for the operations there are.",
        headers=error.headers,
    ).response()


def internal_error() -> JSONResponse:
    """Answer an error of our own, without telling its insides."""
    return Problem(
        500,
        "internal_error",
        "An error of the service",
        "The request could not be finished; nothing of it was written.",
        remedy="Repeat it later; tell the office the time and the request id in the header X-Request-Id.",
    ).response()
