"""The form of the scenario editor: from an overlay to its fields and back, and seats pasted from a spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from api.web.texts import Texts

PARTS = ("seats", "closed_route", "cohort", "new_route", "rules")
"""Parts that the form edits; the others are kept as they are."""
MOST_PASTED = 2000
NEW = ("like", "route", "route_name", "school", "municipality", "seats", "listed_by")


@dataclass
class Draft:
    """What the form holds: text as it was typed, so that nothing is lost when it is refused.

    Attributes
    ----------
    change, seats
        By route id: seats more or fewer, or a new number.
    closed
        Ids of closed routes.
    cohort
        Home municipality and growth in per cent.
    new
        New routes, field by field.
    kept
        What the form does not edit.
    pasted
        The text of the field for pasting.
    """

    name: str = ""
    change: dict[str, str] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    cohort: list[tuple[str, str]] = field(default_factory=list)
    new: list[dict[str, str]] = field(default_factory=list)
    rules: str = ""
    kept: dict[str, Any] = field(default_factory=dict)
    pasted: str = ""

    @property
    def routes(self) -> list[str]:
        """Every route that the scenario touches, in the order they were named."""
        return list(dict.fromkeys([*self.change, *self.seats, *self.closed]))


def draft_of(name: str, overlay: Mapping[str, Any]) -> Draft:
    """Fill the form from an overlay."""
    found = Draft(name)
    found.kept = {key: value for key, value in overlay.items() if key not in PARTS}
    special = []
    for one in overlay.get("seats", []):
        if one.get("round") or one.get("group") or one["route"] in found.change or one["route"] in found.seats:
            special.append(one)
        elif one.get("change") is not None:
            found.change[one["route"]] = f"{one['change']:+d}"
        else:
            found.seats[one["route"]] = str(one.get("seats", ""))
    if special:
        found.kept["seats"] = special
    found.closed = [one["route"] for one in overlay.get("closed_route", [])]
    found.cohort = [(one["municipality"], _percent(one["growth"])) for one in overlay.get("cohort", [])]
    found.new = [{key: _text(key, one.get(key, "")) for key in NEW} for one in overlay.get("new_route", [])]
    found.rules = overlay.get("rules", {}).get("rulebook", "")
    return found


def _percent(growth: float) -> str:
    return f"{100 * growth:+.4f}".rstrip("0").rstrip(".")


def _text(key: str, value: Any) -> str:
    return f"{100 * value:g}" if key == "listed_by" and value != "" else str(value)


def draft_from(form: FormData, kept: Mapping[str, Any]) -> Draft:
    """Read the form as it came."""

    def text(name: str) -> str:
        value = form.get(name, "")
        return value.strip()[: 20_000 if name == "pasted" else 200] if isinstance(value, str) else ""

    found = Draft(text("name"), kept=dict(kept), rules=text("rules"), pasted=_form_text(form, "pasted"))
    for key in form:
        kind, _, route = key.partition(".")
        if kind in {"change", "seats"} and route and text(key):
            getattr(found, kind)[route] = text(key)
        elif kind == "closed" and route:
            found.closed.append(route)
    for number in _numbers(form, "cohort_home"):
        row = (text(f"cohort_home.{number}"), text(f"cohort_growth.{number}"))
        if row[0] or row[1]:
            found.cohort.append(row)
    for number in _numbers(form, "new_like"):
        part = {key: text(f"new_{key}.{number}") for key in NEW}
        if any(part.values()):
            found.new.append(part)
    return found


def _form_text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value[:200_000] if isinstance(value, str) else ""


def _numbers(form: FormData, start: str) -> list[int]:
    found = [key.partition(".")[2] for key in form if key.startswith(f"{start}.")]
    return sorted(int(one) for one in found if one.isascii() and one.isdigit() and len(one) < 4)


def overlay_of(draft: Draft, t: Texts, problems: list[str]) -> dict[str, Any]:
    """Make the overlay that a form describes; what is no number is added to `problems`, with its place."""
    seats: list[dict[str, Any]] = []
    for kind in ("change", "seats"):
        for route, written in getattr(draft, kind).items():
            number = whole(written)
            if number is None:
                problems.append(t("scenarios.no_number", place=route, value=written))
            else:
                seats.append({"route": route, kind: number})
    seats = _pasted(draft, seats, t, problems)
    overlay = {key: value for key, value in draft.kept.items() if key != "seats"}
    seats += draft.kept.get("seats", [])
    cohort = []
    for home, written in draft.cohort:
        growth = share(written)
        if growth is None or not home:
            problems.append(t("scenarios.no_growth", place=home or "–", value=written or "–"))
        else:
            cohort.append({"municipality": home, "growth": growth})
    new = [_new_route(part, number, t, problems) for number, part in enumerate(draft.new, 1)]
    parts = {"seats": seats, "closed_route": [{"route": one} for one in draft.closed], "cohort": cohort}
    overlay |= {key: value for key, value in {**parts, "new_route": new}.items() if value}
    if draft.rules:
        overlay["rules"] = {"rulebook": draft.rules}
    return overlay


def _pasted(
    draft: Draft, seats: list[dict[str, Any]], t: Texts, problems: list[str]
) -> list[dict[str, Any]]:  # fmt: skip
    """Read lines of route and seats as a spreadsheet copies them; a route named again takes the last line."""
    found = {one["route"]: one for one in seats}
    lines = draft.pasted.splitlines()
    if len(lines) > MOST_PASTED:
        problems.append(t("scenarios.too_many_lines", number=len(lines), most=MOST_PASTED))
        return seats
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.replace(";", "\t").split("\t") if cell.strip()]
        if len(cells) < 2:
            problems.append(t("scenarios.no_pair", line=number, value=line.strip()[:60]))
            continue
        route, written = cells[0], cells[-1]
        amount = whole(written)
        if amount is None:
            if number > 1:  # the first line may hold headings
                problems.append(t("scenarios.no_seats", line=number, value=written[:60]))
            continue
        kind = "change" if written[0] in "+-\u2212" else "seats"
        found[route] = {"route": route, kind: amount}
    return list(found.values())


def _new_route(part: Mapping[str, str], number: int, t: Texts, problems: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {key: value for key, value in part.items() if value}
    made.setdefault("route", f"new-{number}")
    for key, read in (("seats", whole), ("listed_by", share)):
        value = read(part[key])
        if value is None:
            problems.append(t("scenarios.no_number", place=f"{made['route']}, {key}", value=part[key] or "–"))
        else:
            made[key] = value
    return made


def whole(written: str) -> int | None:
    """Read a whole number, perhaps with a sign and spaces between thousands.

    Examples
    --------
    >>> whole("+15"), whole("\u22123"), whole("1 200"), whole("x")
    (15, -3, 1200, None)
    """
    text = written.replace("\u2212", "-").replace("\xa0", "").replace(" ", "")
    digits = text[1:] if text[:1] in {"+", "-"} else text
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None


def share(written: str) -> float | None:
    """Read per cent as a share.

    Examples
    --------
    >>> share("6,5 %"), share("-5"), share("many")
    (0.065, -0.05, None)
    """
    text = written.replace("\u2212", "-").replace("%", "").replace(",", ".").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return round(value / 100, 8) if abs(value) < 100_000 else None
