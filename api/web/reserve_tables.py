"""The tables of the page of reserve rounds: empty seats, answers, the call log."""

from typing import Any
from urllib.parse import quote

import polars as pl
from fastapi import Request

from api.access.actor import Actor
from api.access.permissions import Permission
from api.calling import Desk, call_log, vacancies
from api.store.repositories.calls import OPEN
from api.store.repositories.offers import answers_frame, offers_and_answers, people_frame
from api.store.repositories.scoping import decisions_within
from api.web.editions import Selected
from api.web.grids import Column, Grid, Link, address, fixed, paged, sortable
from api.web.moments import local_time
from api.web.texts import Texts

SAID = ("yes", "yes_no_reserve", "no_keep_reserve", "no")
COUNTS = (
    Column("what", "text", ("Svar", "Answer")),
    Column("persons", "whole", ("Personer", "Persons")),
)


def _to_route(selected: Selected) -> Link:
    return lambda row: address(f"/routes/{quote(row['route_id'], safe='')}", selected.link)


def seats_empty(request: Request, selected: Selected, desk: Desk | None, t: Texts, *, calls: bool) -> Grid:
    """Give the pools with empty seats: now, or as the round left them where it lies in a folder."""
    named = (
        Column("school", "text", ("Skola", "School")),
        Column("route_name", "text", ("Studieväg", "Study route"), link=_to_route(selected)),
        Column("municipality", "text", ("Kommun", "Municipality")),
        Column("programme", "programme", ("Program", "Programme"), shown=False),
        Column("seats", "whole", ("Platser", "Seats")),
        Column(
            "free", "whole", ("Lediga", "Empty"),
            ("efter svar, avhopp och uppringningar", "after answers, departures and calls"),
        ),
    )  # fmt: skip
    caption = t("reserve.vacancies")
    if desk is None:
        routes = selected.picture.routes.with_columns(pl.col("vacancies").alias("free"))
        rows = routes.filter(pl.col("free") > 0).sort("route_id").unique("pool", keep="first")
        return sortable(request, "vacancies", caption, named, rows, t.language, sort="-free")
    demand = request.app.state.results
    with request.app.state.store.read() as session:
        rows = vacancies(desk, demand.get(session, selected.run_id, "demand"))

    def next_of(row: Any) -> str:
        return address("/reserve", {**selected.link, "at": row["route_id"]}) + "#next" if row["turn"] else ""

    columns = (
        *named,
        Column("waiting", "whole", ("Väntar", "Waiting"), ("kan ringas i tur och ordning", "can be called in order")),
        Column("open_calls", "whole", ("Uppringda", "Called")),
        Column("overdue", "whole", ("Tiden ute", "Time over")),
        Column("turn", "text", ("På tur", "Next"), link=next_of),
    )
    word = t("reserve.show_next")
    callable_ = (pl.col("waiting") > 0) & (pl.col("free") > pl.col("open_calls"))
    turn = pl.when(callable_).then(pl.lit(word)).otherwise(pl.lit("")) if calls else pl.lit("")
    grid_columns = columns if calls else columns[:-1]
    return sortable(
        request, "vacancies", caption, grid_columns, rows.with_columns(turn.alias("turn")), t.language, sort="-waiting"
    )


def answers_given(request: Request, selected: Selected, actor: Actor, t: Texts) -> Grid:
    """Count the answers to the round's offers within the actor's scope; the silent too."""
    state = request.app.state
    with state.store.read() as session:
        decisions = state.results.get(session, selected.run_id, "decisions")
        said = answers_frame(session, selected.edition.intake_id).filter(pl.col("round") == selected.round)
        people = people_frame(session, selected.edition.intake_id).drop("alias")
    rows = offers_and_answers(decisions, said, people).filter(decisions_within(actor, Permission.READ_RESULTS))
    offered = rows.filter(pl.col("route_id").is_not_null())
    counted = dict(rows.drop_nulls("answer").group_by("answer").len().iter_rows())
    lines = [{"what": t("reserve.offered"), "persons": len(offered)}]
    lines += [{"what": t(f"answer.{one}"), "persons": counted.get(one, 0)} for one in SAID]
    lines.append({"what": t("reserve.silent"), "persons": offered["answer"].null_count()})
    schema = {"what": pl.String, "persons": pl.Int64}
    return fixed("answers", t("reserve.answers"), COUNTS, pl.DataFrame(lines, schema=schema), t.language)


def log_of_calls(request: Request, selected: Selected, actor: Actor, desk: Desk, t: Texts) -> Grid:
    """Give the call log within the actor's scope, newest first; protected persons are in no list."""
    state = request.app.state
    with state.store.read() as session:
        decisions = state.results.get(session, selected.run_id, "decisions")
    log = call_log(desk.calls, decisions, desk.now).filter(decisions_within(actor, Permission.READ_RESULTS))
    rows = [
        {
            **row,
            "called": local_time(row["called_at"]),
            "until": local_time(row["deadline"]),
            "closed": local_time(row["closed_at"]) if row["closed_at"] else "",
            "came": t("call.overdue") if row["overdue"] else t(f"call.{row['outcome']}"),
        }
        for row in log.sort("called_at", "id", descending=True).to_dicts()
    ]
    columns = (
        Column("called", "text", ("Uppringd", "Called")),
        Column("applicant", "text", ("Sökande", "Applicant"), link=_to_person(selected)),
        Column("school", "text", ("Skola", "School")),
        Column("route_name", "text", ("Studieväg", "Study route"), link=_to_route(selected)),
        Column("reserve_position", "whole", ("Reserv\xadplats", "Reserve position")),
        Column("until", "text", ("Svar senast", "Answer by")),
        Column("came", "text", ("Utfall", "Outcome")),
        Column("closed", "text", ("Avslutad", "Closed")),
    )
    names = ("route_id", "reserve_position", *(one.name for one in columns))
    schema = {name: pl.Int64 if name == "reserve_position" else pl.String for name in names}
    frame = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
    return paged(request, "calls", t("reserve.log"), columns, frame, t.language)


def _to_person(selected: Selected) -> Link:
    return lambda row: address(f"/applicants/{quote(row['applicant'], safe='')}", selected.link)


def open_calls(selected: Selected, desk: Desk, hidden: set[str], t: Texts) -> list[dict[str, Any]]:
    """Give the calls that wait for an outcome; of a protected person only that it is one."""
    titles = {
        row["route_id"]: row for row in selected.picture.routes.select("route_id", "route_name", "school").to_dicts()
    }
    return [
        {
            "id": one.id,
            "version": one.version,
            "who": t("reserve.protected") if one.applicant in hidden else one.applicant,
            "href": "" if one.applicant in hidden else _to_person(selected)({"applicant": one.applicant}),
            "route": titles[one.route_id]["route_name"],
            "school": titles[one.route_id]["school"],
            "until": local_time(one.deadline),
            "overdue": one.deadline <= desk.now,
        }
        for one in desk.calls
        if one.outcome == OPEN
    ]
