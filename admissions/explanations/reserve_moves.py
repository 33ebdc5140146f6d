"""Why a reserve position moved between two runs, in counts.

A position is the calling order for the next open seat, nothing more: late applicants, better grades, lost seats and a
new draw move it. Source: the recurring question applicants ask their office (Halland: reserve lists).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from admissions.explanations.catalogue import Language, listed, say
from admissions.explanations.facts import Facts
from admissions.explanations.keys import unpack


@dataclass(frozen=True)
class ReserveMove:
    """How one reserve position moved: ``after - before`` is what came ahead less what left.

    Attributes
    ----------
    route_id, route_name
        The route.
    before, after
        Positions.
    own
        What changed in the applicant's own key: some of ``tier``, ``merit``, ``chain``.
    newcomers
        Persons now ahead who were neither in the queue nor admitted anywhere before.
    seat_lost
        Persons now ahead who held a seat before.
    better_key
        Persons who stood behind and are ahead because keys changed, theirs or the applicant's own.
    new_draw
        Persons who stood behind and are ahead although nothing but the draw changed.
    left
        Persons who stood ahead and no longer do.
    """

    route_id: str
    route_name: str
    before: int
    after: int
    own: tuple[str, ...]
    newcomers: int
    seat_lost: int
    better_key: int
    new_draw: int
    left: int


def reserve_moves(before: Facts, after: Facts, applicant: str) -> tuple[ReserveMove, ...]:
    """Explain every reserve position an applicant has in both runs, in the order of the later list.

    Parameters
    ----------
    before, after
        Two rounds, or two runs of a round.
    applicant
        The applicant's id.
    """
    old = {row["route_id"]: row for row in _waiting(before, applicant)}
    return tuple(
        _move(before, after, applicant, old[row["route_id"]], row)
        for row in _waiting(after, applicant)
        if row["route_id"] in old
    )


def move_sentences(move: ReserveMove, language: Language) -> list[str]:
    """Say a move in sentences; counts only."""
    way = "back" if move.after > move.before else "same" if move.after == move.before else "forward"
    said = [say("moved", way, language, route=move.route_name, before=move.before, after=move.after)]
    if move.own:
        what = listed([say("own", one, language) for one in move.own], language)
        said.append(say("moved", "own_key", language, what=what))
    for name in ("newcomers", "seat_lost", "better_key", "new_draw", "left"):
        count = getattr(move, name)
        if count:
            said.append(say("moved", name, language, count=count))
    return said


def _waiting(facts: Facts, applicant: str) -> list[dict[str, object]]:
    mine = facts.rows.filter((pl.col("applicant") == applicant) & pl.col("reserve_position").is_not_null())
    return list(mine.iter_rows(named=True))


def _move(before: Facts, after: Facts, applicant: str, old: dict[str, object], new: dict[str, object]) -> ReserveMove:
    pool = str(new["pool"])
    was, now = _queue(before, pool), _queue(after, pool)
    first, last = _position(old), _position(new)
    ahead_then = {who for who, (place, _) in was.items() if place < first and who != applicant}
    ahead_now = {who for who, (place, _) in now.items() if place < last and who != applicant}
    seated = set(before.rows.filter(pl.col("status") == "admitted")["applicant"].to_list())
    own_then, own_now = _points(old), _points(new)
    counts = dict.fromkeys(("newcomers", "seat_lost", "better_key", "new_draw"), 0)
    for who in ahead_now - ahead_then:
        if who in was:
            tied = was[who][1] == own_then and now[who][1] == own_now
            counts["new_draw" if tied else "better_key"] += 1
        else:
            counts["seat_lost" if who in seated else "newcomers"] += 1
    return ReserveMove(
        route_id=str(new["route_id"]),
        route_name=after.titles.get(str(new["route_id"]), (str(new["route_id"]), ""))[0],
        before=first,
        after=last,
        own=_own(before, after, old, new),
        left=len(ahead_then - ahead_now),
        **counts,
    )


def _queue(facts: Facts, pool: str) -> dict[str, tuple[int, int]]:
    """Return the position of everybody in a pool's open queue, and the key they stand there with."""
    waiting = facts.rows.filter((pl.col("pool") == pool) & pl.col("reserve_position").is_not_null())
    best = waiting.sort("reserve_position", maintain_order=True).unique("applicant", keep="first", maintain_order=True)
    lines = best.select("applicant", "reserve_position", "points").iter_rows()
    return {who: (place, points) for who, place, points in lines}


def _position(row: dict[str, object]) -> int:
    return int(str(row["reserve_position"]))


def _points(row: dict[str, object]) -> int:
    return int(str(row["points"]))


def _own(before: Facts, after: Facts, old: dict[str, object], new: dict[str, object]) -> tuple[str, ...]:
    """Return what changed in the applicant's own key."""
    then, now = unpack(_points(old), before.chain), unpack(_points(new), after.chain)
    changed = {"tier": old["tier"] != new["tier"], "merit": then.merit != now.merit, "chain": then.chain != now.chain}
    return tuple(name for name, different in changed.items() if different)
