"""The page of a run beside other runs: what blocks the next, what a correction changed, another system's result."""

import io
import re

import polars as pl
import pytest
from sqlalchemy import select

from api.store.models import Run
from tests.api import stages
from tests.api.resources.test_comparisons import changed, official
from tests.api.resources.test_diffs import corrected
from tests.api.web.test_pages import Page, no_other_language, nothing_inline
from tests.api.web.test_reserve import browser, hidden


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


def test_what_remains_before_the_next_run_is_counted(verified):
    page = browser(verified, "office").get("/round").text
    assert "Inför nästa körning" in page
    assert re.search(r"(\d+ listor|Inget) hindrar slutantagning", page, re.IGNORECASE)
    assert 'href="/worklists/' in page
    assert "Inför nästa körning" not in browser(verified, "analyst").get("/round").text


def test_a_correction_is_shown_with_its_differences_before_it_is_published(verified):
    old, new, _ = corrected(verified)
    office = browser(verified, "office")
    page = office.get(f"/round?run=i&pin={new}&round=preliminary").text
    assert "Körningen är en rättelse." in page
    assert "Indata är ändrade." in page
    assert old[:12] in page
    path = re.search(r'href="(/round/changes[^"]*)"', page)[1].replace("&amp;", "&")
    whole = office.get(path).text
    assert "Platserna på studievägen" in whole
    table = pl.read_csv(io.BytesIO(office.get(f"{path}&format=csv&table=routes").content))
    assert table.filter(pl.col("seats_change") == -3).height == 1
    narrowed = pl.read_csv(io.BytesIO(office.get(f"{path}&cause=seats&format=csv&table=decisions").content))
    assert set(narrowed["cause"]) == {"Platserna på studievägen"}
    assert office.get(f"/round/changes?pin={new}&with={new}").status_code == 200
    assert "table-decisions" not in browser(verified, "auditor").get(path).text


def test_a_run_is_corrected_from_its_page(verified):
    office = browser(verified, "office")
    action, fields = hidden(office.get("/round").text, "/round/correct")
    assert office.post(action, data=fields).status_code == 200
    verified.work()
    with verified.store.read() as session:
        new = session.scalars(select(Run.id).where(Run.corrects.is_not(None))).one()
    page = office.get(f"/round?run=i&pin={new}&round=preliminary").text
    assert "Körningen är en rättelse." in page
    assert "Resultatet är detsamma." in page


def test_another_systems_result_is_compared_from_the_page(verified):
    office = browser(verified, "office")
    action, fields = hidden(office.get("/round").text, "/round/comparisons")
    frame, row = changed(verified)
    files = {"file": ("beslut.csv", frame.write_csv().encode())}
    page = office.post(action, data=fields, files=files)
    assert page.status_code == 200, page.text
    assert "beslut.csv" in page.text
    assert "Meritvärde eller rangordning" in page.text
    assert row["applicant"] in page.text
    assert "beslut.csv" in office.get("/round").text
    assert row["applicant"] not in browser(verified, "auditor").get(str(page.url)).text


def test_a_file_with_problems_is_shown_with_all_of_them(verified):
    office = browser(verified, "office")
    action, fields = hidden(office.get("/round").text, "/round/comparisons")
    frame = official(verified).with_columns(pl.lit("hm").alias("status")).head(3)
    page = office.post(action, data=fields, files={"file": ("x.csv", frame.write_csv().encode())})
    assert page.status_code == 422
    assert "3 fel i filen" in page.text
    assert office.post(action, data=fields).status_code == 422
    assert "table-comparisons" in office.get("/round").text


def test_pages_of_differences_need_two_runs(verified):
    office = browser(verified, "office")
    assert office.get("/round/changes").status_code == 409
    assert office.get("/round/comparison?comparison=none").status_code == 404
    assert "Vad som ändrats" not in office.get("/round").text


def test_the_pages_of_a_stored_run_stand_in_both_languages(verified):
    """What pages of a run folder do not show: comparisons, corrections, calls."""
    frame, _ = changed(verified)
    _, new, _ = corrected(verified)
    office = browser(verified, "office")
    run = verified.as_("office").get(f"/api/v1/runs/{new}").json()["id"]
    files = {"file": ("x.csv", frame.write_csv().encode())}
    made = verified.as_("office").post(f"/api/v1/runs/{run}/comparisons", files=files).json()["id"]
    about = f"run=i&round=preliminary&pin={new}"
    for path in ("/round", "/round/changes", f"/round/comparison?comparison={made}", "/reserve"):
        for language in ("sv", "en"):
            address = f"{path}{'&' if '?' in path else '?'}{about}&lang={language}"
            answer = office.get(address)
            assert answer.status_code == 200, (address, answer.text[:300])
            page = Page(answer.text)
            assert len([tag for tag, _ in page.tags if tag == "h1"]) == 1
            nothing_inline(page, address)
            no_other_language(page, language, address)
