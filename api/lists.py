"""Lists: paging, sorting and formats in the URL, the same for every list.

JSON comes in pages; a file (CSV, Swedish CSV, XLSX, Parquet) carries the whole filtered table, because a part of it
on somebody's disk is a trap.
"""

import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

import polars as pl
from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter
from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from admissions.tables.writing import write_swedish_csv, write_table
from api.problems import unprocessable

Format = Literal["json", "csv", "csv-sv", "xlsx", "parquet"]
MEDIA: Mapping[str, tuple[str, str]] = {
    "csv": ("text/csv; charset=utf-8", ".csv"),
    "csv-sv": ("text/csv; charset=utf-8", ".csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    "parquet": ("application/vnd.apache.parquet", ".parquet"),
}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind, _ in MEDIA.values()}}
}
"""For OpenAPI: a list also comes as a file."""
Row = TypeVar("Row")
Cells = dict[str, str | int | float | bool | None]
PLAIN = frozenset({pl.String, pl.Boolean, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt32})
"""Types whose JSON the table library writes as we would; it is many times faster at it."""


class Page(BaseModel, Generic[Row]):
    """One page of a list."""

    data: list[Row]
    total: int = Field(description="Rows of the whole filtered list.")
    offset: int
    limit: int


class ListQuery:
    """Which page, in what order, in what form."""

    def __init__(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, description="Rows of a page.")] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9, description="Rows before the page.")] = 0,
        sort: Annotated[
            str, Query(max_length=200, description="Columns to sort by, comma between; a minus before one turns it.")
        ] = "",
        format: Annotated[Format, Query(description="JSON in pages, or the whole list as a file.")] = "json",  # noqa: A002 - the name in the URL
    ) -> None:
        self.limit = min(limit, request.app.state.settings.page_limit)
        self.offset, self.sort, self.format = offset, sort, format

    def order(self, allowed: Sequence[str]) -> list[tuple[str, bool]]:
        """Give the columns to sort by, and whether downwards.

        Raises
        ------
        Problem
            422 ``unknown_column``: names the columns there are.
        """
        wanted = [(part.removeprefix("-"), part.startswith("-")) for part in self.sort.split(",") if part]
        for name, _ in wanted:
            if name not in allowed:
                raise unprocessable(
                    "unknown_column",
                    "The list has no such column to sort by.",
                    place="query sort",
                    remedy=f"Columns: {', '.join(allowed)}.",
                )
        return wanted


Listing = Annotated[ListQuery, Depends()]


def answer_frame(frame: pl.DataFrame, query: ListQuery, name: str, *, row: Any = Cells) -> Response:
    """Answer with a table that is in memory; ties keep its order."""
    order = query.order(frame.columns)
    if order:
        columns, down = [column for column, _ in order], [turned for _, turned in order]
        frame = frame.sort(columns, descending=down, nulls_last=True, maintain_order=True)
    if query.format != "json":
        return as_file(frame, query.format, name)
    page = frame.slice(query.offset, query.limit)
    if row is Cells and all(kind in PLAIN for kind in page.dtypes):
        return _page_of(page.write_json().encode(), len(frame), query)
    return _as_page(page.to_dicts(), len(frame), query, row)


def answer_select(
    session: Session,
    query: ListQuery,
    name: str,
    statement: Select[Any],
    columns: Mapping[str, SQLColumnExpression[Any]],
    *,
    key: Sequence[SQLColumnExpression[Any]],
    row: Any,
) -> Response:
    """Answer with what a statement finds.

    Parameters
    ----------
    session
        A reading transaction.
    query
        What was asked for.
    name
        Name of the file, where one was asked for.
    statement
        Says which rows, with every scope and filter applied; its columns do not matter.
    columns
        The columns of the list by name; each can be sorted by.
    key
        Makes the order complete, so that pages neither overlap nor miss a row.
    row
        Type of a row, as declared in the OpenAPI document.
    """
    order = [columns[one].desc() if down else columns[one].asc() for one, down in query.order(list(columns))]
    labelled: list[Any] = [column.label(one) for one, column in columns.items()]
    statement = statement.with_only_columns(*labelled, maintain_column_froms=True).order_by(None)
    ordered = statement.order_by(*order, *key)
    if query.format != "json":
        rows = [dict(found._mapping) for found in session.execute(ordered)]  # noqa: SLF001 - public in SQLAlchemy
        return as_file(pl.DataFrame(rows, schema=list(columns), infer_schema_length=None), query.format, name)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    page = session.execute(ordered.limit(query.limit).offset(query.offset))
    return _as_page([dict(found._mapping) for found in page], total, query, row)  # noqa: SLF001 - public in SQLAlchemy


@lru_cache
def _rows_of(row: Any) -> TypeAdapter[Any]:
    return TypeAdapter(list[row])


def _as_page(rows: list[dict[str, Any]], total: int, query: ListQuery, row: Any) -> Response:
    adapter = _rows_of(row)
    return _page_of(adapter.dump_json(adapter.validate_python(rows)), total, query)


def _page_of(data: bytes, total: int, query: ListQuery) -> Response:
    rest = f',"total":{total},"offset":{query.offset},"limit":{query.limit}}}'
    return Response(b'{"data":' + data + rest.encode(), media_type="application/json")


def as_file(frame: pl.DataFrame, form: str, name: str) -> Response:
    """Write a table as a file to take away."""
    media, suffix = MEDIA[form]
    nested = [column for column, kind in frame.schema.items() if kind.is_nested() or kind == pl.Object]
    moments = pl.col(pl.Datetime).dt.to_string("iso:strict")
    flat = frame.drop(nested).with_columns(moments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{suffix}"
        if form == "csv-sv":
            write_swedish_csv(flat, path)
        else:
            write_table(flat, path)
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}{suffix}"'}
    return Response(content, media_type=media, headers=headers)
