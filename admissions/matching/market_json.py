"""The market file as it stands in JSON: read, checked part by part, nothing interpreted yet.

Every problem is collected with its place. JSON's own traps are problems too: a key given twice (which most readers
silently drop), ``NaN``, and ``true`` where a number belongs (which Python would take for 1).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from admissions.errors import InputError

TIE_BREAKS = ("stb", "mtb", "list_position_then_stb")


@dataclass(frozen=True)
class Programme:
    """Seats (None: stated by slots) and the line, each element those who are tied."""

    capacity: int | None
    priority: list[list[str]]


@dataclass(frozen=True)
class Slot:
    """Some seats: for a group or (None) for everybody, with an own line or (None) the programme's."""

    n: int
    group: str | None
    reverts: bool
    priority: list[list[str]] | None


@dataclass(frozen=True)
class TieBreak:
    """How ties are broken: one order, or one per programme; both as place by applicant."""

    kind: str
    order: dict[str, int]
    orders: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Stated:
    """A checked market file."""

    applicants: dict[str, list[str]] = field(default_factory=dict)
    programmes: dict[str, Programme] = field(default_factory=dict)
    tie_break: TieBreak | None = None
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    slots: dict[str, list[Slot]] = field(default_factory=dict)
    consent: frozenset[str] | None = None


class _Object(dict[str, Any]):
    """A JSON object that remembers which keys stood in it twice."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) < len(pairs):
        times = Counter(key for key, _ in pairs)
        made.twice = tuple(sorted(key for key, count in times.items() if count > 1))
    return made


def read_stated(text: str) -> Stated:
    """Read the JSON of a market file.

    Raises
    ------
    InputError
        With every problem and its place.
    """
    try:
        data = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as reason:
        raise InputError([f"line {reason.lineno}, column {reason.colno}: not JSON: {reason.msg}"]) from reason
    except (RecursionError, ValueError) as reason:  # nested too deep; a number of too many digits
        raise InputError([f"not a market file: {reason}"]) from reason
    reader = _Reader()
    stated = reader.market(data)
    if reader.problems:
        raise InputError(reader.problems)
    return stated


class _Reader:
    """Checks one part after the other and collects problems; what it returns counts only if there are none."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.applicants: dict[str, list[str]] = {}
        self.programmes: dict[str, Programme] = {}

    def wrong(self, where: str, message: str) -> None:
        self.problems.append(f"{where}: {message}")

    def market(self, data: Any) -> Stated:
        keys = ("applicants", "programmes", "tie_break", "groups", "slots", "consent")
        top = self.object(data, "the file", keys, needs=("applicants", "programmes"))
        programmes = self.object(top.get("programmes", _Object()), "programmes")
        slots = self.object(top.get("slots", _Object()), "slots")
        self.applicants = {
            name: self.names(wanted, f"applicants.{name}", known=programmes, kind="programme")
            for name, wanted in self.object(top.get("applicants", _Object()), "applicants").items()
        }
        self.programmes = {
            name: self.programme(stated, f"programmes.{name}", has_slots=name in slots)
            for name, stated in programmes.items()
        }
        return Stated(
            self.applicants,
            self.programmes,
            self.tie_break(top["tie_break"]) if "tie_break" in top else None,
            self.groups(top.get("groups", _Object())),
            {name: self.slots(name, stated) for name, stated in slots.items()},
            frozenset(self.names(top["consent"], "consent", known=self.applicants, kind="applicant"))
            if "consent" in top
            else None,
        )

    def object(
        self, data: Any, where: str, keys: Sequence[str] | None = None, needs: Sequence[str] = ()
    ) -> dict[str, Any]:
        if not isinstance(data, _Object):
            self.wrong(where, f"must be an object {{...}}, not {_shown(data)}")
            return {}
        for key in data.twice:
            self.wrong(f"{where}.{key}" if where != "the file" else key, "the key is given twice")
        if keys is not None:
            for key in data:
                if key not in keys:
                    self.wrong(where, f"unknown key {key!r}; known are {', '.join(keys)}")
        for key in needs:
            if key not in data:
                self.wrong(where, f"the key {key!r} is missing")
        return data

    def items(self, data: Any, where: str) -> list[Any]:
        if isinstance(data, list):
            return data
        self.wrong(where, f"must be a list [...], not {_shown(data)}")
        return []

    def names(self, data: Any, where: str, known: dict[str, Any] | None = None, kind: str = "applicant") -> list[str]:
        """Return a list of names, each once."""
        seen: dict[str, int] = {}
        for k, name in enumerate(self.items(data, where)):
            if not isinstance(name, str):
                self.wrong(f"{where}[{k}]", f"must be a name in quotes, not {_shown(name)}")
            elif name in seen:
                self.wrong(f"{where}[{k}]", f"{name!r} stands here a second time (first at [{seen[name]}])")
            else:
                seen[name] = k
                if known is not None and name not in known:
                    self.wrong(f"{where}[{k}]", f"unknown {kind} {name!r}")
        return list(seen)

    def seats(self, data: Any, where: str) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.wrong(where, f"must be a whole number of seats, not {_shown(data)}")
            return 0
        if data < 0:
            self.wrong(where, f"{data} seats: must be 0 or more")
            return 0
        return data

    def priority(self, data: Any, where: str) -> list[list[str]]:
        """Return the line as ties, most of one person."""
        line: list[list[str]] = []
        seen: dict[str, str] = {}
        for k, entry in enumerate(self.items(data, where)):
            tie = []
            places = [(f"{where}[{k}]", entry)]
            if isinstance(entry, list):
                places = [(f"{where}[{k}][{j}]", one) for j, one in enumerate(entry)]
            for place, one in places:
                if not isinstance(one, str):
                    self.wrong(place, f"must be an applicant's name in quotes, not {_shown(one)}")
                elif one in seen:
                    self.wrong(place, f"{one!r} stands in this priority a second time (first at {seen[one]})")
                else:
                    seen[one] = place
                    tie.append(one)
            line.append(tie)
        return line

    def programme(self, data: Any, where: str, *, has_slots: bool) -> Programme:
        needs = ("priority",) if has_slots else ("capacity", "priority")
        stated = self.object(data, where, ("capacity", "priority"), needs)
        return Programme(
            self.seats(stated["capacity"], f"{where}.capacity") if "capacity" in stated else None,
            self.priority(stated.get("priority", []), f"{where}.priority"),
        )

    def tie_break(self, data: Any) -> TieBreak | None:
        kind = data.get("type") if isinstance(data, dict) else None
        if kind not in TIE_BREAKS:
            self.object(data, "tie_break", needs=("type",))
            if isinstance(data, dict) and "type" in data:
                self.wrong("tie_break.type", f"unknown kind {_shown(kind)}; known are {', '.join(TIE_BREAKS)}")
            return None
        part = "orders" if kind == "mtb" else "order"
        stated = self.object(data, "tie_break", ("type", part), ("type", part))
        orders = {}
        if part == "orders":
            for name, order in self.object(stated.get(part, _Object()), "tie_break.orders").items():
                if name not in self.programmes:
                    self.wrong(f"tie_break.orders.{name}", f"unknown programme {name!r}")
                orders[name] = _places(self.names(order, f"tie_break.orders.{name}"))
        order = self.names(stated.get("order", []), "tie_break.order")
        return TieBreak(kind, _places(order), orders)

    def groups(self, data: Any) -> dict[str, frozenset[str]]:
        members = {}
        for name, groups in self.object(data, "groups").items():
            if name not in self.applicants:
                self.wrong(f"groups.{name}", f"unknown applicant {name!r}")
            members[name] = frozenset(self.names(groups, f"groups.{name}"))
        return members

    def slots(self, name: str, data: Any) -> list[Slot]:
        where = f"slots.{name}"
        if name not in self.programmes:
            self.wrong(where, f"unknown programme {name!r}")
        slots = [self.slot(one, f"{where}[{k}]") for k, one in enumerate(self.items(data, where))]
        capacity = self.programmes[name].capacity if name in self.programmes else None
        total = sum(slot.n for slot in slots)
        if capacity is not None and capacity != total:
            self.wrong(where, f"the slots have {total} seats, programmes.{name}.capacity says {capacity}")
        return slots

    def slot(self, data: Any, where: str) -> Slot:
        stated = self.object(data, where, ("n", "for", "reverts", "priority"), ("n",))
        group, reverts = stated.get("for"), stated.get("reverts", True)
        if group is not None and not isinstance(group, str):
            self.wrong(f"{where}.for", f"must be the name of a group in quotes, or null, not {_shown(group)}")
        if not isinstance(reverts, bool):
            self.wrong(f"{where}.reverts", f"must be true or false, not {_shown(reverts)}")
        return Slot(
            self.seats(stated["n"], f"{where}.n") if "n" in stated else 0,
            group,
            bool(reverts),
            self.priority(stated["priority"], f"{where}.priority") if "priority" in stated else None,
        )


def _places(order: Sequence[str]) -> dict[str, int]:
    return {name: k for k, name in enumerate(order)}


def _shown(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
