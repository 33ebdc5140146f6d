"""A paper of text and tables, set as PDF with typst or written as a workbook; equal papers, equal files."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PaperTable:
    """A table as it is set.

    Attributes
    ----------
    caption
        What it shows.
    heads, is_text
        Heading of each column, and whether it holds words.
    rows
        Cells as they are written.
    """

    caption: str
    heads: Sequence[str]
    is_text: Sequence[bool]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class Paper:
    """A paper.

    Attributes
    ----------
    stamp
        Stands at the head of every page and on every sheet.
    about
        What the figures belong to: pairs of a name and a value.
    paragraphs
        What is said before the tables.
    tables
        In their order.
    frames
        The same tables as figures, by the name of their sheet.
    page, of
        The words for page numbers.
    """

    language: str
    title: str
    stamp: str
    about: Sequence[tuple[str, str]]
    paragraphs: Sequence[str]
    tables: Sequence[PaperTable]
    frames: Sequence[tuple[str, pl.DataFrame]]
    page: str
    of: str


@cache
def _template() -> bytes:
    return (files("api.papers") / "paper.typ").read_bytes()


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False)


def paper_pdf(paper: Paper) -> bytes:
    """Set a paper as PDF, tagged for screen readers (PDF/UA-1); texts reach the template as data, never as markup."""
    import typst

    content = {
        "language": paper.language,
        "title": paper.title,
        "stamp": paper.stamp,
        "about": [list(pair) for pair in paper.about],
        "paragraphs": list(paper.paragraphs),
        "tables": [asdict(one) for one in paper.tables],
        "page": paper.page,
        "of": paper.of,
    }
    setting: Any = typst.compile  # the type stubs name neither fonts nor standards
    made: bytes = setting(
        _template(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    return made


def paper_xlsx(paper: Paper) -> bytes:
    """Write a paper as a workbook: a first sheet that says what it is, then a sheet a table with real numbers."""
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True})
    book.set_properties({"created": _NO_TIME, "title": paper.title, "comments": paper.stamp})
    bold = book.add_format({"bold": True, "text_wrap": True})
    first = book.add_worksheet(paper.stamp.partition(":")[0][:31].capitalize())
    first.write_string(0, 0, paper.stamp, bold)
    first.write_string(1, 0, paper.title, bold)
    lines: list[tuple[str, ...]] = [*((one,) for one in paper.paragraphs), *paper.about]
    for row, cells in enumerate(lines, 3):
        for column, text in enumerate(cells):
            first.write_string(row, column, text)
    first.set_column(0, 0, 40)
    first.set_column(1, 1, 70)
    for (name, frame), table in zip(paper.frames, paper.tables, strict=True):
        sheet = book.add_worksheet(name[:31])
        sheet.write_string(0, 0, f"{paper.stamp} – {table.caption}", bold)
        for column, title in enumerate(table.heads):
            sheet.write_string(1, column, title, bold)
            sheet.set_column(column, column, 26 if table.is_text[column] else 12)
        for row, values in enumerate(frame.iter_rows(), 2):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)
        sheet.freeze_panes(2, 1)
        sheet.set_header(f"&C{paper.stamp.partition(':')[0]}")
    book.close()
    return content.getvalue()
