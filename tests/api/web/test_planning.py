"""More seats: shortfalls, curves on choosing routes, intervals, packages with their gap, decision papers."""

import io
import re
import zipfile

import polars as pl
import pytest

from tests.api import stages
from tests.api.stages import the_run
from tests.api.web.test_pages import Page, inside, no_other_language, nothing_inline
from tests.api.web.test_scenarios import signed_in


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


@pytest.fixture
def planner(published):
    return signed_in(published, "planner")


def checked(client, path):
    for language in ("sv", "en"):
        answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert answer.status_code == 200, answer.text
        page = Page(answer.text)
        inside(page, path)
        nothing_inline(page, path)
        no_other_language(page, language, path)
        names = [value for _, attributes in page.tags for name, value in attributes.items() if name == "id"]
        assert len(names) == len(set(names)), path
        assert len(answer.content) < 300_000
    client.get("/seats?lang=sv")
    return answer.text


def test_shortfalls_and_curves_of_chosen_routes(published, planner):
    page = planner.get("/seats").text
    assert 'id="table-shortfalls"' in page
    assert "Ingen studieväg är vald" in page
    link = re.search(r'href="(/seats\?[^"]*curve=r\d+[^"]*)"', page)[1].replace("&amp;", "&").partition("#")[0]
    text = checked(planner, link)
    assert 'id="chart-curves"' in text
    table = planner.get(f"{link}&format=csv&table=curves").text.splitlines()
    assert len(table) == 31
    assert planner.get(f"{link}&format=svg&chart=curves").text.startswith("<svg")
    assert planner.get("/seats?curve=nothing").status_code == 200
    four = "&".join(f"curve=r000{number}" for number in range(6))
    assert planner.get(f"/seats?{four}&format=csv&table=curves").text.count("\n") == 4 * 30 + 1


def test_intervals_come_from_the_newest_values(published, planner):
    asked = {"run_id": the_run(published), "lotteries": "12", "years": "2", "top": "3"}
    page = planner.post("/seats/values", data=asked)
    assert "<progress" in page.text
    published.work()
    text = checked(planner, "/seats")
    assert "12 fresh lotteries" in text
    rows = pl.read_csv(io.BytesIO(planner.get("/seats?format=csv&table=seats").content))
    for name in ("values_better_off", "values_newly_placed", "values_years_better_off"):
        assert (rows[f"{name}_low"] <= rows[f"{name}_high"]).all()
    best = rows["route_id"][0] if "route_id" in rows.columns else None
    assert best is None
    assert (
        set(rows["stamp"]) == {f"working material, {the_run(published)[:12]}"} or "arbetsmaterial" in rows["stamp"][0]
    )


def test_a_route_says_what_its_next_seats_are_worth(published, planner):
    before = planner.get("/routes/r0000").text
    assert "Intervall är inte räknade än" in before
    planner.post("/seats/values", data={"run_id": the_run(published), "lotteries": "12", "top": "8"})
    published.work()
    after = checked(planner, "/routes/r0000")
    assert "not been worked out" not in after
    rows = pl.read_csv(io.BytesIO(planner.get("/routes/r0000?format=csv&table=curves").content))
    assert rows["seats"].to_list() == [1, 2, 5, 10, 20, 30]
    assert rows["better_off_low"][0] is not None


def test_a_package_its_gap_what_it_changes_and_its_paper(published, planner):
    planner.post("/seats/packages", data={"run_id": the_run(published), "seats": "5"})
    published.work()
    page = checked(planner, "/seats")
    link = re.search(r'href="(/seats/packages/\w+)\?', page)[1]
    text = checked(planner, link)
    assert "WORKING MATERIAL" in text
    totals = planner.get(f"{link}?format=csv&table=totals").text
    assert "arbetsmaterial" in totals or "working material" in totals
    for language, word in (("sv", "arbetsmaterial"), ("en", "working-material")):
        paper = planner.get(f"{link}/paper?lang={language}")
        assert paper.content.startswith(b"%PDF")
        assert word in paper.headers["content-disposition"]
        book = planner.get(f"{link}/paper?lang={language}&format=xlsx")
        with zipfile.ZipFile(io.BytesIO(book.content)) as archive:
            names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            texts = archive.read("xl/sharedStrings.xml").decode()
        assert len(names) == 5
        assert texts.count(word.replace("-", " ").upper()) == 5
    assert planner.get("/seats/packages/nothing/paper").status_code == 404


def test_equal_papers_are_equal_files(published, planner):
    planner.post("/seats/packages", data={"run_id": the_run(published), "seats": "5"})
    published.work()
    link = re.search(r'href="(/seats/packages/\w+)\?', planner.get("/seats").text)[1]
    assert planner.get(f"{link}/paper").content == planner.get(f"{link}/paper").content


def test_who_may_not_write_gets_no_form(published):
    principal = signed_in(published, "office")
    assert 'action="/seats/packages"' in principal.get("/seats").text
    assert published.as_("auditor").post("/seats/packages", data={"run_id": "x", "seats": "1"}).status_code == 403
