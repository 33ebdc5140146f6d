#!/usr/bin/env python3
"""Check a finished admission run from its files alone.

    python verifier.py RUN                          check everything
    python verifier.py RUN --receipt FILE           ... and that a receipt belongs to it
    python verifier.py --receipt FILE --root HEX    an applicant's check against the published root, without the run

One file, Python 3.11 or later, nothing to install. It shares no line with the program that made the run, and it is
meant to be read: by an ombudsman, an auditor, a journalist with an evening to spare. It answers "everything holds" or
names the first thing that does not, and where.

WHAT A RUN IS. Everybody hands in a list of study routes, best first. Each line of such a list is a *row*. The rules
have turned every row into points (more is better) and drawn a lottery number for equal points (smaller is better).
Routes may share a *pool* of seats. A pool may be cut into *seat groups* filled one after the other, each open to some
rows only and perhaps with an order of its own; if a group *reverts*, seats it cannot fill go to the best remaining rows
of the pool, after all groups. A row asks for the seats of its groups in the order of filling, unless rows.csv names
another order for it: a row without a claim to a quota, say, asks for the open seats first.

WHAT IS CHECKED, in this order:
  F1  the files are there, complete, and every cell can be read
  L1  every lottery number is SHA-256 of "seed|public value|draw|id" (with "|route" if drawn per choice); the numbers
      put rows in the order the run used; seed and list of ids are those committed to beforehand
  P1  well-formed: whatever is granted is a row of that applicant, in a seat group of the row's own pool
  P2  nobody holds more than one seat
  P3  eligibility: granted rows were tried, and a group's seat goes only to rows that belong to the group
  P4  capacity: no pool and no group holds more people than seats
  P5  no seat stands empty that somebody wants
  P6  no justified envy: nobody wants a seat held by somebody who comes after them in its order
  P7  seat groups: each row sits in the first of its groups that would have it
  P8  the result is the best of all such results for every applicant at once: the textbook procedure (Gale and Shapley
      1962: everybody asks at their best place, each place keeps its best and refuses the rest, the refused ask at
      their next place, until nobody is refused) is run here and must give the same seats
  P9  later rounds: nobody who held a seat ends below it, and holders stand before those who hold none
  D1  statuses, reserve positions, counts by route and (without seat groups) cut-offs follow from the result
  C1  every applicant's leaf is that of their rows and decisions, and the leaves lead to the published root
  C2  the certificate's counts and hashes are those of these files, and the run is sealed under them
  R1  a receipt's rows and decisions lead, along its path, to the root
Rules (who is eligible, how points are made) are outside: they stand in rulebook.toml, and a row's points are taken as
given; but within a pool no row of a later tier may come before one of an earlier tier (L1).

THE FILES. run.json: "lottery" {"seed_phrase", "public_value", "per_row", "commitment", "ids_digest"}, "rounds" in
order, "draws" (which draw each round uses), "roots", "rulebook_sha256". For each round a folder with
  rows.csv       applicant, route_id, pool, rank, status ("tried" = takes part), tier, merit, grade_sum, points,
                 lottery (64 hex digits), lottery_order (its place, as used), groups ("name", or "name:place" with an
                 order of its own, ":place" for the open seats; "-" = not the open seats of a pool with groups; with
                 ":" for the open seats the names stand in the order in which the row asks), holds (1 = held before
                 this round)
  seats.csv      pool, group ("" = open to all), order (smaller is filled first), seats, reverts (1/0), routes
  decisions.csv  applicant, route_id, rank, status, group, reserve_position; more columns are for people
  cutoffs.csv    pool, group, tier, points, lottery (the lottery_order) of the last admitted
  routes.csv     route_id, pool, seats (of its pool), admitted (on the route)
  leaves.csv     applicant, leaf; certificate.json: hashes, counts, root
Leaves and tree: a leaf is SHA-256 of a zero byte and the JSON text of one applicant's rows and decisions; a node is
SHA-256 of a one byte and the two hashes below it; see `leaf` and `root_of`.
"""

import argparse
import csv
import hashlib
import heapq
import json
import struct
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

Json = dict[str, Any]
COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
LAST = 1 << 62  # fills before nothing: the class of seats given back comes after all groups


class Refusal(Exception):  # noqa: N818 - what the program says when it does not say yes
    """The first thing that does not hold: which property, where, and what was found."""

    def __init__(self, prop: str, place: str, message: str) -> None:
        super().__init__(f"{prop} does not hold at {place}: {message}")
        self.property, self.place = prop, place


# -- the files -----------------------------------------------------------------------------------------------------
@dataclass(eq=False)
class Row:
    """One line of somebody's list."""

    applicant: str
    route: str
    pool: str
    rank: int
    tried: bool
    tier: int
    points: int
    lottery: str
    lottery_order: int
    groups: dict[str, int | None]  # name -> own place in the group, or None for the order of the pool; "" open seats
    open: bool  # may take open seats of a pool with groups
    holds: bool
    status: str = ""  # as decided
    granted: str | None = None  # name of the seat group, "" for open or plain, "reverted"; None = not granted
    position: int | None = None


@dataclass(eq=False)
class Class:
    """Seats that are filled by one order: a plain pool, one seat group, or what reverting groups give back."""

    pool: str
    name: str  # "" open, "reverted" for what is given back
    order: int
    seats: int
    reverts: bool
    line: list[Row] = field(default_factory=list)  # rows that may take the seats, first in line first
    place: dict[tuple[str, str], int] = field(default_factory=dict)  # (applicant, route) -> place in that line
    number: int = -1  # position among all groups of the round, -1 for plain pools and seats given back
    people: list[Row] = field(default_factory=list)  # rows that sit here

    def __str__(self) -> str:
        return f"pool {self.pool}" + (f", group {self.name or 'open'}" if self.name or self.number >= 0 else "")


@dataclass
class Round:
    """A round as read."""

    name: str
    folder: Path
    rows: list[Row]
    classes: dict[str, list[Class]]  # by pool, in the order of filling
    routes: dict[str, str]  # route -> pool
    queues: dict[str, list[Row]]  # by pool: the tried rows, first in line first
    sealed: Json  # certificate.json

    def at(self, row: Row) -> str:
        """Say where a row stands."""
        return f"{self.name}, applicant {row.applicant}, route {row.route}"

    def lists(self) -> dict[str, list[Row]]:
        """Everybody's tried rows, best first."""
        lists: dict[str, list[Row]] = {row.applicant: [] for row in self.rows}
        for row in self.rows:
            if row.tried:
                lists[row.applicant].append(row)
        return lists


def table(path: Path, columns: str) -> list[dict[str, str]]:
    """Read a CSV file that has at least these columns."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            lines = list(reader)
            header = reader.fieldnames or []
    except (OSError, UnicodeError, csv.Error) as reason:
        raise Refusal("F1", str(path), f"cannot be read: {reason}") from reason
    if missing := [one for one in columns.split() if one not in header]:
        raise Refusal("F1", str(path), f"columns missing: {', '.join(missing)}")
    for number, line in enumerate(lines, 2):
        if None in line or None in line.values():
            raise Refusal("F1", f"{path}, line {number}", f"has not {len(header)} cells")
    return lines


def document(path: Path) -> Json:
    """Read a JSON file that holds an object."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:
        raise Refusal("F1", str(path), f"cannot be read: {reason}") from reason
    if not isinstance(data, dict):
        raise Refusal("F1", str(path), "is not a JSON object")
    return data


def whole(text: str, where: str, least: int = -(1 << 63)) -> int:
    """Read a whole number."""
    try:
        value = int(text)
    except ValueError:
        raise Refusal("F1", where, f"{text!r} is not a whole number") from None
    if not least <= value < 1 << 64:
        raise Refusal("F1", where, f"{value} is out of range (at least {least})")
    return value


def read_round(folder: Path, name: str) -> Round:
    """Read the files of one round and put every seat class in order."""
    columns = "applicant route_id pool rank status tier points lottery lottery_order groups holds"
    lines = table(folder / "rows.csv", columns)
    rows = [read_row(line, f"{name}/rows.csv, line {k}") for k, line in enumerate(lines, 2)]
    for before, row in pairwise(rows):
        if (before.applicant, before.rank) >= (row.applicant, row.rank):
            where = f"{name}/rows.csv, applicant {row.applicant}, route {row.route}"
            raise Refusal("F1", where, "rows are not in the order of applicant and rank, or one stands twice")
    by_key = {(row.applicant, row.route): row for row in rows}
    if len(by_key) < len(rows):
        raise Refusal("F1", f"{name}/rows.csv", "an applicant lists a route twice")
    columns = "applicant route_id rank status group reserve_position"
    for k, line in enumerate(table(folder / "decisions.csv", columns), 2):
        where = f"{name}/decisions.csv, line {k}, applicant {line['applicant']}, route {line['route_id']}"
        if (line["applicant"], line["route_id"]) not in by_key:
            raise Refusal("P1", where, "a decision on a choice the applicant does not have in rows.csv")
        row = by_key[line["applicant"], line["route_id"]]
        if row.status:
            raise Refusal("P1", where, "a second decision on the same choice")
        if whole(line["rank"], where) != row.rank:
            raise Refusal("P1", where, f"rank {line['rank']}, but the choice has rank {row.rank}")
        row.status = line["status"] or "?"
        row.granted = line["group"] if row.status == "admitted" else None
        if line["reserve_position"]:
            row.position = whole(line["reserve_position"], where, 1)
    classes, routes = read_seats(folder / "seats.csv", name)
    for row in rows:
        if not row.status:
            raise Refusal("P1", f"{name}, applicant {row.applicant}, route {row.route}", "the choice has no decision")
        if routes.get(row.route) != row.pool:
            where = f"{name}, applicant {row.applicant}, route {row.route}"
            raise Refusal("P1", where, f"pool {row.pool}, but by seats.csv it draws on {routes.get(row.route)}")
    queues = put_in_line(classes, rows, name)
    return Round(name, folder, rows, classes, routes, queues, document(folder / "certificate.json"))


def read_row(line: dict[str, str], where: str) -> Row:
    """Read one line of rows.csv."""
    where = f"{where}, applicant {line['applicant']}, route {line['route_id']}"
    groups: dict[str, int | None] = {}
    for token in line["groups"].split():
        group, _, place = token.partition(":")
        groups[group] = whole(place, f"{where}, groups") if place else None
    return Row(
        line["applicant"], line["route_id"], line["pool"], whole(line["rank"], where, 1), line["status"] == "tried",
        whole(line["tier"], where), whole(line["points"], where), line["lottery"],
        whole(line["lottery_order"], where, 0), groups, "-" not in groups, line["holds"] == "1",
    )  # fmt: skip


def read_seats(path: Path, name: str) -> tuple[dict[str, list[Class]], dict[str, str]]:
    """Read seats.csv: the classes of each pool in the order of filling, and the pool of each route."""
    classes: dict[str, list[Class]] = {}
    routes: dict[str, str] = {}
    for k, line in enumerate(table(path, "pool group order seats reverts routes"), 2):
        where = f"{name}/seats.csv, line {k}, pool {line['pool']}"
        if line["reverts"] not in {"0", "1"}:
            raise Refusal("F1", where, f"reverts is {line['reverts']!r}, not 0 or 1")
        seats, order = whole(line["seats"], where, 0), whole(line["order"], where)
        classes.setdefault(line["pool"], []).append(
            Class(line["pool"], line["group"], order, seats, line["reverts"] == "1")
        )
        for route in line["routes"].split():
            if routes.setdefault(route, line["pool"]) != line["pool"]:
                raise Refusal("F1", where, f"route {route} draws on two pools")
    number = 0
    for pool in sorted(classes):
        groups = sorted(classes[pool], key=lambda one: one.order)
        if len({one.order for one in groups}) < len(groups) or len({one.name for one in groups}) < len(groups):
            raise Refusal("F1", f"{name}/seats.csv, pool {pool}", "two groups have the same order or the same name")
        if len(groups) > 1 or groups[0].name:
            for one in groups:
                one.number = number
                number += 1
            if any(one.reverts for one in groups):
                groups.append(Class(pool, "reverted", LAST, 0, reverts=False))
        classes[pool] = groups
    return classes, routes


def put_in_line(classes: dict[str, list[Class]], rows: list[Row], name: str) -> dict[str, list[Row]]:
    """Give every pool and every class of seats its line."""
    queues: dict[str, list[Row]] = {pool: [] for pool in classes}
    for row in rows:
        if row.tried:
            queues[row.pool].append(row)
    for pool, queue in queues.items():
        # more points first, then the smaller lottery number, then the own list
        queue.sort(key=lambda row: (-row.points, row.lottery, row.rank))
        for one in classes[pool]:
            one.line = queue
            if one.number >= 0:
                one.line = [row for row in queue if (one.name in row.groups if one.name else row.open)]
                own = {row: row.groups.get(one.name) or 0 for row in one.line}
                one.line.sort(key=own.__getitem__)  # stable: without an order of its own as in the pool
            one.place = {(row.applicant, row.route): k for k, row in enumerate(one.line)}
        known = {one.name for one in classes[pool]} | {"", "-"}
        for row in queue:
            if unknown := [group for group in row.groups if group not in known]:
                where = f"{name}, applicant {row.applicant}, route {row.route}"
                raise Refusal("P3", where, f"belongs to a seat group {unknown[0]!r} that pool {pool} does not have")
    return queues


# -- L1: the lottery -----------------------------------------------------------------------------------------------
def check_commitment(lottery: Json) -> None:
    """Compare the seed with what was published before the deadline."""
    text = f"{lottery['seed_phrase']}|{lottery['ids_digest']}"
    if hashlib.sha256(text.encode()).hexdigest() != lottery["commitment"]:
        raise Refusal("L1", "run.json", "seed and list of ids are not those committed to before the deadline")


def check_lottery(run: Json, one: Round) -> None:
    """Draw again, compare the order the run used, and see that no later tier comes before an earlier one."""
    lottery, draw = run["lottery"], run["draws"][one.name]
    for row in one.rows:
        text = f"{lottery['seed_phrase']}|{lottery['public_value']}|{draw}|{row.applicant}"
        if lottery["per_row"]:
            text += f"|{row.route}"
        if hashlib.sha256(text.encode()).hexdigest() != row.lottery:
            raise Refusal("L1", one.at(row), "the lottery number is not the one that seed and public value give")
    drawn = sorted(one.rows, key=lambda row: (row.lottery, row.lottery_order))
    for before, row in pairwise(drawn):
        if (before.lottery < row.lottery) != (before.lottery_order < row.lottery_order):
            raise Refusal("L1", one.at(row), f"lottery_order {row.lottery_order} is not in the order of the numbers")
    for queue in one.queues.values():
        for before, row in pairwise(row for row in queue if not row.holds):
            if row.tier < before.tier:
                raise Refusal("L1", one.at(row), "its points put it behind a row of a later tier")


# -- P1 to P9: the result ------------------------------------------------------------------------------------------

Seats = dict[str, tuple[Row, Class]]  # by applicant


def check_result(one: Round, *, claims_best: bool) -> Seats:
    """Check P1 to P9 and return who sits where."""
    lists = one.lists()
    seats = seated(one)
    check_capacity(one, seats)
    check_wishes(one, lists, seats)
    if claims_best:
        best = deferred_acceptance(one, lists)
        for applicant in lists:
            if seats.get(applicant) != best.get(applicant):
                row, seat = best.get(applicant) or seats[applicant]
                found = f"granted here, on {seat}" if applicant in best else "without a seat"
                raise Refusal("P8", one.at(row), f"in the result that is best for every applicant they are {found}")
    check_holders(one, lists, seats)
    return seats


def seated(one: Round) -> Seats:
    """Check P1 to P3: read off who sits in which class of seats."""
    seats: Seats = {}
    granted = [row for row in one.rows if row.granted is not None]
    for row in granted:
        if all(seat.name != row.granted for seat in one.classes[row.pool]):
            raise Refusal("P1", one.at(row), f"granted in a seat group {row.granted!r} that its pool does not have")
    for row in granted:
        if row.applicant in seats:
            raise Refusal("P2", one.at(row), f"holds a seat on route {seats[row.applicant][0].route} as well")
        seats[row.applicant] = (row, next(seat for seat in one.classes[row.pool] if seat.name == row.granted))
    for row, seat in seats.values():
        if not row.tried:
            raise Refusal("P3", one.at(row), "granted, but the choice does not take part in the round")
        if (row.applicant, row.route) not in seat.place:
            raise Refusal("P3", one.at(row), f"sits on {seat}, to which the choice does not belong")
    return seats


def check_capacity(one: Round, seats: Seats) -> None:
    """Check P4, and count the seats that reverting groups give back."""
    for seat in all_classes(one):
        seat.people = []
    for row, seat in seats.values():
        seat.people.append(row)
    for classes in one.classes.values():
        if classes[-1].order == LAST:
            classes[-1].seats = sum(max(0, seat.seats - len(seat.people)) for seat in classes if seat.reverts)
        for seat in classes:
            if len(seat.people) > seat.seats:
                raise Refusal("P4", f"{one.name}, {seat}", f"{len(seat.people)} people on {seat.seats} seats")


def all_classes(one: Round) -> list[Class]:
    """Return every class of seats, pool by pool in the order of their names, groups in the order of filling."""
    return [seat for pool in sorted(one.classes) for seat in one.classes[pool]]


def options(one: Round, rows: list[Row]) -> list[tuple[Row, Class]]:
    """Return the ways to seat somebody, best first: row by row, in a row in the order in which it asks."""
    ways = []
    for row in rows:
        mine = [seat for seat in one.classes[row.pool] if (row.applicant, row.route) in seat.place]
        asked = (
            {name: k for k, name in enumerate(row.groups)} if "" in row.groups else {}
        )  # else in the order of filling
        ways += [(row, seat) for seat in sorted(mine, key=lambda seat: asked.get(seat.name, LAST))]
    return ways


def check_wishes(one: Round, lists: dict[str, list[Row]], seats: Seats) -> None:
    """Check P5, P6 and P7: look at every place somebody would rather be in."""
    last: dict[Class, int] = {}
    for row, seat in seats.values():
        last[seat] = max(last.get(seat, -1), seat.place[row.applicant, row.route])
    found: dict[str, Refusal] = {}
    for applicant, rows in lists.items():
        held = seats.get(applicant)
        for row, seat in options(one, rows):
            if (row, seat) == held:
                break
            if len(seat.people) < seat.seats:
                prop, what = "P5", f"would rather be here, where {seat} has {seat.seats - len(seat.people)} seats empty"
            elif seat.place[applicant, row.route] < last.get(seat, -1):
                behind = seat.line[last[seat]]
                prop, what = "P6", f"comes before applicant {behind.applicant}, who sits on {seat}"
            else:
                continue
            prop = "P7" if held is not None and row is held[0] else prop
            found.setdefault(prop, Refusal(prop, one.at(row), what))
    for prop in sorted(found):
        raise found[prop]


def deferred_acceptance(one: Round, lists: dict[str, list[Row]]) -> Seats:
    """Run the textbook procedure. Everybody asks at their best place; a place keeps the best and refuses the rest.

    A row in a pool with groups asks at its groups in its order and last for seats given back. Those are at first all
    seats of the reverting groups, and one fewer each time such a group fills one.
    """
    wishes = {applicant: options(one, rows) for applicant, rows in lists.items()}
    room = {seat: seat.seats for seat in all_classes(one)}
    kept: dict[Class, list[tuple[int, str]]] = {seat: [] for seat in room}  # heaps, the last in line on top
    given_back: dict[Class, Class] = {}
    for classes in one.classes.values():
        reverting = [seat for seat in classes if seat.reverts and seat.number >= 0]
        given_back.update(dict.fromkeys(reverting, classes[-1]))
        if reverting:
            room[classes[-1]] = sum(seat.seats for seat in reverting)
    asked = dict.fromkeys(lists, 0)
    asking = list(lists)
    while asking:
        applicant = asking.pop()
        if asked[applicant] == len(wishes[applicant]):
            continue  # refused everywhere
        row, seat = wishes[applicant][asked[applicant]]
        asked[applicant] += 1
        heapq.heappush(kept[seat], (-seat.place[applicant, row.route], applicant))
        if len(kept[seat]) > room[seat]:
            asking.append(heapq.heappop(kept[seat])[1])
        elif seat in given_back:
            back = given_back[seat]
            room[back] -= 1
            if len(kept[back]) > room[back]:
                asking.append(heapq.heappop(kept[back])[1])
    return {applicant: wishes[applicant][asked[applicant] - 1] for heap in kept.values() for _, applicant in heap}


def check_holders(one: Round, lists: dict[str, list[Row]], seats: Seats) -> None:
    """Check P9: who held a seat keeps it or rises, and stands first where no seat groups say otherwise."""
    for applicant, rows in lists.items():
        held = [row for row in rows if row.holds]
        if not held:
            continue
        if len(held) > 1 or rows[-1] is not held[0]:
            raise Refusal("P9", one.at(held[0]), "held before the round, but a choice below it takes part")
        if applicant not in seats or seats[applicant][0].rank > held[0].rank:
            raise Refusal("P9", one.at(held[0]), "held a seat here before the round and ends below it")
    for pool, queue in one.queues.items():
        if len(one.classes[pool]) == 1:
            for before, row in pairwise(queue):
                if row.holds and not before.holds:
                    raise Refusal("P9", one.at(row), f"holds a seat but stands behind applicant {before.applicant}")


# -- D1: the decisions ---------------------------------------------------------------------------------------------
def check_decisions(one: Round, seats: Seats) -> None:
    """Check that statuses, reserve positions, cut-offs and the counts by route follow from who sits where."""
    seats_in: dict[str, list[tuple[Row, Class]]] = {}
    for row, seat in seats.values():
        seats_in.setdefault(row.pool, []).append((row, seat))
    for row in one.rows:
        held = seats.get(row.applicant)
        above = held is None or row.rank < held[0].rank
        if row.status == "reserve" and not (row.tried and above):
            raise Refusal("D1", one.at(row), "reserve, but the choice is not tried or lies below the granted one")
        dropped_before = not row.tried and one.name.startswith("reserve-")  # struck when an earlier round granted more
        if row.status == "struck" and (above or not row.tried) and not dropped_before:
            raise Refusal("D1", one.at(row), "struck for a higher choice, but none was granted")
    for pool, queue in one.queues.items():
        open_seats = next((seat for seat in one.classes[pool] if seat.name == ""), None)
        before: set[str] = set()
        positions: dict[Row, int] = {}  # who waits for open seats, counting persons
        for row in open_seats.line if open_seats else []:
            if row.status == "reserve":
                positions[row] = 1 + len(before - {row.applicant})
                before.add(row.applicant)
        for row in queue:
            if row.position != positions.get(row):
                what = f"reserve position {row.position}, by the order of the open seats {positions.get(row)}"
                raise Refusal("D1", one.at(row), what)
    check_cutoffs(one)
    for line in table(one.folder / "routes.csv", "route_id pool seats admitted"):
        admitted = sum(row.route == line["route_id"] for row, _ in seats_in.get(line["pool"], []))
        said = [whole(line[name], f"{one.name}/routes.csv, route {line['route_id']}") for name in ("seats", "admitted")]
        total = sum(seat.seats for seat in one.classes.get(line["pool"], []) if seat.order != LAST)
        if said != [total, admitted]:
            where = f"{one.name}, pool {line['pool']}, route {line['route_id']}"
            what = f"routes.csv has {said[0]} seats and {said[1]} admitted, not {total} and {admitted}"
            raise Refusal("D1", where, what)


def check_cutoffs(one: Round) -> None:
    """Check the cut-offs of pools without groups: the last admitted of the best tier in which somebody was refused."""
    cutoffs = table(one.folder / "cutoffs.csv", "pool group tier points lottery")
    lines = {line["pool"]: line for line in cutoffs if not line["group"]}
    for pool, queue in one.queues.items():
        if len(one.classes[pool]) > 1 or one.classes[pool][0].number >= 0:
            continue
        where = f"{one.name}/cutoffs.csv, pool {pool}"
        refused = [row.tier for row in queue if row.status == "reserve"]
        if bool(refused) != (pool in lines):
            what = f"{len(refused)} choices were refused, so there is {'a' if refused else 'no'} cut-off"
            raise Refusal("D1", where, what)
        if refused:
            inside = [row for row in queue if row.granted is not None and row.tier == min(refused)]
            last = [str(inside[-1].points), str(inside[-1].lottery_order)] if inside else ["", ""]
            if [lines[pool][name] for name in ("tier", "points", "lottery")] != [str(min(refused)), *last]:
                raise Refusal("D1", where, f"the cut-off is tier {min(refused)}, points and lottery {' '.join(last)}")


# -- C1, R1: leaves, root and receipts -----------------------------------------------------------------------------
def leaf(round_name: str, applicant: str, rows: list[dict[str, str]], decisions: list[dict[str, str]]) -> bytes:
    """Hash one applicant's lines: compact JSON, keys sorted, after a zero byte."""
    data = {"applicant": applicant, "decisions": decisions, "round": round_name, "rows": rows}
    return hashlib.sha256(b"\0" + COMPACT.encode(data).encode()).digest()


def root_of(hashes: list[bytes]) -> str:
    """Pair the hashes from the left, level by level; a last one without a neighbour rises unchanged."""
    while len(hashes) > 1:
        pairs = [hashes[k : k + 2] for k in range(0, len(hashes), 2)]
        hashes = [hashlib.sha256(b"\1" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return hashes[0].hex() if hashes else hashlib.sha256(b"").hexdigest()


def check_root(run: Json, one: Round) -> None:
    """Hash every applicant's lines again and follow them to the root."""
    lines: dict[str, tuple[list[dict[str, str]], list[dict[str, str]]]] = {}
    for which, name in enumerate(("rows.csv", "decisions.csv")):
        for line in table(one.folder / name, "applicant"):
            lines.setdefault(line["applicant"], ([], []))[which].append(line)
    written = {line["applicant"]: line["leaf"] for line in table(one.folder / "leaves.csv", "applicant leaf")}
    hashes = []
    for applicant in sorted(lines):
        hashes.append(leaf(one.name, applicant, *lines[applicant]))
        if hashes[-1].hex() != written.get(applicant):
            where = f"{one.name}, applicant {applicant}"
            raise Refusal("C1", where, "rows or decisions are not those that were sealed (their leaf is another)")
    if len(written) > len(hashes) or root_of(hashes) != one.sealed.get("root"):
        raise Refusal("C1", f"{one.name}/certificate.json", "the leaves do not lead to the root hash")
    if run["roots"].get(one.name) != one.sealed["root"]:
        raise Refusal("C1", "run.json", f"names another root hash for round {one.name}")


def check_receipt(receipt: Json, root: str) -> None:
    """Follow a receipt's path from its leaf to the root."""
    try:
        where = f"receipt of applicant {receipt['applicant']}, round {receipt['round']}"
        at = leaf(receipt["round"], receipt["applicant"], receipt["rows"], receipt["decisions"])
        for side, neighbour in receipt["path"]:
            other = bytes.fromhex(neighbour)
            at = hashlib.sha256(b"\1" + (other + at if side == "left" else at + other)).digest()
    except (KeyError, TypeError, ValueError) as reason:
        raise Refusal("F1", "receipt", f"not a receipt: {reason!r}") from reason
    if any(line.get("applicant") != receipt["applicant"] for line in receipt["rows"] + receipt["decisions"]):
        raise Refusal("R1", where, "it holds lines of somebody else")
    if at.hex() != root:
        raise Refusal("R1", where, "its rows and decisions do not lead to the published root: something was changed")


# -- C2: the certificate -------------------------------------------------------------------------------------------
def check_certificate(one: Round, seats: Seats) -> None:
    """Recompute counts and hashes of the certificate, and the hashes of the files."""
    tried = [row for row in one.rows if row.tried]
    groups = [seat for seat in all_classes(one) if seat.number >= 0]
    counts = {
        "applicants": len({row.applicant for row in tried}),
        "placed": len(seats),
        "choices": len(tried),
        "routes": len(one.routes),
        "pools": len(one.classes),
        "seats": sum(seat.seats for seat in all_classes(one) if seat.order != LAST),
        "groups": len(groups),
        "holders": sum(row.holds for row in tried),
    }
    certificate = one.sealed.get("certificate", {})
    where = f"{one.name}/certificate.json"
    for name, count in counts.items():
        if (said := certificate.get("counts", {}).get(name)) != count:
            raise Refusal("C2", f"{where}, counts.{name}", f"says {said}, the files have {count}")
    for name, digest in certificate_hashes(one, tried, groups, seats).items():
        if certificate.get("sha256", {}).get(name) != digest:
            raise Refusal("C2", f"{where}, sha256.{name}", "the files hash to another value")
    for name, digest in one.sealed.get("files", {}).items():
        path = one.folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise Refusal("C2", f"{one.name}/{name}", "is not the file that was sealed")


def certificate_hashes(one: Round, tried: list[Row], groups: list[Class], seats: Seats) -> dict[str, str]:
    """Write the market as numbers, as the certificate does, and hash them (little-endian; q, Q: 64 bits, i: 32)."""

    def packed(kind: str, values: list[Any]) -> bytes:
        return struct.pack(f"<{len(values)}{kind}", *values)

    routes = {route: k for k, route in enumerate(sorted(one.routes))}
    pools = {pool: k for k, pool in enumerate(sorted(one.classes))}
    number = {(row.applicant, row.route): k for k, row in enumerate(tried)}
    first = [k for k, row in enumerate(tried) if k == 0 or tried[k - 1].applicant != row.applicant]
    granted = sorted((number[row.applicant, row.route], seat.number) for row, seat in seats.values())
    lines = [packed("q", [*(number[row.applicant, row.route] for row in seat.line), -1]) for seat in groups]
    asking = {row: options(one, [row]) for seat in groups for row in seat.line}
    if any(before.order > seat.order for ways in asking.values() for (_, before), (_, seat) in pairwise(ways)):
        lines += [packed("i", [asking[row].index((row, seat)) for row in seat.line]) for seat in groups]
    pool_seats = [sum(seat.seats for seat in one.classes[pool] if seat.order != LAST) for pool in pools]
    parts = {
        "choices": [packed("q", first), packed("i", [routes[row.route] for row in tried])],
        "priority": [packed("q", [row.points for row in tried]), packed("Q", [row.lottery_order for row in tried])],
        "seats": [packed("i", [pools[one.routes[route]] for route in routes]), packed("q", pool_seats)],
        "groups": [
            packed("i", [pools[seat.pool] for seat in groups]),
            packed("q", [seat.seats for seat in groups]),
            packed("i", [seat.order for seat in groups]),
            packed("?", [seat.reverts for seat in groups]),
            *lines,
        ],
        "holders": [packed("q", [k for k, row in enumerate(tried) if row.holds])],
        "result": [packed("q", [k for k, _ in granted]), packed("i", [group for _, group in granted])],
    }
    return {name: hashlib.sha256(b"".join(part)).hexdigest() for name, part in parts.items()}


# -- the whole -----------------------------------------------------------------------------------------------------
def verify_run(folder: Path) -> list[str]:
    """Check a run folder and return what was established, in words; raise `Refusal` at the first thing that fails."""
    try:
        return established_by(folder)
    except (AttributeError, KeyError, TypeError, struct.error) as reason:
        raise Refusal("F1", str(folder), f"the files have not the shape described above: {reason!r}") from reason


def established_by(folder: Path) -> list[str]:
    """Check everything in order."""
    run = document(folder / "run.json")
    if missing := {"lottery", "rounds", "draws", "roots", "rulebook_sha256"} - set(run):
        raise Refusal("F1", "run.json", f"missing: {', '.join(sorted(missing))}")
    if missing := {"seed_phrase", "public_value", "per_row", "commitment", "ids_digest"} - set(run["lottery"]):
        raise Refusal("F1", "run.json, lottery", f"missing: {', '.join(sorted(missing))}")
    check_commitment(run["lottery"])
    established = ["L1 the seed is the one committed to"]
    for name in run["rounds"]:
        one = read_round(folder / name, name)
        claims = one.sealed.get("certificate", {}).get("properties", {})
        check_lottery(run, one)
        seats = check_result(one, claims_best=claims.get("P8") == "holds")
        check_decisions(one, seats)
        check_root(run, one)
        check_certificate(one, seats)
        best = "P1 to P9" if claims.get("P8") == "holds" else "P1 to P7 and P9 (P8, best for everybody, is not claimed)"
        tried = sum(row.tried for row in one.rows)
        established.append(
            f"{name}: F1, L1, {best}, D1, C1, C2 hold for {len(one.lists())} applicants, {tried} tried choices and "
            f"{len(seats)} granted seats; root {one.sealed['root']}"
        )
    rulebook = folder / "rulebook.toml"
    if not rulebook.is_file() or hashlib.sha256(rulebook.read_bytes()).hexdigest() != run["rulebook_sha256"]:
        raise Refusal("C2", "rulebook.toml", "is not the rulebook the run names")
    return established


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line: 0 if everything holds, 1 if something does not."""
    parser = argparse.ArgumentParser(description="Check a finished admission run from its files alone.")
    parser.add_argument("run", nargs="?", type=Path, help="the run folder")
    parser.add_argument("--receipt", type=Path, help="an applicant's receipt (JSON)")
    parser.add_argument("--root", help="the published root hash, to check a receipt without the run")
    given = parser.parse_args(arguments)
    if given.run is None and (given.receipt is None or given.root is None):
        parser.error("give a run folder, or --receipt with --root")
    try:
        if given.run is not None:
            for line in verify_run(given.run):
                print(line)
        if given.receipt is not None:
            receipt = document(given.receipt)
            root = given.root
            if root is None:
                root = document(given.run / str(receipt.get("round")) / "certificate.json").get("root")
            check_receipt(receipt, root)
            print(f"R1 the receipt of applicant {receipt['applicant']} belongs to root {root}")
    except Refusal as refusal:
        print(f"REFUSED: {refusal}", file=sys.stderr)
        return 1
    print("Everything holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
