"""Many rows at once, by the fastest road each database has: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

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
