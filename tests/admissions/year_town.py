"""A town small enough to follow by hand, kept as plain lists that a test edits day by day."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from admissions.intake import Intake
from admissions.rules import Lottery, Rulebook, load_rulebook

YEAR = 2023
LOTTERY = Lottery("a seed for the year", "7 11 40")
SUBJECTS = ("BL", "EN", "HK", "IH", "MA", "MU", "BI", "FY", "KE", "TK", "GE", "HI", "RE", "SH", "SL", "SV")
# route: (programme, pool, municipality of the school, organiser)
ROUTES = {
    "ek-1": ("EK", "ek", "Solna", "municipal"),
    "ek-2": ("EK", "ek", "Solna", "municipal"),
    "na-q": ("NA", "na-q", "Nacka", "municipal"),
    "sa": ("SA", "sa", "Solna", "independent"),
    "vo": ("VO", "vo", "Nacka", "municipal"),
}
GROUPS = {"ek": ("",), "na-q": ("", "free_quota"), "sa": ("",), "vo": ("",)}
PEOPLE = tuple(f"p{number}" for number in range(8))
NEWCOMERS = ("a0", "q9")  # before and after the others in the order of the ids
LEVELS = ("A", "C", "E", "no English")
AWAY = {"p3", "q9"}  # their homes lie outside the region: second hand


def policies(
    method: str = "rerun", silence: str = "accept_and_reserve", move: str = "automatic", base: str = "storsthlm"
) -> Rulebook:
    """Return a preset with the reserve rounds and the answers of another office."""
    rules = load_rulebook(base, YEAR)
    sections = replace(
        rules.sections,
        reserve=replace(rules.sections.reserve, method=method, move=move),
        answers=replace(rules.sections.answers, silence=silence),
    )
    return replace(rules, sections=sections)


@dataclass
class Town:
    """An admission year as its office keeps it: edit, then take `intake()`."""

    people: list[str] = field(default_factory=lambda: list(PEOPLE))
    level: dict[tuple[str, str], str] = field(default_factory=dict)  # (applicant, term): one of LEVELS
    seats: dict[tuple[str, str, str], tuple[int, int, int]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    quota: set[str] = field(default_factory=set)
    answers: list[dict[str, Any]] = field(default_factory=list)
    closed: dict[str, date] = field(default_factory=dict)

    def wish(self, who: str, routes: list[str], day: date) -> None:
        """Make `routes` the applicant's list from `day` on; choices that keep their place are left alone."""
        wanted = {route: rank for rank, route in enumerate(routes, start=1)}
        for row in self.rows:
            if row["applicant"] != who or row["withdrawn_at"] is not None:
                continue
            if wanted.get(row["route_id"]) == row["rank"]:
                del wanted[row["route_id"]]
            else:
                row["withdrawn_at"] = day
        self.rows += [
            {"applicant": who, "route_id": route, "rank": rank, "registered_at": day, "withdrawn_at": None}
            for route, rank in wanted.items()
        ]

    def active(self, who: str, day: date) -> dict[str, dict[str, Any]]:
        """Return the applicant's rows on a day by route, in the order of the list."""
        own = [
            row
            for row in self.rows
            if row["applicant"] == who
            and row["registered_at"] <= day
            and (row["withdrawn_at"] is None or row["withdrawn_at"] > day)
        ]
        return {row["route_id"]: row for row in sorted(own, key=lambda row: row["rank"])}

    def answer(self, who: str, round_name: str, answer: str, day: date | None, route: str | None = None) -> None:
        """Record an answer; a later one of the same day replaces it."""
        self.answers = [one for one in self.answers if (one["applicant"], one["round"]) != (who, round_name)]
        self.answers.append(
            {"applicant": who, "round": round_name, "answer": answer, "route_id": route, "answered_at": day}
        )

    def seats_of(self, pool: str, round_name: str, day: date) -> int:
        """Return the seats of a run of a pool."""
        if all(route in self.closed and self.closed[route] <= day for route, one in ROUTES.items() if one[1] == pool):
            return 0
        order = ["preliminary", "final", "reserve-1", "reserve-2", "reserve-3"]
        past = order[: order.index(round_name) + 1]
        latest = max((past.index(key[1]) for key in self.seats if key[0] == pool and key[1] in past), default=None)
        if latest is None:
            return 0
        own = [value for key, value in self.seats.items() if key[0] == pool and key[1] == past[latest]]
        return sum(max(seats - outside + over, 0) for seats, outside, over in own)

    def intake(self) -> Intake:
        """Return the tables as they stand."""
        text = pl.String
        grades = [
            {"applicant": who, "term": term, "subject": subject, "grade": letter}
            for who in self.people
            for term in ("autumn", "final")
            for level in [self.level.get((who, term), "C")]
            for subject in SUBJECTS
            for letter in ["F" if level == "no English" and subject == "EN" else "B" if len(level) > 1 else level]
        ]
        answer = {"applicant": text, "round": text, "answer": text, "route_id": text, "answered_at": pl.Date}
        choice = {"applicant": text, "route_id": text, "rank": pl.Int64, "registered_at": pl.Date}
        return Intake(
            year=YEAR,
            routes=pl.DataFrame(
                [
                    {
                        "route_id": route,
                        "year": YEAR,
                        "municipality": place,
                        "school": f"{place}s gymnasium",
                        "school_unit_code": None,
                        "organiser": place,
                        "organiser_form": form,
                        "route_code": f"{programme}XXX",
                        "route_name": route,
                        "programme": programme,
                        "mode": "merit",
                        "pool": pool,
                        "closed_at": self.closed.get(route),
                    }
                    for route, (programme, pool, place, form) in ROUTES.items()
                ],
                schema_overrides={"school_unit_code": text, "closed_at": pl.Date},
            ),
            seats=pl.DataFrame(
                [
                    {
                        "route_or_pool": pool,
                        "round": name,
                        "group": group,
                        "seats": seats,
                        "held_outside": outside,
                        "reason": "incoming" if outside else None,
                        "over_intake": over,
                    }
                    for (pool, name, group), (seats, outside, over) in self.seats.items()
                ],
                schema_overrides={"reason": text},
            ),
            applicants=pl.DataFrame(
                {
                    "applicant": self.people,
                    "home_municipality": ["Kiruna" if who in AWAY else "Solna" for who in self.people],
                    "birth_year": [YEAR - 16] * len(self.people),
                    "flags": [""] * len(self.people),
                }
            ),
            grades=pl.DataFrame(grades),
            choices=pl.DataFrame(self.rows, schema=choice | {"withdrawn_at": pl.Date}),
            decisions=pl.DataFrame(
                [
                    {"applicant": who, "route_id": None, "kind": "free_quota", "value": "approved"}
                    for who in sorted(self.quota & set(self.people))
                ],
                schema=dict.fromkeys(("applicant", "route_id", "kind", "value"), text),
            ),
            answers=pl.DataFrame(self.answers, schema=answer),
        )


def folder_digest(folder: Path) -> str:
    """Return one SHA-256 over every file of a folder, names included."""
    parts = [
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
