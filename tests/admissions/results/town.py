"""A small half-invented region with schools, seats and applicants: enough of everything for tests."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from admissions.intake import Intake
from admissions.rules import Lottery, Rulebook, compile_round, compile_static, load_rulebook
from admissions.rules.compiled import CompiledRound

YEAR = 2023
LOTTERY = Lottery("a seed nobody guesses", "12 7 33")
SUBJECTS = ("BL", "EN", "HK", "IH", "MA", "MU", "BI", "FY", "KE", "TK", "GE", "HI", "RE", "SH", "SL", "SV")
PLACES = ("Solna", "Nacka", "Älvsborg")  # the last lies outside the region: second hand
CODES = ("So", "Na", "Al")
PROGRAMMES = ("NA", "EK", "BA", "VO")


def town(applicants: int = 60, *, seed: int = 1, seats: int = 5, quota: float = 0.2, pooled: bool = True) -> Intake:
    """Make an intake: twelve routes in three places, two of them on one pool, one with free-quota seats."""
    draw = np.random.default_rng(seed)
    routes = [
        {
            "route_id": f"{programme}-{CODES[number]}",
            "year": YEAR,
            "municipality": place,
            "school": f"{place}s gymnasium",
            "school_unit_code": None,
            "organiser": place if number % 2 == 0 else "Fria skolor",
            "organiser_form": "municipal" if number % 2 == 0 else "independent",
            "route_code": f"{programme}XXX",
            "route_name": f"{programme} i {place}",
            "programme": programme,
            "mode": "merit",
            "pool": "EK-shared" if pooled and programme == "EK" and number < 2 else None,
        }
        for number, place in enumerate(PLACES)
        for programme in PROGRAMMES
    ]
    pools = sorted({str(route["pool"] or route["route_id"]) for route in routes})
    rows = []
    for number, pool in enumerate(pools):
        before = seats + number % 3
        rows.append({"route_or_pool": pool, "round": "preliminary", "group": "", "seats": before})
        if number % 4 == 0:
            rows.append({"route_or_pool": pool, "round": "final", "group": "", "seats": before + 2})
    if quota:
        group = {"route_or_pool": "NA-So", "group": "free_quota", "seats": 2}
        rows += [{**group, "round": "preliminary"}, {**group, "round": "final"}]
        rows.append({"route_or_pool": "NA-So", "round": "final", "group": "", "seats": seats})
    ids = [f"a{number:04d}" for number in range(applicants)]
    letters = np.array(list("ABCDEF"))
    grades, choices, decisions = [], [], []
    for who in ids:
        level = draw.integers(0, 4)
        for subject in SUBJECTS:
            autumn = int(np.clip(level + draw.integers(-1, 3), 0, 5))
            final = int(np.clip(autumn - draw.integers(0, 2), 0, 5))
            grades.append({"applicant": who, "term": "autumn", "subject": subject, "grade": letters[autumn]})
            grades.append({"applicant": who, "term": "final", "subject": subject, "grade": letters[final]})
        wanted = draw.permutation(len(routes))[: draw.integers(1, 6)]
        choices += [
            {
                "applicant": who,
                "route_id": routes[route]["route_id"],
                "rank": rank,
                "registered_at": date(YEAR, 2, 1),
                "withdrawn_at": date(YEAR, 5, 1) if rank == 1 and len(wanted) > 2 and draw.random() < 0.2 else None,
            }
            for rank, route in enumerate(wanted, start=1)
        ]
        if draw.random() < quota:
            decisions.append({"applicant": who, "route_id": None, "kind": "free_quota", "value": "approved"})
    frame = pl.DataFrame(decisions, schema=dict.fromkeys(("applicant", "route_id", "kind", "value"), pl.String))
    return Intake(
        routes=pl.DataFrame(routes, schema_overrides={"pool": pl.String}),
        seats=pl.DataFrame(rows),
        applicants=pl.DataFrame(
            {
                "applicant": ids,
                "home_municipality": [PLACES[one] for one in draw.integers(0, 3, applicants)],
                "birth_year": [YEAR - 16] * applicants,
                "flags": [""] * applicants,
            }
        ),
        grades=pl.DataFrame(grades),
        choices=pl.DataFrame(choices, schema_overrides={"withdrawn_at": pl.Date}),
        decisions=frame,
    )


def rulebook() -> Rulebook:
    """Return the rulebook of the tests."""
    return load_rulebook("storsthlm", YEAR)


def compiled(intake: Intake, round_name: str = "final", lottery: Lottery = LOTTERY) -> CompiledRound:
    """Compile one round of an intake."""
    return compile_round(compile_static(intake, rulebook()), round_name, lottery=lottery)
