"""The audit trail: who did what when, and whether the chain of events holds."""

from datetime import datetime
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from api.access.actor import Actor
from api.access.permissions import Permission
from api.audit import EventKind
from api.audit.verify import verify_chain
from api.store.models import AuditEvent
from api.web.facets import choice
from api.web.grids import Column, paged
from api.web.moments import local_time
from api.web.rendering import Content, answer
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
COLUMNS = (
    Column("number", "whole", ("Nr", "No.")),
    Column("at", "text", ("Tid", "Time")),
    Column("what", "text", ("Händelse", "Event")),
    Column("actor", "text", ("Av", "By")),
    Column("object_type", "text", ("Slag", "Kind")),
    Column("object", "text", ("Vad", "What")),
    Column("digest", "text", ("Summa", "Digest")),
)


@router.get("/audit")
def read_audit(request: Request, actor: Annotated[Actor, page(Permission.READ_AUDIT)]) -> Response:
    """Show the events, newest first, and what the check of the chain found."""
    t = texts_of(request)
    kinds = [str(kind) for kind in EventKind]
    wanted = request.query_params.get("kind", "")
    statement = select(AuditEvent).order_by(AuditEvent.number.desc())
    if wanted in kinds:
        statement = statement.where(AuditEvent.kind == wanted)
    state = request.app.state
    with state.store.read() as session:
        rows = [
            {
                "number": one.number,
                "at": local_time(datetime.fromisoformat(one.at)),
                "what": t(f"event.{one.kind}"),
                "actor": one.actor[:12],
                "object_type": one.object_type,
                "object": one.object_id[:12],
                "digest": one.digest[:12],
            }
            for one in session.scalars(statement)
        ]
        chain = verify_chain(session, state.trail.secret)
    schema = {one.name: pl.Int64 if one.name == "number" else pl.String for one in COLUMNS}
    grid = paged(request, "events", t("audit.caption"), COLUMNS, pl.DataFrame(rows, schema=schema), t.language)
    options = [("", t("base.all")), *((kind, t(f"event.{kind}")) for kind in kinds)]
    values = {"chain": chain, "fields": [choice("kind", t("audit.kind"), wanted, options)]}
    return answer(request, actor, None, "audit.html.j2", Content(tables=[grid], values=values))
