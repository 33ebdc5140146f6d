"""The leaves of a round's Merkle tree, all at once.

The text of a leaf is defined by `admissions.verifier.receipts.leaf_text`; this module writes the same texts for every
applicant column by column, because thirty thousand small JSON documents one by one take longer than the admission.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl

_UNSAFE = r"[\x00-\x1f]"


def leaf_hashes(rows: Path, decisions: Path, round_name: str) -> list[tuple[str, bytes]]:
    """Return every applicant with a line in either file, sorted by code points, and the hash of their leaf.

    Raises
    ------
    ValueError
        If a cell holds a control character: no table of a run does.
    """
    parts = [_objects(path, name) for path, name in ((decisions, "decisions"), (rows, "rows"))]
    both = parts[0].join(parts[1], on="applicant", how="full", coalesce=True).sort("applicant")
    lists = [pl.col(name).fill_null("") for name in ("decisions", "rows")]
    texts = both.select(
        pl.col("applicant"),
        pl.concat_str(
            pl.lit('{"applicant":"'),
            _escaped("applicant"),
            pl.lit('","decisions":['),
            lists[0],
            pl.lit(f'],"round":{json.dumps(round_name, ensure_ascii=False)},"rows":['),
            lists[1],
            pl.lit("]}"),
        ).alias("text"),
    )
    return [(applicant, hashlib.sha256(b"\x00" + text.encode()).digest()) for applicant, text in texts.iter_rows()]


def _objects(path: Path, name: str) -> pl.DataFrame:
    """Return each applicant's lines of a table as JSON objects, columns sorted by name, separated by commas."""
    table = pl.read_csv(path, infer_schema=False).with_columns(pl.all().fill_null(""))
    if table.select(pl.any_horizontal(pl.all().str.contains(_UNSAFE).any())).item():
        raise ValueError(f"{path.name} holds a control character")
    cells: list[pl.Expr] = []
    for number, column in enumerate(sorted(table.columns)):
        before = "{" if number == 0 else '",'
        cells += [pl.lit(f'{before}{json.dumps(column, ensure_ascii=False)}:"'), _escaped(column)]
    line = pl.concat_str(*cells, pl.lit('"}')).alias(name)
    return table.select("applicant", line).group_by("applicant", maintain_order=True).agg(pl.col(name).str.join(","))


def _escaped(column: str) -> pl.Expr:
    """Return a column as the inside of a JSON text."""
    return pl.col(column).str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
