"""The rounds as one picture: where everybody stood, how limits moved; then programme by programme."""

from itertools import pairwise
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Request, Response

from admissions.reports.wording import round_text
from api.access.actor import Actor
from api.access.permissions import Permission
from api.web import replay_tables
from api.web.editions import chosen
from api.web.grids import Column, address, fixed, sortable
from api.web.rendering import Content, answer
from api.web.replay_charts import limits_chart, rounds_chart
from api.web.visits import PageRoute, page, texts_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PROGRAMMES = (
    Column("seats_before", "whole", ("Platser före", "Seats before")),
    Column("seats_after", "whole", ("Platser efter", "Seats after")),
    Column("admitted_before", "whole", ("Antagna före", "Admitted before")),
    Column("admitted_after", "whole", ("Antagna efter", "Admitted after")),
    Column(
        "same_route",
        "whole",
        ("Samma studie\xadväg", "Same route"),
        ("antagna där båda gångerna", "admitted there both times"),
    ),
    Column(
        "other_route",
        "whole",
        ("Bytte inom", "Moved within"),
        ("samma program, annan studieväg", "same programme, another route"),
    ),
    Column(
        "came",
        "whole",
        ("Kom till", "Came"),
        ("från ett annat program eller utan plats", "from another programme, or without a seat"),
    ),
    Column(
        "went",
        "whole",
        ("Lämnade", "Went"),
        ("till ett annat program eller utan plats", "to another programme, or without a seat"),
    ),
    Column("limits_risen", "whole", ("Gränser upp", "Limits risen")),
    Column("limits_fallen", "whole", ("Gränser ned", "Limits fallen")),
    Column("limits_new", "whole", ("Nya gränser", "New limits")),
    Column("limits_gone", "whole", ("Gränser borta", "Limits gone")),
    Column(
        "limit_change",
        "signed_merit",
        ("Median\xadändring", "Median change"),
        ("av gränsen, där båda omgångarna har en", "of the limit, where both rounds have one"),
    ),
)


@router.get("/replay")
def read_replay(request: Request, actor: Annotated[Actor, page(Permission.READ_DEMAND)]) -> Response:
    """Show what the rounds did, up to the chosen one."""
    selected = chosen(request, actor)
    t = texts_of(request)
    names = list(selected.edition.runs)
    last = names.index(selected.round) or len(names) - 1
    names = names[: last + 1]
    if len(names) < 2:
        return answer(request, actor, selected, "replay.html.j2", Content(values={"enough": False}))
    rounds = [selected.picture_of(name) for name in names]
    words = [round_text(name, t.language) for name in names]
    passages = replay_tables.passages(rounds)
    said = {name: t(f"replay.{name}") for name in replay_tables.STANDINGS}
    steps = {step: f"{a} → {b}" for step, (a, b) in enumerate(pairwise(words))}
    shown = passages.with_columns(
        pl.col("before", "after").replace_strict(said, return_dtype=pl.String),
        pl.col("step").replace_strict(steps, return_dtype=pl.String),
    )
    columns = (
        Column("step", "text", ("Omgångar", "Rounds")),
        Column("before", "text", ("Före", "Before")),
        Column("after", "text", ("Efter", "After")),
        Column("persons", "whole", ("Personer", "Persons")),
    )
    before, after = rounds[-2], rounds[-1]
    named = Column(
        "programme", "programme", ("Program", "Programme"),
        link=lambda row: address("/demand", {**selected.link, "level": "route", "programme": row["programme"]}),
    )  # fmt: skip
    programmes = replay_tables.programmes(before, after)
    caption = t("replay.programmes_caption", before=words[-2], after=words[-1])
    tables = [
        sortable(request, "programmes", caption, (named, *PROGRAMMES), programmes, t.language, sort="-admitted_after"),
        fixed("passages", t("replay.passages"), columns, shown, t.language),
    ]
    both = replay_tables.limits(before, after)
    charts = [rounds_chart(passages, words, t), limits_chart(replay_tables.limit_steps(both), t)]
    sums = programmes.select(pl.col("limits_risen", "limits_fallen", "limits_new", "limits_gone").sum())
    values = {
        "enough": True,
        "lists": replay_tables.changed_lists(before, after),
        "sums": sums.row(0, named=True),
        "pair": (words[-2], words[-1]),
        "told": _told(passages),
    }
    return answer(request, actor, selected, "replay.html.j2", Content(charts, tables, values))


def _told(passages: pl.DataFrame) -> dict[str, int]:
    """Count what the sentences under the picture say of the last pair of rounds."""
    last = passages.filter(pl.col("step") == pl.col("step").max())
    placed, out = ["first", "lower"], ["none", "untried", "absent"]

    def count(before: list[str], after: list[str]) -> int:
        return int(last.filter(pl.col("before").is_in(before) & pl.col("after").is_in(after))["persons"].sum())

    return {
        "gained": count(out, placed),
        "lost": count(placed, out),
        "up": count(["lower"], ["first"]),
        "without": count(["first", "lower", *out], ["none"]),
    }
