"""Statistics of a run as a Frictionless data package: CSV files and the description of every column.

Source: the Data Package and Table Schema specifications, version 1 (profile ``tabular-data-package``). What is in it is
what is published: the layout per study route, sums of it, the cut-offs, and the one declared table about people, whose
small counts were hidden over the whole table.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from admissions.rounds.staging import staged
from api.exchange.codes import with_municipality_code
from api.exchange.package_fields import RESOURCES, Resource

DESCRIPTOR = "datapackage.json"
LICENCE = {
    "name": "CC0-1.0",
    "title": "CC0 1.0 Universal",
    "path": "https://creativecommons.org/publicdomain/zero/1.0/",
}
SOURCES = (
    {"title": "Municipality codes: Statistics Sweden (SCB)", "path": "https://www.scb.se/"},
    {"title": "Programme, study route and school unit codes: Skolverket", "path": "https://www.skolverket.se/"},
)


@dataclass(frozen=True)
class Published:
    """What is said of the run.

    Parameters
    ----------
    id, root
        Of the run: the root hash stands in its certificate.
    year, round
        Of the intake.
    name
        Who made it: name of the intake or of the office.
    assumption
        The people are generated, or a rule was assumed.
    """

    id: str
    root: str
    year: int
    round: str
    name: str
    assumption: bool = False


def package_files(published: Published, tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Make the files of a package by name; equal runs give equal bytes.

    Parameters
    ----------
    published
        The run.
    tables
        ``demand``, ``cutoffs``, ``people-without-seat`` and ``shortfalls-LEVEL`` as the service keeps them.
    """
    files: dict[str, bytes] = {}
    described = []
    for resource in RESOURCES:
        frame = _table(resource, tables, published)
        content = frame.write_csv().encode()
        files[f"{resource.name}.csv"] = content
        described.append(_described(resource, content))
    files[DESCRIPTOR] = (json.dumps(_descriptor(published, described), indent=2, ensure_ascii=False) + "\n").encode()
    return files


def write_package(out: Path, published: Published, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write a package into a new folder, all or nothing.

    Raises
    ------
    FolderTakenError
        Something stands at `out`.
    """
    files = package_files(published, tables)
    with staged(out) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)


def _table(resource: Resource, tables: Mapping[str, pl.DataFrame], published: Published) -> pl.DataFrame:
    frame = tables[resource.table]
    if "municipality" in frame.columns:
        frame = with_municipality_code(frame)
    frame = frame.with_columns(pl.lit(published.year).alias("year"), pl.lit(published.round).alias("round"))
    columns = []
    for one in resource.fields:
        column = pl.col(one.source or one.name)
        if one.type == "number":
            column = _points(column)
        elif one.type == "string":
            column = column.fill_null("").replace("", one.empty or None)
        columns.append(column.alias(one.name))
    return frame.select(columns).sort(resource.key, nulls_last=True)


def _points(column: pl.Expr) -> pl.Expr:
    """Write hundredths as points with two decimals, exactly."""
    whole, rest = (column // 100).cast(pl.String), (column % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(whole, rest, separator=".")


def _described(resource: Resource, content: bytes) -> dict[str, Any]:
    return {
        "name": resource.name,
        "title": resource.title,
        "path": f"{resource.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {
            "fields": [one.described() for one in resource.fields],
            "missingValues": [""],
            "primaryKey": list(resource.key),
        },
    }


def _descriptor(published: Published, resources: list[dict[str, Any]]) -> dict[str, Any]:
    about = (
        f"Upper-secondary admission {published.year}, round {published.round}: seats, choices, admitted, limits and "
        "shortfalls. Merits are in points."
    )
    if published.assumption:
        about += " A demonstration: rules or people are assumptions."
    return {
        "profile": "tabular-data-package",
        "name": f"admission-{published.year}-{published.round}",
        "id": published.id,
        "title": f"{published.name}: {published.round}",
        "description": about,
        "version": "1.0.0",
        "licenses": [LICENCE],
        "sources": [
            {"title": f"Verified run {published.id}, root hash of rows and decisions {published.root}"},
            *SOURCES,
        ],
        "resources": resources,
    }
