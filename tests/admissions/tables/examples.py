"""A small sound intake, as frames and as files, for tests to spoil."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from admissions.intake import Intake

DAY = dt.date


def small_intake() -> Intake:
    """Three routes (two sharing a pool), four applicants with histories, decisions and an answer."""
    return Intake(
        routes=pl.DataFrame(
            {
                "route_id": ["r1", "r2", "r3"],
                "year": [2023] * 3,
                "municipality": ["Järfälla", "Stockholm", "Stockholm"],
                "school": ["Åsö gymnasium", 'Gymnasiet "Väst"', "Öst; och, söder"],
                "school_unit_code": ["01234567", None, "40386043"],
                "organiser": ["Järfälla kommun", "Skolan AB", "Skolan AB"],
                "organiser_form": ["municipal", "independent", None],
                "route_code": ["NANAT", "EKEKO", "EKJUR"],
                "route_name": ["Naturvetenskap", "Ekonomi", "Juridik"],
                "programme": ["NA", "EK", "EK"],
                "mode": ["merit"] * 3,
                "pool": [None, "p", "p"],
                "closed_at": [None, None, DAY(2023, 5, 20)],
            }
        ),
        seats=pl.DataFrame(
            {
                "route_or_pool": ["r1", "r1", "p", "p"],
                "round": ["preliminary", "final", "preliminary", "preliminary"],
                "group": ["", "", "", "free_quota"],
                "seats": [30, 32, 60, 2],
                "held_outside": [0, 2, 0, 0],
                "reason": [None, "unknown", None, None],
            }
        ),
        applicants=pl.DataFrame(
            {
                "applicant": ["a1", "a2", "a3", "a4"],
                "home_municipality": ["Salem", "Täby", "Salem", "Järfälla"],
                "birth_year": [2007, 2007, 2006, 2007],
                "flags": ["", "foreign_grades", "", "dance_reduced protected"],
            }
        ),
        grades=pl.DataFrame(
            {
                "applicant": ["a1", "a1", "a1", "a2", "a4"],
                "term": ["autumn", "final", "final", "final", "final"],
                "subject": ["MA", "MA", "M2", "SVA", "DA"],
                "grade": ["C", "B", "A", "F", "-"],
            }
        ),
        choices=pl.DataFrame(
            {
                "applicant": ["a1", "a1", "a1", "a2", "a3", "a4"],
                "route_id": ["r1", "r2", "r1", "r2", "r3", "r1"],
                "rank": [1, 2, 2, 1, 1, 1],
                "registered_at": [DAY(2023, 2, 1), DAY(2023, 2, 1), DAY(2023, 5, 3), *[DAY(2023, 2, 2)] * 3],
                "withdrawn_at": [DAY(2023, 5, 3), DAY(2023, 5, 3), None, None, None, DAY(2023, 2, 2)],
            }
        ),
        decisions=pl.DataFrame(
            {
                "applicant": ["a1", "a2", "a3"],
                "route_id": ["r1", "r2", None],
                "kind": ["test_points", "free_quota", "special_grounds"],
                "value": ["12.5", "approved", "pending"],
            }
        ),
        answers=pl.DataFrame(
            {
                "applicant": ["a1"],
                "round": ["final"],
                "answer": ["yes"],
                "route_id": ["r1"],
                "answered_at": [DAY(2023, 7, 20)],
            }
        ),
    )


def write_text(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file into the folder and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
