"""The forms of the page of reserve rounds: call, note an outcome, an answer, a departure, start the next round."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.problems import Problem, unprocessable
from api.resources import answers, calls, departures, runs
from api.web.forms import filled, once
from api.web.grids import address
from api.web.reserve import reserve_page
from api.web.visits import PageRoute, wants_page

router = APIRouter(route_class=PageRoute, prefix="/reserve", include_in_schema=False)
Text = Annotated[str, Form(max_length=200)]
Caller = Annotated[Actor, allow(Permission.WRITE_CALLS)]
Answerer = Annotated[Actor, allow(Permission.WRITE_ANSWERS)]


def _back(request: Request, place: str, **but: str | None) -> Response:
    kept = {
        name: request.query_params[name] for name in ("run", "round", "pin", "lang") if name in request.query_params
    }
    return RedirectResponse(address("/reserve", {**kept, **but}) + f"#{place}", 303)


@router.post("/calls")
def call(
    request: Request, actor: Caller, run_id: Text = "", route_id: Text = "", applicant: Text = "", hours: Text = "24"
) -> Response:
    """Call the next in line."""
    if not (hours.isascii() and hours.isdigit() and 0 < int(hours) <= 24 * 14):
        raise unprocessable("invalid_request", "No such time.", place="hours", remedy="Choose hours to answer within.")
    deadline = request.app.state.clock() + timedelta(hours=int(hours))
    body = filled(calls.NewCall, route_id=route_id, applicant=applicant or None, deadline=deadline)
    calls.call_reserve(run_id, body, request, actor, once(request))
    return _back(request, "calls")


@router.post("/calls/{call_id}")
def close(
    call_id: str, request: Request, actor: Caller, run_id: Text = "", outcome: Text = "", version: Text = ""
) -> Response:
    """Note what came of a call."""
    body = filled(calls.CallOutcome, outcome=outcome)
    tag = f'"v{version}"' if version else None
    calls.note_outcome(run_id, call_id, body, request, Response(), actor, if_match=tag)
    return _back(request, "calls")


@router.post("/answers")
def answer_for(
    request: Request, actor: Answerer, intake_id: Text = "", round_name: Annotated[str, Form(alias="round")] = "",
    applicant: Text = "", answer: Text = "", tag: Text = "", reason: Text = "",
) -> Response:  # fmt: skip
    """Record an answer."""
    body = filled(answers.AnswerInput, answer=answer)
    answers.record_answer(
        intake_id, round_name, applicant.strip(), body, request, Response(), actor, if_match=tag or None,
        reason=reason.strip() or None,
    )  # fmt: skip
    return _back(request, "answers", applicant=None if applicant.startswith("alias-") else applicant.strip())


@router.post("/answers/table")
def hand_in_answers(
    request: Request, actor: Answerer, intake_id: Text = "", file: UploadFile | None = None
) -> Response:
    """Take a table of answers; a refused one is shown with every problem."""
    if file is None or not file.filename:
        raise unprocessable("invalid_request", "No file came.", place="file", remedy="Choose a file.")
    try:
        answers.upload_answers(intake_id, file, request, actor, once(request))
    except Problem as problem:
        if not problem.document.problems or not wants_page(request):
            raise
        shown = reserve_page(request, actor, problem)
        shown.status_code = problem.status
        return shown
    return _back(request, "answers")


@router.post("/departures")
def depart(
    request: Request, actor: Annotated[Actor, allow(Permission.WRITE_DEPARTURES)], intake_id: Text = "",
    applicant: Text = "", kind: Text = "", version: Text = "", reason: Text = "",
) -> Response:  # fmt: skip
    """Note a departure."""
    body = filled(departures.DepartureInput, kind=kind)
    departures.note_departure(
        intake_id, applicant.strip(), body, request, Response(), actor, if_match=version or None,
        reason=reason.strip() or None,
    )  # fmt: skip
    return _back(request, "answers", applicant=None if applicant.startswith("alias-") else applicant.strip())


@router.post("/runs")
def start(
    request: Request, actor: Annotated[Actor, allow(Permission.START_RUNS)], intake_id: Text = "",
    round_name: Annotated[str, Form(alias="round")] = "",
) -> Response:  # fmt: skip
    """Start the next reserve round; a worker does it."""
    body = filled(runs.NewRun, round=round_name.strip())
    runs.start_run(intake_id, body, request, actor, once(request))
    return RedirectResponse(f"/desk?intake={intake_id}#run", 303)
