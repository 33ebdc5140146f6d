"""Small and large intakes for the tests; generated people only."""

import datetime as dt

import numpy as np
import polars as pl

from admissions.intake import Intake

SUBJECTS = ["BL", "EN", "HK", "IH", "MA", "M2", "MU", "BI", "FY", "KE", "TK", "GE", "HI", "RE", "SH", "SL", "SV"]
PROGRAMMES = ["NA", "EK", "SA", "TE", "BF", "EE"]
PLACES = [("Stockholm", "Stockholm"), ("Nacka", "Nacka"), ("Järfälla", "Järfälla kommun"), ("Åre", "Fria Skolor AB")]


def make_intake(
    applicants: int = 60, routes: int = 8, choices: int = 4, *, year: int = 2026, seed: int = 1, protected: int = 1
) -> Intake:
    """Make an intake of generated people."""
    random = np.random.default_rng(seed)
    ids = [f"r{number:04d}" for number in range(routes)]
    place = [PLACES[number % len(PLACES)] for number in range(routes)]
    programmes = [PROGRAMMES[number % len(PROGRAMMES)] for number in range(routes)]
    catalogue = pl.DataFrame(
        {
            "route_id": ids,
            "year": year,
            "municipality": [one for one, _ in place],
            "school": [f"{one}s gymnasium {number % 3}" for number, (one, _) in enumerate(place)],
            "school_unit_code": [f"{10_000_000 + number}" for number in range(routes)],
            "organiser": [one for _, one in place],
            "organiser_form": "municipal",
            "route_code": [f"{code}XXX" for code in programmes],
            "route_name": [f"Program {code} {number}" for number, code in enumerate(programmes)],
            "programme": programmes,
            "mode": "merit",
        }
    )
    per_route = max(1, applicants * 9 // 10 // routes)
    seats = pl.DataFrame(
        {
            "route_or_pool": ids * 2,
            "round": ["preliminary"] * routes + ["final"] * routes,
            "group": "",
            "seats": [per_route] * routes + [per_route + 1] * routes,
        }
    )
    people = [f"a{number:06d}" for number in random.permutation(applicants)]
    flags = ["protected" if number < protected else "" for number in range(applicants)]
    person = pl.DataFrame(
        {
            "applicant": people,
            "home_municipality": random.choice([one for one, _ in PLACES], applicants),
            "birth_year": year - 16,
            "flags": flags,
        }
    )
    terms, subjects = ["autumn", "final"], len(SUBJECTS)
    rows = applicants * 2 * subjects
    grades = pl.DataFrame(
        {
            "applicant": np.repeat(people, 2 * subjects),
            "term": np.tile(np.repeat(terms, subjects), applicants),
            "subject": np.tile(SUBJECTS, 2 * applicants),
            "grade": random.choice(["A", "B", "C", "D", "E", "F"], rows, p=[0.12, 0.18, 0.25, 0.2, 0.2, 0.05]),
        }
    )
    listed = np.argsort(random.random((applicants, routes)), axis=1)[:, :choices]
    wanted = pl.DataFrame(
        {
            "applicant": np.repeat(people, choices),
            "route_id": np.array(ids)[listed.ravel()],
            "rank": np.tile(np.arange(1, choices + 1), applicants),
            "registered_at": dt.date(year, 1, 20),
            "withdrawn_at": None,
        },
        schema_overrides={"withdrawn_at": pl.Date},
    )
    decisions = pl.DataFrame(
        {
            "applicant": people[:2],
            "route_id": [None, ids[listed[1, 0]]],
            "kind": ["english_dispens", "free_quota"],
            "value": "approved",
        },
        schema_overrides={"route_id": pl.String},
    )
    return Intake(
        routes=catalogue, seats=seats, applicants=person, grades=grades, choices=wanted, decisions=decisions, year=year
    )
