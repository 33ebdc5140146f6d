"""The report in the terminal: totals, the twenty most telling routes, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admissions.reports import numbers
from admissions.reports.columns import Shown, columns_of
from admissions.reports.html import totals
from admissions.reports.page_texts import page_texts
from admissions.reports.wording import chain_text, move_text, round_text

if TYPE_CHECKING:
    from rich.console import Console

    from admissions.reports.columns import Language
    from admissions.reports.content import Report

_NARROW = ("school", "route_name", "seats", "first_choices", "limit", "clearing_number")
_WIDE = (*_NARROW, "admitted", "first_share", "reserves", "median")
_WIDE_ENOUGH = 130


def print_report(report: Report, console: Console, language: Language = "sv") -> None:
    """Print the report; merits in points, a dash where there is no figure."""
    from rich.table import Table
    from rich.text import Text

    texts = page_texts(language)
    about = report.about
    names = [round_text(one.name, language) for one in report.rounds]
    console.print()
    console.print(Text(f"{texts['title']} {about['year']}", style="bold"))
    console.print(f"{texts['run']} {about['id']}   {texts['rulebook']} {about['rules']}   {texts['verified']}")
    if about["assumption"]:
        chain = chain_text(about["tie_chain"], language)
        console.print(Text(f"{texts['assumption_word']}: {texts['assumption'].format(chain=chain)}", style="yellow"))

    table = Table(
        "", *names, *([texts["change"]] if len(names) > 1 else []), title=texts["totals"], title_justify="left"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for row in totals(report, language):
        table.add_row(row["words"], *row["cells"], style="bold" if row["strong"] else "")
    console.print(table)

    wide = console.width >= _WIDE_ENOUGH
    columns: list[Shown] = [one for one in columns_of("route") if one.name in (_WIDE if wide else _NARROW)]
    table = Table(title=f"{texts['telling']}, {names[-1]}", title_justify="left")
    titles = [one.title(language).replace("\xad", "" if wide else " ") for one in columns]
    least = [max(7, *(len(word) for word in title.split())) for title in titles]
    figures = sum(size + 3 for one, size in zip(columns, least, strict=True) if not one.is_text)
    longest = max(8, (console.width - figures - 1) // 2 - 5)
    for one, title, size in zip(columns, titles, least, strict=True):
        if one.is_text:
            table.add_column(title, no_wrap=True, overflow="ellipsis", max_width=longest)
        else:
            table.add_column(title, justify="right", overflow="fold", min_width=size)
    for values in report.telling.select(one.name for one in columns).iter_rows():
        table.add_row(*(Text(one.write(value, language)) for one, value in zip(columns, values, strict=True)))
    console.print(table)

    if report.smallest > 1:
        console.print(texts["hidden"].format(smallest=report.smallest))
    for change in report.changes:
        moved = ", ".join(
            f"{numbers.whole(persons, language)} {move_text(move, language)}"
            for move, persons in change.applicants.iter_rows()
            if persons
        )
        console.print(f"{round_text(change.before, language)} → {round_text(change.after, language)}: {moved}.")
