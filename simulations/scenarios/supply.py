"""The supply side of a scenario: seats, new routes, closed routes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from simulations.scenarios.overlay import ClosedRoute, NewRoute, Seats
from simulations.streams import person_keys, uniform

if TYPE_CHECKING:
    from admissions.intake import Intake
    from simulations.scenarios.world import World

_SEED = 1  # who lists a new route is part of the scenario: the same persons whatever the seeds of a sweep


def change_seats(world: World, part: Seats, where: str, problems: list[str]) -> World:
    """Change the seats of a route's pool."""
    frame = world.intake.seats.with_row_index("at")
    pool = _pool(world.intake, part.route)
    if pool is None:
        problems.append(f"{where}: there is no route {part.route!r} in the intake")
        return world
    names = [pool, *world.intake.routes.filter(pl.col("pool") == pool)["route_id"].to_list()]
    rows = frame.filter(pl.col("route_or_pool").is_in(names) & (pl.col("group").fill_null("") == part.group))
    if part.round:
        rows = rows.filter(pl.col("round") == part.round)
    rows = rows.unique("round", keep="first", maintain_order=True)
    if not len(rows):
        what = f"seat group {part.group!r}" if part.group else "open seats"
        problems.append(f"{where}: route {part.route} has no {what} in {part.round or 'any round'} to change")
        return world
    new = (
        rows["seats"] + part.change if part.change is not None else pl.Series([part.seats] * len(rows), dtype=pl.Int64)
    )
    run = new - rows["held_outside"].fill_null(0) + rows["over_intake"].fill_null(0)
    short = (new < 0) | (run < 0)
    if short.any():
        row = rows.filter(short).row(0, named=True)
        left = min(new.filter(short)[0], run.filter(short)[0])
        outside = f", {row['held_outside']} of them held outside" if row["held_outside"] else ""
        problems.append(
            f"{where}: route {part.route} would have {left} seats in the {row['round']} round; "
            f"it has {row['seats']}{outside}"
        )
        return world
    changed = world.intake.seats["seats"].scatter(rows["at"], new)
    return replace(world, intake=replace(world.intake, seats=world.intake.seats.with_columns(seats=changed)))


def _pool(intake: Intake, route: str) -> str | None:
    """Return the pool of a route, or the pool of that name."""
    known = intake.routes.filter((pl.col("route_id") == route) | (pl.col("pool") == route))
    return str(known["pool"][0]) if len(known) else None


def close_route(world: World, part: ClosedRoute, where: str, problems: list[str]) -> World:
    """Close a route from the first day of the year: choices of it are not tried, its own seats are gone."""
    intake = world.intake
    if not (intake.routes["route_id"] == part.route).any():
        problems.append(f"{where}: there is no route {part.route!r} in the intake")
        return world
    first_day = pl.lit(date(intake.year, 1, 1))
    closed = pl.when(pl.col("route_id") == part.route).then(first_day).otherwise("closed_at").alias("closed_at")
    return replace(world, intake=replace(intake, routes=intake.routes.with_columns(closed)))


def add_route(world: World, part: NewRoute, where: str, problems: list[str]) -> World:
    """Add a route with seats, and write it into the lists of a share of those who list the one it is like."""
    before = len(problems)
    routes = world.intake.routes
    if (routes["route_id"] == part.route).any() or (routes["pool"] == part.route).any():
        problems.append(f"{where}: there is a route or pool {part.route!r} already")
    if not (routes["route_id"] == part.like).any():
        problems.append(f"{where}: there is no route {part.like!r} in the intake for the new one to be like")
    if part.seats < 0:
        problems.append(f"{where}: the new route {part.route} would have {part.seats} seats")
    if not 0 <= part.listed_by <= 1:
        problems.append(f"{where}: listed_by is {part.listed_by}, expected a share from 0 to 1")
    if len(problems) > before:
        return world
    return replace(world, intake=_with_route(world.intake, part), lists=_with_route(world.lists, part))


def _with_route(intake: Intake, part: NewRoute) -> Intake:
    own: dict[str, Any] = {
        key: getattr(part, key)
        for key in ("municipality", "school", "organiser", "organiser_form", "route_code", "route_name", "programme")
        if getattr(part, key)
    }
    row = intake.routes.filter(pl.col("route_id") == part.like).with_columns(
        route_id=pl.lit(part.route),
        pool=pl.lit(part.route),
        test_rule=pl.lit(None, dtype=pl.String),  # nobody has taken the new route's tests yet
        closed_at=pl.lit(None, dtype=pl.Date),
        **{key: pl.lit(value) for key, value in own.items()},
    )
    seats = intake.seats.clear().vstack(
        pl.DataFrame(
            [{"route_or_pool": part.route, "round": "preliminary", "group": "", "seats": part.seats}],
            schema_overrides=intake.seats.schema,
        )
        .with_columns(held_outside=pl.lit(0, pl.Int64), over_intake=pl.lit(0, pl.Int64), reason=pl.lit(None, pl.String))
        .select(intake.seats.columns)
    )
    return replace(
        intake,
        routes=pl.concat([intake.routes, row]),
        seats=pl.concat([intake.seats, seats]),
        choices=_listed(intake.choices, part),
    )


def _listed(choices: pl.DataFrame, part: NewRoute) -> pl.DataFrame:
    """Write the new route beside the model route; all ranks of the list move along, so that no two are ever equal."""
    model = (
        choices.filter(pl.col("route_id") == part.like)
        .sort("applicant", "registered_at", "rank")
        .unique("applicant", keep="first", maintain_order=True)
    )
    people = model["applicant"].to_list()
    keys = person_keys(people, _SEED, f"new route {part.route}")
    takes = [uniform(key, 0) < part.listed_by for key in keys]
    chosen = model.filter(pl.Series(takes, dtype=pl.Boolean))
    new = chosen["rank"] + (1 if part.place == "after" else 0)
    rows = chosen.with_columns(route_id=pl.lit(part.route), rank=new, withdrawn_at=pl.lit(None, dtype=pl.Date)).select(
        choices.columns
    )
    moved = choices.join(
        chosen.select("applicant", new.alias("from")), on="applicant", how="left", maintain_order="left"
    ).with_columns(rank=pl.col("rank") + (pl.col("rank") >= pl.col("from")).fill_null(value=False).cast(pl.Int64))
    return pl.concat([moved.select(choices.columns), rows])
