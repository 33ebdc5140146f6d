"""The year: the calendar with where we are, what waits, the rounds and their verdicts, key figures."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select

import sample_data
from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.allow import open_to_all
from api.access.permissions import Permission
from api.access.windows import SWEDEN
from api.jobs.run_round import rulebook_from_text
from api.resources.report import find_report
from api.store.models import Delegation, Route, Run
from api.web.editions import Selected, choose, is_of_folder
from api.web.grids import Column, fixed
from api.web.pictures import Picture
from api.web.rendering import Content, answer
from api.web.texts import Texts
from api.web.visits import PageRoute, texts_of, visitor
from api.web.worklists import blocking

router = APIRouter(route_class=PageRoute, include_in_schema=False)
DAYS = (
    *("application_opens", "application_closes", "preliminary", "rechoice_closes"),
    *("final", "answer_by", "reserve_1", "reserve_2", "handover"),
)
COLUMNS = (
    Column("round", "text", ("Omgång", "Round")),
    Column("persons", "whole", ("Sökande", "Applicants"), ("med minst ett val", "with at least one choice")),
    Column("seats", "whole", ("Platser", "Seats")),
    Column("admitted", "whole", ("Antagna", "Admitted")),
    Column("first_share", "share", ("På första\xadval", "On first choice")),
    Column("without_seat", "whole", ("Behöriga utan plats", "Eligible without a seat")),
    Column("reserve_persons", "whole", ("Reserver, personer", "Reserves, persons")),
    Column("vacancies", "whole", ("Lediga platser", "Vacant seats")),
    Column("routes_with_limit", "whole", ("Studie\xadvägar med gräns", "Routes with a limit")),
    Column("run", "text", ("Körning", "Run")),
    Column("verdict", "text", ("Kontroll", "Check")),
    Column("state", "text", ("Läge", "State")),
)
COUNTED = COLUMNS[2:-3]


@router.get("/", dependencies=[open_to_all("The calendar and the region's figures of what is published.")])
def read_year(request: Request) -> Response:
    """Show the year."""
    actor = visitor(request)
    selected = choose(request, actor)
    if selected is None:
        return answer(request, actor, None, "welcome.html.j2", Content())
    t = texts_of(request)
    rounds = [selected.picture_of(name) for name in selected.edition.runs]
    grid = fixed("rounds", t("year.rounds"), COLUMNS, _rounds(selected, rounds, t), t.language)
    today = request.app.state.clock().astimezone(SWEDEN).date()
    values = {
        "days": calendar(selected.picture, today),
        "figures": figures(selected.picture, t),
        "waiting": waiting(request, actor, selected),
        "report": is_of_folder(selected) and find_report(request.app.state.run_folder) is not None,
        "assumption": bool(selected.picture.about["assumption"]),
    }
    return answer(request, actor, selected, "year.html.j2", Content(tables=[grid], values=values))


def _rounds(selected: Selected, rounds: list[Picture], t: Texts) -> pl.DataFrame:
    """Give one row per round of the edition: its figures, its run and that run's verdict."""
    rows: list[dict[str, Any]] = []
    for one in rounds:
        run = selected.edition.runs[one.name]
        figures_of = {column.name: one.region[column.name] for column in COUNTED}
        told = {"run": run[:12], "verdict": t("base.verified"), "state": t(f"state.{selected.edition.states[run]}")}
        name = {"round": round_text(one.name, t.language), "persons": len(one.persons)}
        rows.append(name | figures_of | told)
    return pl.DataFrame(rows)


def calendar(picture: Picture, today: date) -> list[dict[str, Any]]:
    """Give the days of the year in order, and which are past; the first that is not comes next."""
    days = rulebook_from_text(picture.rulebook, picture.year).calendar
    found = sorted(((getattr(days, name), name) for name in DAYS), key=lambda one: one[0])
    to_come = next((name for day, name in found if day >= today), "")
    return [{"day": day, "name": name, "done": day < today, "next": name == to_come} for day, name in found]


def figures(picture: Picture, t: Texts) -> list[dict[str, Any]]:
    """Give the key figures, each beside the published one of the year before where there is one."""
    before = _published(picture.year - 1)
    region = picture.region
    shown = [
        ("applicants", len(picture.persons), None),
        ("seats", region["seats"], before.get("seats")),
        ("admitted", region["admitted"], before.get("admitted")),
        ("without_seat", region["without_seat"], None),
        ("vacancies", region["vacancies"], before.get("vacant_seats")),
        ("routes_with_limit", region["routes_with_limit"], before.get("limits")),
    ]
    return [
        {"words": t(f"year.{name}"), "value": value, "before": last, "year": picture.year - 1}
        for name, value, last in shown
    ]


def _published(year: int) -> Mapping[str, int]:
    if year not in sample_data.YEARS:
        return {}
    table = sample_data.published(year)
    sums = {name: int(table[name].sum()) for name in ("seats", "admitted", "vacant_seats")}
    return sums | {"limits": table.filter(pl.col("lowest_merit") > 0).height}


def waiting(request: Request, actor: Actor | None, selected: Selected) -> list[dict[str, Any]]:
    """Count what blocks the next step, for those who have worklists."""
    if actor is None or not actor.may(Permission.READ_WORKLISTS) or not selected.edition.intake_id:
        return []
    intake = selected.edition.intake_id
    with request.app.state.store.read() as session:
        states: dict[str, int] = {  # noqa: C416 - typed rows
            state: number
            for state, number in session.execute(
                select(Run.state, func.count()).where(Run.intake_id == intake).group_by(Run.state)
            )
        }
        organisers = set(session.scalars(select(Route.organiser).where(Route.intake_id == intake).distinct()))
        delegated = set(session.scalars(select(Delegation.organiser).where(Delegation.intake_id == intake)))
    counts = {
        "to_sign": states.get("verified", 0),
        "to_publish": states.get("signed_off", 0),
        "running": states.get("draft", 0),
        "delegations": len(organisers - delegated),
    }
    found = [{"name": name, "count": count} for name, count in counts.items() if count]
    lists = blocking(request, actor, intake, texts_of(request).language)
    return found + [{"name": one["name"], "count": one["rows"], "list": one["title"]} for one in lists]
