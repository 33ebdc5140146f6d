"""What the page of a run says beside the run: what blocks the next one, what changed, another system's result."""

from typing import Any

import polars as pl
from fastapi import Request
from sqlalchemy import select

from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.problems import Problem
from api.resources.diffs import DiffView, read_diff
from api.store.models import Comparison, Run
from api.web.editions import Selected
from api.web.grids import Column, Grid, address, fixed
from api.web.kept import Kept, kept
from api.web.moments import local_time
from api.web.texts import Texts
from api.worklists.kept import counted, lists_before, next_round, within

COUNTED = (
    Column("what", "text", ("Vad", "What")),
    Column("number", "whole", ("Antal", "Number")),
)


def preflight(request: Request, actor: Actor, selected: Selected, t: Texts) -> dict[str, Any] | None:
    """Say what blocks the round to come; None for a run folder, and for those without worklists."""
    intake_id = selected.edition.intake_id
    if not intake_id or not actor.may(Permission.READ_WORKLISTS):
        return None
    state = request.app.state
    with state.store.read() as session:
        coming = next_round(session, intake_id)
        lists = within(lists_before(state, session, intake_id, coming), actor)
    rows = [one for one in counted(lists, "before", t.language) if one["rows"]]
    columns = (
        Column(
            "title", "text", ("Kontroll", "Check"), link=lambda row: address(f"/worklists/{row['name']}", selected.link)
        ),
        Column("rows", "whole", ("Att göra", "To do")),
        Column("responsible", "whole", ("Ansvariga", "Responsible"), ("skolor, kommuner", "schools, municipalities")),
        Column("stops", "text", ("Hindrar", "Blocks")),
        Column("remedy", "text", ("Åtgärd", "Remedy")),
    )
    shown = [{**one, "stops": t("round.blocks") if one["blocks"] else t("round.blocks_not")} for one in rows]
    caption = t("round.preflight_caption", round=round_text(coming, t.language))
    schema = {one.name: pl.Int64 if one.kind == "whole" else pl.String for one in columns} | {"name": pl.String}
    frame = pl.DataFrame([{name: one[name] for name in schema} for one in shown], schema=schema)
    grid = fixed("preflight", caption, columns, frame, t.language)
    return {"grid": grid, "blocked": sum(bool(one["blocks"]) for one in rows), "round": coming}


def differences(request: Request, actor: Actor, selected: Selected, t: Texts) -> dict[str, Any] | None:
    """Say how the run differs from the one before it; None where there is none."""
    if not selected.edition.intake_id:
        return None
    wanted = request.query_params.get("with") or None
    inside = actor.may(Permission.READ_RESULTS)
    known: Kept[DiffView] = kept(request, "run_differences", 24)
    key = (selected.run_id, wanted, tuple(sorted(held.role for held in actor.held)))
    try:
        found = known.get(key, lambda: read_diff(selected.run_id, request, actor, wanted))
    except Problem:
        return None
    with request.app.state.store.read() as session:
        other = session.get_one(Run, found.compared_with)
        name, corrects = round_text(other.round, t.language), session.get_one(Run, found.run_id).corrects == other.id
    lines = [{"what": t("round.changed_routes"), "number": found.routes}]
    if found.persons is not None and inside:
        lines.append({"what": t("round.changed_choices"), "number": found.choices or 0})
        lines += [{"what": t(f"moved.{one}"), "number": number} for one, number in found.persons.items() if number]
        lines += [{"what": t(f"cause.{one}"), "number": number} for one, number in (found.causes or {}).items()]
    frame = pl.DataFrame(lines, schema={"what": pl.String, "number": pl.Int64})
    return {
        "grid": fixed("differences", t("round.changes"), COUNTED, frame, t.language),
        "other": other.id,
        "round": name,
        "corrects": corrects,
        "same": found.same_result,
        "inputs": found.same_inputs,
        "rulebook": found.same_rulebook,
        "href": address("/round/changes", {**selected.link, "pin": selected.run_id, "with": other.id}),
    }


def comparisons(request: Request, actor: Actor, selected: Selected, t: Texts) -> Grid | None:
    """List the other systems' results that the run was compared with; None for those who see none."""
    if not selected.edition.intake_id or not actor.may(Permission.READ_RESULTS):
        return None
    rows = select(Comparison).where(Comparison.run_id == selected.run_id)
    with request.app.state.store.read() as session:
        found = [
            {
                "id": one.id,
                "file": one.file_name,
                "at": local_time(one.created_at),
                "differing": one.counts.get("rows", one.counts.get("routes", 0)),
                "unexplained": sum(
                    int(line.get("rows", line.get("routes", 0)))
                    for line in one.totals
                    if line["cause"] == "unexplained"
                ),
            }
            for one in session.scalars(rows.order_by(Comparison.created_at.desc(), Comparison.id))
        ]
    columns = (
        Column(
            "file", "text", ("Fil", "File"),
            link=lambda row: address(
                "/round/comparison", {**selected.link, "pin": selected.run_id, "comparison": row["id"]}
            ),
        ),
        Column("at", "text", ("Jämförd", "Compared")),
        Column("differing", "whole", ("Olika", "Different"), ("val eller studievägar", "choices or study routes")),
        Column("unexplained", "whole", ("Utan känd orsak", "Without a known cause")),
    )  # fmt: skip
    schema = {"id": pl.String, **{one.name: pl.Int64 if one.kind == "whole" else pl.String for one in columns}}
    return fixed("comparisons", t("round.comparisons"), columns, pl.DataFrame(found, schema=schema), t.language)
