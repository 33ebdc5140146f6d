"""The scenario pages: made, edited by table and by paste, refused with every problem, run, read, shared, exported."""

import re

import pytest

from api.web.scenario_forms import Draft, draft_of, overlay_of, share, whole
from api.web.texts import Texts
from tests.api import stages
from tests.api.stages import the_run
from tests.api.web.conftest import browser_like, sign_in
from tests.api.web.test_pages import Page, inside, no_other_language, nothing_inline

SV = Texts("sv")


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def signed_in(service, who):
    client = browser_like(service.app)
    sign_in(client, who)
    return client


@pytest.fixture
def planner(published):
    return signed_in(published, "planner")


def create(client, service, name="Fler platser"):
    answer = client.post("/scenarios", data={"run_id": the_run(service), "name": name})
    assert answer.status_code == 200, answer.text
    return answer.url.path


def version(text):
    return re.search(r'name="version" value="(\d+)"', text)[1]


def save(client, path, **fields):
    page = client.get(path).text
    form = {"name": "Fler platser", "version": version(page), "act": "save"} | fields
    return client.post(path, data=form)


def test_seats_are_changed_in_the_table_and_by_paste(published, planner):
    path = create(planner, published)
    found = planner.post(path, data={"act": "find", "q": "r0001", "name": "Fler platser", "version": "1"})
    assert 'name="change.r0001"' in found.text
    saved = save(planner, path, **{
        "change.r0001": "+5", "closed.r0002": "1", "pasted": "Studieväg\tPlatser\nr0003\tx\t+2\nr0004;40\n\n",
        "cohort_home.1": "Nacka", "cohort_growth.1": "6,5", "new_like.1": "r0005", "new_seats.1": "10",
        "new_listed_by.1": "40", "rules": "sjuharad",
    })  # fmt: skip
    assert saved.status_code == 200, saved.text
    assert "Sparat." in saved.text
    scenario = published.as_("office").get(f"/api/v1{path}").json()
    assert scenario["version"] == 2
    assert scenario["overlay"] == {
        "seats": [{"route": "r0001", "change": 5}, {"route": "r0003", "change": 2}, {"route": "r0004", "seats": 40}],
        "closed_route": [{"route": "r0002"}],
        "cohort": [{"municipality": "Nacka", "growth": 0.065}],
        "new_route": [{"like": "r0005", "route": "new-1", "seats": 10, "listed_by": 0.4}],
        "rules": {"rulebook": "sjuharad"},
    }
    again = planner.get(path).text
    for part in ('value="+5"', 'value="40"', 'value="+6.5"', "<option selected>sjuharad"):
        assert part in again


def test_every_problem_is_shown_and_nothing_typed_is_lost(published, planner):
    path = create(planner, published)
    answer = save(
        planner, path, **{"change.r0001": "many", "pasted": "r0003\t5\nr0004 9\nr0005\tx", "cohort_home.1": "Nacka"}
    )
    assert answer.status_code == 422
    assert len(re.findall("<li>", answer.text.partition('id="problems"')[2].partition("</div>")[0])) == 4
    assert 'value="many"' in answer.text
    assert "r0004 9" in answer.text
    refused = save(planner, path, **{"change.nowhere": "5", "change.r0001": "-9999"})
    assert refused.status_code == 422
    assert "nowhere" in refused.text.partition('id="problems"')[2]
    assert "-9999" in refused.text
    assert published.as_("office").get(f"/api/v1{path}").json()["version"] == 1


def test_a_stale_form_is_refused(published, planner):
    path = create(planner, published)
    assert save(planner, path, **{"change.r0001": "5"}).status_code == 200
    stale = planner.post(path, data={"name": "Other", "version": "1", "act": "save"})
    assert stale.status_code == 409
    assert published.as_("office").get(f"/api/v1{path}").json()["name"] == "Fler platser"


def test_a_scenario_is_run_and_its_result_shown_with_intervals_and_stamp(published, planner):
    path = create(planner, published)
    save(planner, path, **{"change.r0001": "5", "change.r0002": "3"})
    running = planner.post(f"{path}/run", data={"years": "4", "seed_lottery": "3", "seed_behaviour": "1"})
    assert "<progress" in running.text
    published.work()
    assert "Visa resultatet" in planner.get(path).text
    for language in ("sv", "en"):
        answer = planner.get(f"{path}/result?lang={language}")
        assert answer.status_code == 200, answer.text
        page = Page(answer.text)
        inside(page, path)
        nothing_inline(page, path)
        no_other_language(page, language, path)
        assert len(answer.content) < 300_000
        assert ("ARBETSMATERIAL" if language == "sv" else "WORKING MATERIAL") in answer.text
    totals = planner.get(f"{path}/result?format=csv&table=totals&lang=en")
    assert "working-material-totals" in totals.headers["content-disposition"]
    lines = totals.text.splitlines()
    assert lines[0].startswith("name,baseline,baseline_low,baseline_high,scenario")
    seats = next(line for line in lines if line.startswith("Seats"))
    assert seats.split(",")[7:10] == ["8.0", "8", "8"]
    assert all("working material" in line for line in lines[1:])
    for chart in ("programmes", "flows"):
        if f'id="chart-{chart}"' in answer.text:
            assert planner.get(f"{path}/result?format=svg&chart={chart}").text.startswith("<svg")
    assert planner.get(f"{path}/result?measure=vacancies&people=first").status_code == 200
    save(planner, path, **{"change.r0001": "6"})
    assert "tidigare version" in planner.get(f"{path}/result?lang=sv").text


def test_a_run_is_stopped(published, planner):
    path = create(planner, published)
    planner.post(f"{path}/run", data={"years": "4"})
    page = planner.get(path).text
    job = re.search(r'name="job" value="(\w+)"', page)[1]
    assert "avbrutet" in planner.post(f"{path}/cancel", data={"job": job}).text
    assert planner.get(f"{path}/result").status_code == 404


def test_others_read_a_shared_scenario_and_copy_it(published, planner):
    path = create(planner, published)
    analyst = signed_in(published, "analyst")
    assert analyst.get(path).status_code == 404
    planner.post(f"{path}/share", data={"shared": "true", "version": "1"})
    page = analyst.get(path).text
    assert "<fieldset disabled>" in page
    assert 'value="save"' not in page
    assert "Fler platser" in analyst.get("/scenarios").text
    copy = analyst.post(f"{path}/duplicate", data={"name": "Min egen"})
    assert copy.url.path != path
    assert "<fieldset>" in copy.text
    assert analyst.post(path, data={"name": "x", "version": "2", "act": "save"}).status_code == 409
    gone = planner.post(f"{path}/delete", data={"version": "2"})
    assert gone.url.path == "/scenarios"
    assert analyst.get(path).status_code == 404


def test_the_editor_in_both_languages(published, planner):
    path = create(planner, published)
    save(planner, path, **{"change.r0001": "5"})
    for address in ("/scenarios", path, f"{path}?q=program"):
        for language in ("sv", "en"):
            answer = planner.get(address, params={"lang": language} if "?" not in address else None)
            page = Page(answer.text)
            inside(page, address)
            nothing_inline(page, address)
            names = [value for _, attributes in page.tags for name, value in attributes.items() if name == "id"]
            assert len(names) == len(set(names))
            labels = {attributes.get("for") for tag, attributes in page.tags if tag == "label"}
            for tag, attributes in page.tags:
                if tag in {"input", "select", "textarea"} and attributes.get("type") not in {"hidden", "checkbox"}:
                    assert attributes.get("id") in labels or attributes.get("aria-label"), attributes


def test_what_the_form_does_not_edit_is_kept(published, planner):
    overlay = {
        "seats": [{"route": "r0001", "change": 5, "round": "preliminary"}, {"route": "r0002", "change": 1}],
        "behaviour": {"rechoice": {"no_seat": 0.4}},
    }
    draft = draft_of("x", overlay)
    problems = []
    assert overlay_of(draft, SV, problems) == {
        "seats": [{"route": "r0002", "change": 1}, {"route": "r0001", "change": 5, "round": "preliminary"}],
        "behaviour": {"rechoice": {"no_seat": 0.4}},
    }
    assert problems == []


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5), ("+5", 5), ("−5", -5), ("1 000", 1000), ("", None), ("5.5", None), ("٣", None)]
)
def test_whole_numbers_as_people_write_them(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("5", 0.05), ("6,5 %", 0.065), ("-100", -1.0), ("nan", None), ("inf", None), ("x", None)]
)
def test_growth_as_people_write_it(text, number):
    assert share(text) == number


def test_a_spreadsheet_of_too_many_lines_is_refused():
    problems = []
    overlay_of(Draft("x", pasted="r1\t5\n" * 3000), SV, problems)
    assert len(problems) == 1
