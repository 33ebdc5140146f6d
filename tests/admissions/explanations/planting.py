"""Another system's file made from a run of ours, with planted differences of one kind at a time."""

from __future__ import annotations

import numpy as np
import polars as pl

from admissions.explanations.official import SCHEMA
from admissions.rounds.stored import StoredRound

KINDS = ("seats", "eligibility", "tier", "merit", "tie", "lottery", "unexplained")


def official_of(stored: StoredRound) -> pl.DataFrame:
    """Our own result in the form of another's, with everything such a file can state but the lottery."""
    seats = stored.seats.group_by("pool").agg(pl.col("seats").sum())
    rows = stored.rows.select("applicant", "route_id", "pool", "tier", "merit", "grade_sum", "status")
    frame = stored.decisions.select(
        "applicant", "route_id", "status", pl.col("reserve_position").cast(pl.Int64, strict=False)
    )
    frame = frame.join(rows.rename({"status": "row_status"}), on=["applicant", "route_id"]).join(seats, on="pool")
    frame = frame.with_columns((pl.col("row_status") == "tried").alias("eligible"))
    empty = [pl.lit(None, dtype=SCHEMA[name]).alias(name) for name in ("lottery", "grade_count")]
    return frame.with_columns(empty).select(*SCHEMA).cast(SCHEMA).sort("applicant", "route_id")


def plant(stored: StoredRound, kind: str, count: int, seed: int = 1) -> tuple[pl.DataFrame, set[tuple[str, str]]]:
    """Plant up to `count` differences, each in a pool and with persons of its own; return the file and rows changed.

    Pools with seat groups are left alone: their orders are several.
    """
    official = official_of(stored)
    rows = stored.rows.join(
        stored.decisions.select("applicant", "route_id", pl.col("status").alias("decided")),
        on=["applicant", "route_id"],
    )
    grouped = stored.seats.filter(pl.col("group") != "")["pool"].to_list()
    rows = rows.filter(~pl.col("pool").is_in(grouped)).sort(
        "pool", "points", "lottery_order", descending=[False, True, False]
    )
    cells = {key: dict(zip(official.columns, line, strict=True)) for key, line in _keyed(official)}
    planted: set[tuple[str, str]] = set()
    used: set[str] = set()
    done = 0
    pools = rows["pool"].unique().sort().to_list()
    by_pool = dict(rows.partition_by("pool", as_dict=True, maintain_order=True).items())
    for pool in np.random.default_rng(seed).permutation(pools).tolist():
        if done == count:
            break
        lines = by_pool[(pool,)].to_dicts()
        admitted = [one for one in lines if one["decided"] == "admitted"]
        waiting = [one for one in lines if one["decided"] == "reserve"]
        pair = _pair(kind, admitted, waiting, used)
        if pair is None:
            continue
        last, first = pair
        used |= {one["applicant"] for one in pair}
        out, in_ = ((one["applicant"], one["route_id"]) for one in pair)
        done += 1
        if kind == "eligibility":
            cells[in_] |= {"status": "not_eligible", "eligible": False, "reserve_position": None}
            planted.add(in_)
            continue
        cells[in_] |= {"status": "admitted", "reserve_position": None}
        _strike_below(rows_of=stored, cells=cells, row=first)
        planted.add(in_)
        if kind == "seats":
            for one in lines:
                cells[one["applicant"], one["route_id"]]["seats"] += 1
            continue
        cells[out] |= {"status": "reserve", "reserve_position": 1}
        planted.add(out)
        if kind == "merit":
            cells[in_]["merit"] = last["merit"] + 250
        if kind == "tier":
            cells[out]["tier"] = last["tier"] + 2
    return pl.DataFrame(list(cells.values()), schema=SCHEMA).sort("applicant", "route_id"), planted


def _keyed(frame: pl.DataFrame) -> list[tuple[tuple[str, str], tuple]]:
    return [((line[0], line[1]), line) for line in frame.iter_rows()]


def _strike_below(rows_of: StoredRound, cells: dict, row: dict) -> None:
    mine = (
        rows_of.decisions.lazy()
        .filter((pl.col("applicant") == row["applicant"]) & (pl.col("rank") > row["rank"]))
        .collect()
    )
    for route, status in mine.select("route_id", "status").iter_rows():
        if status in {"admitted", "reserve"}:
            cells[row["applicant"], route] |= {"status": "struck", "reserve_position": None}


def _pair(kind: str, admitted: list[dict], waiting: list[dict], used: set[str]) -> tuple[dict, dict] | None:
    """Return the last admitted and a reserve for whom the kind is the right cause."""
    # whoever is pushed out must be the last, or those admitted after them would contradict the plant
    for last in reversed(admitted if kind in {"tie", "lottery"} else admitted[-1:]):
        for first in waiting:
            if last["applicant"] in used or first["applicant"] in used or last["applicant"] == first["applicant"]:
                continue
            same = (last["tier"], last["merit"]) == (first["tier"], first["merit"])
            fits = {
                "seats": first is waiting[0],
                "eligibility": True,
                "tier": last["tier"] == first["tier"] and first is waiting[0],
                "merit": last["tier"] == first["tier"] and last["merit"] > first["merit"],
                "tie": same and last["points"] != first["points"],
                "lottery": last["points"] == first["points"],
                "unexplained": last["tier"] == first["tier"] and last["merit"] > first["merit"],
            }[kind]
            if fits:
                return last, first
            if kind in {"tie", "lottery"} and not same:
                break
    return None
