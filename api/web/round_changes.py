"""What a run changed, and how it differs from another system's result: the whole tables, and their forms."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import polars as pl
from fastapi import APIRouter, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from admissions.reports.wording import round_text
from admissions.results.statuses import STATUS_NAMES, status_text
from api.access.actor import Actor
from api.access.allow import allow
from api.access.permissions import Permission
from api.problems import Problem, not_found, unprocessable
from api.resources.comparisons import create_comparison, differences, get_comparison
from api.resources.diffs import pair
from api.resources.runs import NewRun, start_run
from api.run_diffs import CAUSES, MEASURES, decision_changes, route_changes
from api.store.models import Run
from api.store.repositories.offers import people_frame
from api.store.repositories.scoping import decisions_within
from api.table_archive import unpack_tables
from api.web.editions import Selected, chosen
from api.web.facets import choice
from api.web.forms import filled, once
from api.web.grids import Column, Grid, Link, address, fixed, paged
from api.web.rendering import Content, answer
from api.web.reserve import ROWS_WRONG
from api.web.texts import Texts
from api.web.visits import PageRoute, page, texts_of, wants_page

router = APIRouter(route_class=PageRoute, prefix="/round", include_in_schema=False)
Text = Annotated[str, Form(max_length=200)]
HEADINGS: Mapping[str, tuple[str, str]] = {
    "seats": ("Platser", "Seats"),
    "admitted": ("Antagna", "Admitted"),
    "reserves": ("Reserver", "Reserves"),
    "vacancies": ("Lediga", "Vacant"),
    "limit": ("Gräns", "Limit"),
}
PARTS = ("rows", "persons", "routes")


def _route_link(selected: Selected) -> Link:
    return lambda row: address(f"/routes/{quote(str(row['route_id']), safe='')}", selected.link)


def _person_link(selected: Selected) -> Link:
    return lambda row: address(f"/applicants/{quote(str(row['applicant']), safe='')}", selected.link)


def _words(frame: pl.DataFrame, t: Texts, *, statuses: tuple[str, ...], causes: str) -> pl.DataFrame:
    """Write statuses and causes in words."""
    spoken = {name: status_text(number, t.language) for number, name in enumerate(STATUS_NAMES)}
    said = {one: t(f"{causes}.{one}") for one in frame["cause"].unique().drop_nulls().to_list()}
    return frame.with_columns(
        *(pl.col(name).replace_strict(spoken, default=None, return_dtype=pl.String) for name in statuses),
        pl.col("cause").replace_strict(said, default=None, return_dtype=pl.String),
    )


@router.get("/changes")
def read_changes(request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show every route and decision that differs between a run and an earlier one."""
    selected, t = chosen(request, actor), texts_of(request)
    if not selected.edition.intake_id:
        raise not_found("earlier run", "query run")
    state = request.app.state
    with state.store.read() as session:
        run, earlier = pair(session, selected.run_id, request.query_params.get("with") or None, actor)
        tables = {
            name: [state.results.get(session, one.id, name) for one in (earlier, run)]
            for name in ("demand", "decisions")
        }
    grids = [_routes(request, selected, route_changes(*tables["demand"]), t)]
    fields = []
    if actor.sees_people() and actor.may(Permission.READ_RESULTS):
        changed = decision_changes(*tables["decisions"], *tables["demand"])
        changed = changed.filter(decisions_within(actor, Permission.READ_RESULTS))
        wanted = request.query_params.get("cause", "")
        options = [("", t("base.all")), *((one, t(f"cause.{one}")) for one in CAUSES)]
        fields.append(choice("cause", t("round.cause"), wanted, options))
        grids.append(_decisions(request, selected, changed.filter(pl.col("cause") == wanted) if wanted else changed, t))
    values = {"other": earlier.id, "other_round": round_text(earlier.round, t.language), "fields": fields}
    return answer(request, actor, selected, "round_changes.html.j2", Content(tables=grids, values=values))


def _routes(request: Request, selected: Selected, frame: pl.DataFrame, t: Texts) -> Grid:
    columns = [
        Column("school", "text", ("Skola", "School")),
        Column("route_name", "text", ("Studieväg", "Study route"), link=_route_link(selected)),
    ]
    for name in MEASURES:
        swedish, english = HEADINGS[name]
        kinds = ("merit", "signed_merit") if name == "limit" else ("whole", "signed")
        columns.append(Column(f"{name}_after", kinds[0], (swedish, english)))
        columns.append(Column(f"{name}_change", kinds[1], (f"{swedish}, ändring", f"{english}, change")))
    return paged(request, "routes", t("round.route_changes"), columns, frame, t.language)


def _decisions(request: Request, selected: Selected, frame: pl.DataFrame, t: Texts) -> Grid:
    columns = (
        Column("applicant", "text", ("Sökande", "Applicant"), link=_person_link(selected)),
        Column("school", "text", ("Skola", "School")),
        Column("route_name", "text", ("Studieväg", "Study route"), link=_route_link(selected)),
        Column("rank_after", "whole", ("Val", "Choice")),
        Column("status_before", "text", ("Besked före", "Result before")),
        Column("status_after", "text", ("Besked nu", "Result now")),
        Column("reserve_position_before", "whole", ("Reserv\xadplats före", "Reserve position before")),
        Column("reserve_position_after", "whole", ("Reserv\xadplats nu", "Reserve position now")),
        Column("cause", "text", ("Närmaste orsak", "Nearest cause")),
    )
    spoken = _words(frame, t, statuses=("status_before", "status_after"), causes="cause")
    return paged(request, "decisions", t("round.decision_changes"), columns, spoken, t.language)


@router.get("/comparison")
def read_comparison(request: Request, actor: Annotated[Actor, page(Permission.READ_RESULTS)]) -> Response:
    """Show a run beside another system's result: by cause, then route by route and person by person."""
    return _comparison_page(request, actor)


def _comparison_page(request: Request, actor: Actor) -> Response:
    selected, t = chosen(request, actor), texts_of(request)
    state = request.app.state
    with state.store.read() as session:
        row = get_comparison(session, selected.run_id, request.query_params.get("comparison", ""), actor)
        parts = unpack_tables(row.content)
        demand = state.results.get(session, selected.run_id, "demand")
        people = people_frame(session, session.get_one(Run, selected.run_id).intake_id).drop("alias")
    grids = [_totals(row.totals, row.kind, t)]
    for name in PARTS:
        if name not in parts or (name != "routes" and not actor.sees_people()):
            continue
        frame = differences(parts[name], demand, None if name == "routes" else people, actor)
        grids.append(_part(request, selected, name, frame, t))
    values = {"file": row.file_name, "kind": row.kind, "counts": row.counts}
    return answer(request, actor, selected, "round_comparison.html.j2", Content(tables=grids, values=values))


def _totals(totals: list[Any], kind: str, t: Texts) -> Grid:
    counted = ("rows", "persons") if kind == "persons" else ("routes",)
    columns = (
        Column("cause", "text", ("Orsak", "Cause")),
        *(Column(name, "whole", _NAMED[name]) for name in counted),
    )
    rows = [{"cause": t(f"shadow.{one['cause']}"), **{name: one[name] for name in counted}} for one in totals]
    schema = {"cause": pl.String, **dict.fromkeys(counted, pl.Int64)}
    return fixed("totals", t("round.by_cause"), columns, pl.DataFrame(rows, schema=schema), t.language)


_NAMED: Mapping[str, tuple[str, str]] = {
    "rows": ("Val", "Choices"),
    "persons": ("Personer", "Persons"),
    "routes": ("Studievägar", "Study routes"),
}
_COLUMNS: Mapping[str, tuple[str, tuple[str, str]]] = {
    "applicant": ("text", ("Sökande", "Applicant")),
    "school": ("text", ("Skola", "School")),
    "route_name": ("text", ("Studieväg", "Study route")),
    "rank": ("whole", ("Val", "Choice")),
    "status": ("text", ("Vårt besked", "Our result")),
    "their_status": ("text", ("Deras besked", "Their result")),
    "reserve_position": ("whole", ("Vår reservplats", "Our reserve position")),
    "their_position": ("whole", ("Deras reservplats", "Their reserve position")),
    "route": ("text", ("Vår studieväg", "Our study route")),
    "their_route": ("text", ("Deras studieväg", "Their study route")),
    "admitted": ("whole", ("Antagna", "Admitted")),
    "their_admitted": ("whole", ("Deras antagna", "Their admitted")),
    "reserves": ("whole", ("Reserver", "Reserves")),
    "their_reserves": ("whole", ("Deras reserver", "Their reserves")),
    "differing_choices": ("whole", ("Olika val", "Differing choices")),
    "seats_ours": ("whole", ("Platser", "Seats")),
    "seats_theirs": ("whole", ("Deras platser", "Their seats")),
    "admitted_ours": ("whole", ("Antagna", "Admitted")),
    "admitted_theirs": ("whole", ("Deras antagna", "Their admitted")),
    "reserves_ours": ("whole", ("Reserver", "Reserves")),
    "reserves_theirs": ("whole", ("Deras reserver", "Their reserves")),
    "cause": ("text", ("Orsak", "Cause")),
    "how": ("text", ("Hur", "How")),
}


def _part(request: Request, selected: Selected, name: str, frame: pl.DataFrame, t: Texts) -> Grid:
    """Make the table of a part, with the columns it has."""
    statuses = tuple(one for one in ("status", "their_status") if one in frame.columns)
    if "causes" in frame.columns and "cause" not in frame.columns:
        frame = frame.with_columns(pl.col("causes").str.split(" ").list.first().alias("cause"))
    frame = _words(frame, t, statuses=statuses, causes="shadow")
    if "how" in frame.columns:
        said = {one: t(f"shadow.{one}") for one in ("direct", "follows")}
        frame = frame.with_columns(pl.col("how").replace_strict(said, default="", return_dtype=pl.String))
    links = {"applicant": _person_link(selected)}
    if "route_id" in frame.columns:
        links["route_name"] = _route_link(selected)
    columns = [
        Column(one, kind, heading, link=links.get(one))
        for one, (kind, heading) in _COLUMNS.items()
        if one in frame.columns
    ]
    return paged(request, name, t(f"round.their_{name}"), columns, frame, t.language)


@router.post("/comparisons")
def compare(
    request: Request,
    actor: Annotated[Actor, allow(Permission.WRITE_COMPARISONS)],
    run_id: Text = "",
    file: UploadFile | None = None,
) -> Response:
    """Set another system's result beside a run; a file with problems is shown with all of them."""
    if file is None or not file.filename:
        raise unprocessable("invalid_request", "No file came.", place="file", remedy="Choose a file.")
    try:
        made = create_comparison(run_id, file, request, actor, once(request))
    except Problem as problem:
        if not problem.document.problems or not wants_page(request):
            raise
        return _refused(request, actor, problem)
    kept = {name: request.query_params.get(name) for name in ("run", "round", "lang")}
    found = made.headers["location"].rpartition("/")[2]
    return RedirectResponse(address("/round/comparison", {**kept, "pin": run_id, "comparison": found}), 303)


def _refused(request: Request, actor: Actor, problem: Problem) -> Response:
    t = texts_of(request)
    rows = [{one.name: str(row.get(one.name) or "") for one in ROWS_WRONG} for row in problem.document.problems]
    frame = pl.DataFrame(rows, schema={one.name: pl.String for one in ROWS_WRONG})
    grid = paged(request, "problems", t("round.problems"), ROWS_WRONG, frame, t.language)
    content = Content(tables=[grid], values={"file": "", "kind": "refused", "counts": {"problems": len(rows)}})
    shown = answer(request, actor, chosen(request, actor), "round_comparison.html.j2", content)
    shown.status_code = problem.status
    return shown


@router.post("/correct")
def correct(request: Request, actor: Annotated[Actor, allow(Permission.START_RUNS)], run_id: Text = "") -> Response:
    """Start a run that corrects this one: same round, rules and lottery, the intake as it stands now."""
    with request.app.state.store.read() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise not_found("run", "run_id")
    lottery = None if run.continues is not None else run.lottery
    body = filled(NewRun, round=run.round, rulebook_id=run.rulebook_id, lottery=lottery, corrects=run.id)
    start_run(run.intake_id, body, request, actor, once(request))
    return RedirectResponse(f"/desk?intake={run.intake_id}#run", 303)
