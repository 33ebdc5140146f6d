"""Small intakes for worked cases: everything has a plain default, a case states only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from admissions.intake import Intake
from admissions.rules import CompiledRound, Lottery, Rulebook, compile_round, compile_static, load_rulebook

YEAR = 2023
LOTTERY = Lottery("test seed", "test value")
SUBJECTS = "BL EN HK IH MA MU BI FY KE TK GE HI RE SH SL SV".split()  # noqa: SIM905 -- reads as the certificate it is; sixteen, no language choice


def grades(default: str = "C", drop: str = "", **other: str) -> dict[str, str]:
    """All sixteen subjects with `default`, without those of `drop`, with `other`."""
    held = {subject: default for subject in SUBJECTS if subject not in drop.split()}
    return held | other


def only(subjects: str, grade: str = "E") -> dict[str, str]:
    return dict.fromkeys(subjects.split(), grade)


def make(
    routes: Sequence[Mapping[str, Any]] = ({},),
    applicants: Mapping[str, Mapping[str, Any]] | None = None,
    choices: Sequence[tuple[Any, ...]] = (),
    decisions: Sequence[tuple[Any, ...]] = (),
    seats: Sequence[tuple[Any, ...]] | None = None,
) -> Intake:
    """Routes by default NA in Botkyrka by merit; applicants {id: {grades, autumn, birth_year, home, flags}}.

    Choices are (applicant, route, rank[, registered[, withdrawn]]); decisions (applicant, route, kind, value); seats
    (pool, group, seats[, round]).
    """
    filled = [
        {
            "route_id": f"r{number}",
            "year": YEAR,
            "municipality": "Botkyrka",
            "school": "School",
            "school_unit_code": None,
            "organiser": "Organiser",
            "organiser_form": "municipal",
            "route_code": "NANAT",
            "route_name": "Route",
            "programme": "NA",
            "mode": "merit",
            "pool": None,
            "test_rule": None,
            "reception": None,
            "prerequisite": None,
            "closed_at": None,
        }
        | dict(route)
        for number, route in enumerate(routes)
    ]
    people = {"a": {}} if applicants is None else applicants
    rows = choices or [(name, filled[0]["route_id"], 1) for name in people]
    held = [
        {"applicant": name, "term": term, "subject": subject, "grade": grade}
        for name, person in people.items()
        for term, table in (
            ("final", person.get("grades", grades())),
            ("autumn", person.get("autumn", person.get("grades", grades()))),
        )
        for subject, grade in table.items()
    ]
    pools = sorted({route["pool"] or route["route_id"] for route in filled})
    stock = seats if seats is not None else [(pool, "", 10) for pool in pools]
    text = pl.String
    return Intake(
        year=YEAR,
        routes=pl.DataFrame(filled, schema_overrides={"closed_at": pl.Date}, infer_schema_length=None),
        seats=pl.DataFrame(
            [
                {
                    "route_or_pool": row[0],
                    "group": row[1],
                    "seats": row[2],
                    "round": row[3] if len(row) > 3 else "preliminary",
                }
                for row in stock
            ]
        ),
        applicants=pl.DataFrame(
            [
                {
                    "applicant": name,
                    "home_municipality": person.get("home", "Botkyrka"),
                    "birth_year": person.get("birth_year", YEAR - 16),
                    "flags": person.get("flags", ""),
                }
                for name, person in people.items()
            ]
        ),
        grades=pl.DataFrame(held, schema={"applicant": text, "term": text, "subject": text, "grade": text}),
        choices=pl.DataFrame(
            [
                {
                    "applicant": row[0],
                    "route_id": row[1],
                    "rank": row[2],
                    "registered_at": row[3] if len(row) > 3 else date(YEAR, 2, 1),
                    "withdrawn_at": row[4] if len(row) > 4 else None,
                }
                for row in rows
            ],
            schema_overrides={"withdrawn_at": pl.Date},
        ),
        decisions=pl.DataFrame(
            decisions, schema={"applicant": text, "route_id": text, "kind": text, "value": text}, orient="row"
        ),
    )


def compiled(
    intake: Intake, rules: str | Rulebook = "storsthlm", round_name: str = "final", **more: Any
) -> CompiledRound:
    rulebook = load_rulebook(rules) if isinstance(rules, str) else rules
    return compile_round(compile_static(intake, rulebook), round_name, lottery=more.pop("lottery", LOTTERY), **more)


def rulebook(tmp_path: Any, text: str, base: str = "storsthlm", year: int = YEAR) -> Rulebook:
    """Lay `text` over a preset."""
    path = tmp_path / "own.toml"
    path.write_text(f'extends = "{base}"\nname = "own"\n{text}', encoding="utf-8")
    return load_rulebook(path, year)
