from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from admissions.reports.columns import LIMITS, OUTCOME, SHORTFALL
from admissions.reports.content import SHOWN_LEVELS, report_of
from admissions.reports.files import published_frame, write_reports
from admissions.reports.html import html_report
from admissions.reports.published_layout import read_published
from admissions.reports.terminal import print_report
from admissions.rounds.folder import Run, write_run
from admissions.rounds.run import run_round
from admissions.rules import compile_round, compile_static
from tests.admissions.results.town import LOTTERY, rulebook, town


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    intake = town(150, seed=3, seats=4, quota=0.5)
    static = compile_static(intake, rulebook())
    rounds = [run_round(compile_round(static, name, lottery=LOTTERY), intake) for name in ("preliminary", "final")]
    run = Run(intake, static.rulebook, LOTTERY, rounds)
    about = write_run(tmp_path_factory.mktemp("run") / "run", run)
    comparison = pl.DataFrame(
        {
            "measure": ["admitted"],
            "generated": [27000.0],
            "published": [27360.0],
            "least": [26813.0],
            "most": [27907.0],
            "status": ["fitted"],
        }
    )
    return report_of(run, about, comparison=comparison), intake


@pytest.fixture(scope="module")
def page(written) -> str:
    return html_report(written[0])


def test_the_page_needs_nothing_from_outside(page):
    assert "<script" not in page
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)""", page)
    assert not re.search(r"url\((?!#)", page)
    assert "@import" not in page
    links = {url for url in re.findall(r"https?://[^\s\"'<)]+", page) if "w3.org" not in url}
    assert links == set()


def test_the_page_says_what_it_rests_on(page, written):
    about = written[0].about
    for text in (about["id"], about["root"], about["rules"], about["lottery"]["seed_phrase"], "ANTAGANDE"):
        assert text in page
    assert "oberoende kontrollerad" in page
    assert "Jämförelse med publicerade siffror" in page


def test_the_page_is_the_same_every_time_and_speaks_english_too(page, written):
    assert html_report(written[0]) == page
    english = html_report(written[0], "en")
    assert '<html lang="en">' in english
    assert "ASSUMPTION" in english
    assert "Utan plats" not in english


def test_every_link_of_the_contents_leads_somewhere(page):
    anchors = set(re.findall(r'href="#([a-z]+)"', page))
    assert anchors <= set(re.findall(r'id="([a-z]+)"', page))
    assert {"totals", "senses", "charts", "telling", "changes", "comparison", "route", "method"} <= anchors


def test_tables_have_captions_and_scopes(page):
    assert page.count("<table") == page.count("<caption") > 10
    assert "<th>" not in page


@pytest.mark.parametrize("level", SHOWN_LEVELS)
def test_every_level_has_every_figure(written, level):
    table = written[0].last.levels[level]
    wanted = {one.name for one in (*OUTCOME, *SHORTFALL)} | {one.name for one in LIMITS[1:]}
    assert wanted <= set(table.columns)


def test_the_terminal_shows_totals_and_the_most_telling_routes(written):
    for width in (80, 160):
        out = StringIO()
        print_report(written[0], Console(file=out, width=width), "en")
        text = out.getvalue()
        assert "ASSUMPTION" in text
        assert max(len(line) for line in text.splitlines()) <= width
        assert written[0].about["id"] in text
        assert all(line.endswith("│") for line in text.splitlines() if line.startswith("│"))  # nothing is cut off


def test_files_are_written_once_and_equal_twice(written, tmp_path):
    report, intake = written
    first = write_reports(report, intake, tmp_path / "a")
    second = write_reports(report, intake, tmp_path / "b")
    assert [path.name for path in first] == [path.name for path in second]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_the_workbook_has_a_sheet_for_each_roll_up_with_real_numbers(written, tmp_path):
    import python_calamine

    report, intake = written
    write_reports(report, intake, tmp_path)
    book = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "report.xlsx"))
    assert book.sheet_names[1:7] == ["Hela regionen", "Program", "Kommuner", "Huvudmän", "Skolor", "Studievägar"]
    rows = book.get_sheet_by_name("Program").to_python(skip_empty_area=False)
    head, first = rows[1], rows[2]
    assert head[0] == "Program"
    assert isinstance(first[1], float)
    assert first[1] == report.rounds[0].levels["programme"]["seats"][0]


def test_the_published_layout_reads_back(written, tmp_path):
    report, intake = written
    paths = write_reports(report, intake, tmp_path)
    path = next(Path(path) for path in paths if path.name == "final-published.xlsx")
    back = read_published(path)
    ours = published_frame(report.last.levels["route"], intake, "final")
    key = ["school", "route_name"]
    joined = back.join(ours, on=key, suffix="_ours")
    assert len(joined) == len(ours) == len(back)
    for column in ("admitted", "reserves", "vacant_seats", "seats", "lowest_merit"):
        assert (joined[column] == joined[f"{column}_ours"]).all(), column


def test_a_measure_with_nothing_to_count_is_neither_within_nor_without(written):
    """Among a handful of people there may be no median, no share: the report says nothing then."""
    comparison = written[0].comparison.with_columns(pl.lit(None, pl.Float64).alias("generated"))
    page = html_report(replace(written[0], comparison=comparison))
    assert ">ja<" not in page.split('id="comparison"')[1].split("</table>")[0]
    assert ">nej<" not in page.split('id="comparison"')[1].split("</table>")[0]
