"""Many rows at once, past the layers made for few.

By the fastest road each database has: COPY on PostgreSQL, one prepared statement and plain tuples on SQLite.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import polars as pl
from sqlalchemy import Table
from sqlalchemy.orm import Session

MISSING = "\\N"
"""Stands for nothing in a copied table; texts are quoted, so that an empty one is told from it."""
Row = Sequence[str | int | bool | bytes | None]


def bulk_insert(session: Session, model: Any, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows of plain values; the order of each row is that of the columns.

    Values reach the driver as they are: text, integers, booleans, bytes and None only. Moments and JSON go through
    the models.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        A row breaks a constraint (SQLite). On PostgreSQL the driver's own error of the same meaning.
    """
    table: Table = model.__table__
    names = ", ".join(f'"{table.c[column].name}"' for column in columns)
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608 - names from our own models
        connection.connection.cursor().executemany(statement, cast("Any", rows))
        return
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def bulk_select(session: Session, model: Any, columns: Sequence[str], intake_id: str) -> pl.DataFrame:
    """Read columns of text and whole numbers of all rows of an intake, in no order.

    PostgreSQL writes them as CSV, which is read three times as fast as row by row; SQLite's driver gives tuples.
    """
    table: Table = model.__table__
    schema = {name: pl.Int64 if table.c[name].type.python_type is int else pl.String for name in columns}
    names = ", ".join(f'"{table.c[column].name}"' for column in columns)
    connection = session.connection()
    cursor: Any = connection.connection.cursor()
    query = f'SELECT {names} FROM "{table.name}" WHERE intake_id = '  # noqa: S608 - names from our own models
    if connection.dialect.name == "sqlite":
        rows = cursor.execute(f"{query}?", (intake_id,)).fetchall()
        return pl.DataFrame(rows, schema=schema, orient="row")
    texts = ", ".join(f'"{table.c[name].name}"' for name in columns if schema[name] == pl.String)
    form = f"FORMAT csv, NULL '{MISSING}', FORCE_QUOTE ({texts})"
    with cursor.copy(f"COPY ({query}%s) TO STDOUT ({form})", (intake_id,)) as copy:
        content = b"".join(copy)
    if not content:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(content, has_header=False, schema=schema, null_values=MISSING)
