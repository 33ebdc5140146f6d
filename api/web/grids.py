"""Tables of a page: sorted, cut into pages and with chosen columns by the URL, and exported exactly as shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any
from urllib.parse import urlencode

import polars as pl
from fastapi import Request, Response

from admissions.reports import numbers
from admissions.reports.columns import Shown
from admissions.reports.wording import programme_text
from api.lists import as_file
from api.sorting import sort_key
from api.web.suppression import HIDDEN
from api.web.texts import Language

ROWS = 100
FORMATS = ("csv-sv", "csv", "xlsx")
_WORDS = frozenset({"text", "programme"})
Link = Callable[[Mapping[str, Any]], str]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Column of the frame.
    kind
        How its values are written: text, programme, whole, merit (hundredths), share, signed, signed_merit, hidden
        (a count; -1 stands for one that is not told).
    heading, meaning
        Swedish and English.
    shown
        Whether it is shown unless the URL says otherwise.
    link
        Makes an address out of a row, where a cell leads on; an empty one leads nowhere.
    """

    name: str
    kind: str
    heading: Pair
    meaning: Pair = ("", "")
    shown: bool = True
    link: Link | None = None

    @classmethod
    def of(cls, one: Shown, *, shown: bool = True, link: Link | None = None) -> "Column":
        """Take over a column of the reports: one heading and meaning everywhere."""
        return cls(one.name, one.kind, one.heading, one.meaning, shown, link)

    @property
    def is_text(self) -> bool:
        """Whether the column holds words."""
        return self.kind in _WORDS

    def title(self, language: Language) -> str:
        """Give the heading."""
        return self.heading[0 if language == "sv" else 1]

    def explained(self, language: Language) -> str:
        """Give the meaning."""
        return self.meaning[0 if language == "sv" else 1]

    def write(self, value: Any, language: Language) -> str:
        """Write a value."""
        return _WRITERS.get(self.kind, numbers.whole)(value, language)


def _signed_merit(value: int | None, language: Language) -> str:
    if not value:
        return "–"
    return ("+" if value > 0 else numbers.MINUS) + numbers.merit(abs(value), language)


_WRITERS: Mapping[str, Callable[[Any, Language], str]] = {
    "text": lambda value, _: "" if value is None else str(value),
    "programme": lambda value, language: programme_text(str(value or ""), language),
    "merit": numbers.merit,
    "share": numbers.share,
    "signed": numbers.signed,
    "signed_merit": _signed_merit,
    "hidden": lambda value, language: "." if value == HIDDEN else numbers.whole(value, language),
}


@dataclass(frozen=True, eq=False)
class Grid:
    """A table as it is shown.

    Parameters
    ----------
    name
        Names it in the URL of an export.
    caption
        What it shows.
    columns
        The columns shown; `offered` are all there are.
    frame
        All its rows, in the order shown.
    language
        Of headings and figures.
    sort
        Column it is sorted by, with a minus in front for downwards; empty for a fixed order.
    page, rows
        Which page, and rows of a page; 0 rows: all on one page.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    frame: pl.DataFrame
    language: Language
    sort: str = ""
    sortable: bool = False
    page: int = 1
    rows: int = 0
    of: int = 0
    offered: Sequence[Column] = field(default_factory=tuple)

    @property
    def total(self) -> int:
        """All rows that fit the filters."""
        return len(self.frame)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.rows)) if self.rows else 1

    @property
    def first(self) -> int:
        """Number of the first row on the page, from one."""
        return (self.page - 1) * self.rows + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Number of the last row on the page."""
        return min(self.total, self.page * self.rows) if self.rows else self.total

    def heads(self) -> list[dict[str, Any]]:
        """Give the headings, with what a click on each would sort by."""
        heads = []
        for one in self.columns:
            down = self.sort == f"-{one.name}"
            sorted_by = down or self.sort == one.name
            first = one.name if one.is_text else f"-{one.name}"
            other = first if not sorted_by else (one.name if down else f"-{one.name}")
            heads.append(
                {
                    "words": one.title(self.language),
                    "meaning": one.explained(self.language),
                    "text": one.is_text,
                    "order": ("descending" if down else "ascending") if sorted_by else "",
                    "sort": other,
                }
            )
        return heads

    def body(self) -> str:
        """Give the rows of the page as HTML; a template engine is slow on many cells."""
        part = self.frame.slice((self.page - 1) * self.rows, self.rows) if self.rows else self.frame
        lines = []
        for row in part.iter_rows(named=True):
            cells = [self._cell(number, one, row) for number, one in enumerate(self.columns)]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return "\n".join(lines)

    def _cell(self, number: int, one: Column, row: Mapping[str, Any]) -> str:
        text = escape(one.write(row[one.name], self.language))
        leads = one.link(row) if one.link is not None else ""
        if leads:
            text = f'<a href="{escape(leads)}">{text}</a>'
        if number == 0:
            return f'<th scope="row">{text}</th>'
        return f'<td class="text">{text}</td>' if one.is_text else f"<td>{text}</td>"

    def export(self, form: str) -> Response:
        """Write the table as a file: all rows, the columns shown, merits in points."""
        plain = self.frame.select(_plain(one) for one in self.columns)
        if form != "csv":
            titles: list[str] = []
            for one in self.columns:  # a heading of two columns alike would be refused
                title = one.title(self.language).replace("\xad", "")
                titles.append(title if title not in titles else f"{title} ({one.name})")
            plain = plain.rename(dict(zip(plain.columns, titles, strict=True)))
        return as_file(plain, form, self.name)


def _plain(one: Column) -> pl.Expr:
    column = pl.col(one.name)
    if one.kind in {"merit", "signed_merit"}:
        return (column / 100).alias(one.name)
    if one.kind == "hidden":
        return pl.when(column == HIDDEN).then(pl.lit(".")).otherwise(column.cast(pl.String)).alias(one.name)
    return column


def ordered(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Sort by columns of words, å ä ö last."""
    return frame.sort([_key(frame, name) for name in names], maintain_order=True)


def _key(frame: pl.DataFrame, name: str) -> pl.Expr:
    if frame.schema[name] != pl.String:
        return pl.col(name)
    known = {value: sort_key(value) for value in frame[name].unique().to_list() if value is not None}
    return pl.col(name).replace_strict(known, default=None, return_dtype=pl.String)


def fixed(name: str, caption: str, columns: Sequence[Column], frame: pl.DataFrame, language: Language) -> Grid:
    """Make a short table in its own order."""
    return Grid(name, caption, columns, frame, language)


def sortable(
    request: Request,
    name: str,
    caption: str,
    columns: Sequence[Column],
    frame: pl.DataFrame,
    language: Language,
    *,
    sort: str,
    of: int = 0,
    rows: int = ROWS,
) -> Grid:
    """Make the table of a page, as its URL says: ``sort``, ``col``, ``page``; what is unknown there is left aside."""
    asked = request.query_params
    wanted = set(asked.getlist("col"))
    picked = [one for one in columns if one.name in wanted] if wanted else [one for one in columns if one.shown]
    if columns[0] not in picked:
        picked = [columns[0], *picked]
    by = asked.get("sort", "")
    known = {one.name for one in columns}
    if by.removeprefix("-") not in known:
        by = sort
    column = by.removeprefix("-")
    frame = frame.sort(_key(frame, column), descending=by.startswith("-"), nulls_last=True, maintain_order=True)
    grid = Grid(
        name, caption, picked, frame, language, by, sortable=True, rows=rows, of=of or len(frame), offered=columns
    )
    return on_page(request, grid)


def on_page(request: Request, grid: Grid) -> Grid:
    """Turn a table to the page of the URL, the last one if there are fewer."""
    number = request.query_params.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    return replace(grid, page=min(page, grid.pages))


def paged(
    request: Request, name: str, caption: str, columns: Sequence[Column], frame: pl.DataFrame, language: Language
) -> Grid:
    """Make a long table in its own order."""
    return on_page(request, Grid(name, caption, columns, frame, language, rows=ROWS))


def address(path: str, params: Mapping[str, Any]) -> str:
    """Give an address with the parameters that have a value."""
    query = urlencode({name: value for name, value in params.items() if value is not None and value != ""}, doseq=True)
    return f"{path}?{query}" if query else path
