"""The real catalogue of study routes in the Stockholm region and its published results, intakes 2020-2023.

Facts and figures only; every table's source stands in SOURCES.md beside this module. What is not published is not
invented here: where an organiser's name is missing a stated stand-in takes its place (`organiser_name`).

Assumptions for the sample, all marked here and nowhere else:

- Every route is ranked on merit (``mode`` merit). The published results show merit cut-offs for IB, for the nationwide
  vocational educations (FX, MX, SX) and for introduction programmes for groups (IMV, IMY) alike; which routes are
  ranked by the school, or ask for a sport's or a target group's approval, is not published.
- Every route has a seat pool of its own; shared seats are not published.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import polars as pl

from admissions.intake import route_id
from admissions.tables.declared import ROUTES

YEARS = (2020, 2021, 2022, 2023)

_FORMS = {"K": "municipal", "F": "independent", "R": "region"}
_PUBLISHED_TYPES = {
    "year": pl.Int64,
    "seats": pl.Int64,
    "admitted": pl.Int64,
    "lowest_merit": pl.Float64,
    "median_merit": pl.Float64,
    "reserves": pl.Int64,
    "vacant_seats": pl.Int64,
}


@cache
def _table(name: str) -> pl.DataFrame:
    data = resources.files("sample_data").joinpath("tables", f"{name}.csv").read_bytes()
    return pl.read_csv(data, infer_schema=False)


def programme_of(route_code: str) -> str:
    """Return the programme of a study route code: IMV, IMY ... for introduction programmes, else two letters.

    Examples
    --------
    >>> programme_of("NANAT"), programme_of("IMVBA0L"), programme_of("INSVE"), programme_of("IBfp")
    ('NA', 'IMV', 'IN', 'IB')
    """
    return route_code[:3] if route_code.startswith("IM") else route_code[:2]


def organiser_name(school: str, municipality: str, form: str, known: str | None) -> str:
    """Return the organiser's name, or what stands in for it.

    Municipal organisers get one spelling, ``Danderyds kommun``. An independent school whose company is not known stands
    in for its own organiser, so that no roll-up adds up schools that have nothing to do with each other.

    Examples
    --------
    >>> organiser_name("Danderyds gymnasium", "Danderyd", "municipal", "Danderyd")
    'Danderyds kommun'
    >>> organiser_name("Dansgymnasiet", "Stockholm", "independent", None)
    'Dansgymnasiet'
    """
    if form == "region":
        return "Region Stockholm"
    if form == "municipal":
        genitive = municipality if municipality[-1] in "aeiouyåäös" else f"{municipality}s"
        return f"{genitive} kommun"
    return known or school


@cache
def published(year: int | None = None) -> pl.DataFrame:
    """Return the published final admission results, one row for each study route and year.

    Parameters
    ----------
    year
        One of `YEARS`; None for all four.

    Returns
    -------
    Columns route_id, year, municipality, school, school_unit_code, organiser, organiser_form, route_code, route_name,
    programme, seats, admitted, lowest_merit, median_merit (merit points), reserves, vacant_seats; sorted by year and
    route_id. ``lowest_merit`` 0 means no competition, missing that nothing is published; above 340 it holds test
    points. ``median_merit`` 0 means nobody admitted. Do not expect seats = admitted + vacant_seats: some seats are
    filled outside the merit order, and the office does not say why.

    Raises
    ------
    ValueError
        No results of that year are at hand.
    """
    if year is not None:
        if year not in YEARS:
            raise ValueError(f"the published results at hand are those of {YEARS}, not {year}")
        return published().filter(pl.col("year") == year)
    schools = schools_table().select("school", "municipality", "school_unit_code", known="organiser")
    frame = (
        _table("published_routes")
        .with_columns(pl.col(name).cast(dtype) for name, dtype in _PUBLISHED_TYPES.items())
        .with_columns(organiser_form=pl.col("form").replace_strict(_FORMS))
        .join(schools, on=["school", "municipality"], how="left", validate="m:1")
    )
    rows = frame.select("year", "municipality", "school", "route_code", "route_name", "organiser_form", "known").rows()
    return frame.with_columns(
        route_id=pl.Series([route_id(*row[:5]) for row in rows]),
        programme=pl.Series([programme_of(row[3]) for row in rows]),
        organiser=pl.Series([organiser_name(row[2], row[1], row[5], row[6]) for row in rows]),
    ).select(
        *("route_id", "year", "municipality", "school", "school_unit_code", "organiser", "organiser_form"),
        *("route_code", "route_name", "programme", "seats", "admitted", "lowest_merit", "median_merit"),
        *("reserves", "vacant_seats"),
    ).sort("year", "route_id")  # fmt: skip


@cache
def catalogue(year: int) -> pl.DataFrame:
    """Return the study routes of a year as the table ``routes`` of an intake, sorted by route_id."""
    frame = published(year).with_columns(mode=pl.lit("merit"), pool=pl.col("route_id"))
    return ROUTES.conform(frame).sort("route_id")


@cache
def schools_table() -> pl.DataFrame:
    """Return the schools: school, municipality, form (K, F or missing), school_unit_code and organiser where known."""
    return _table("schools")


@cache
def municipalities() -> pl.DataFrame:
    """Return the 28 municipalities whose residents belong to the region's admission or its neighbours in the figures.

    Columns: code (SCB, four digits), municipality, year9_2020 ... year9_2025 (year-9 pupils, counted where the school
    is; of 2020 enrolled in autumn, of 2025 finishing), mean_merit17_2025 (merit points, 17 subjects),
    eligible_vocational_2025 (per cent), latitude and longitude (degrees, approximate centre).
    """
    frame = _table("municipalities").join(_table("municipality_centres"), on="municipality", validate="1:1")
    counts = [name for name in frame.columns if name.startswith("year9_")]
    measures = ["mean_merit17_2025", "eligible_vocational_2025", "latitude", "longitude"]
    return frame.with_columns(pl.col(counts).cast(pl.Int64), pl.col(measures).cast(pl.Float64)).sort("code")


@cache
def programmes() -> pl.DataFrame:
    """Return the programmes: programme, name_sv, name_en and kind (vocational, preparatory, introduction, further)."""
    return _table("programmes")


@cache
def figures() -> pl.DataFrame:
    """Return published figures beside the routes: topic, year, entity, measure, value (a text), unit and source.

    ``source`` is where the figure was read, as an address or the name of a publisher's table.
    """
    sources = _table("figure_sources")
    return _table("figures").join(sources, on="source", validate="m:1").drop("source").rename({"where": "source"})
