"""Every page in a browser: nothing from elsewhere, no complaint, axe finds nothing serious, charts are drawn."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.pages_run import LANGUAGES, OFFICE_PAGES, PAGES, with_language

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}


def sign_in(page, name="Olga Office"):
    page.goto("/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/")


def addresses(page):
    page.goto("/demand?level=route&sort=-reserves")
    route = page.locator("tbody th a").first.get_attribute("href")
    page.goto(route)
    applicant = page.locator("#table-ranked tbody th a").last.get_attribute("href")
    found = [path for path in PAGES if "{" not in path]
    office = [path for path in OFFICE_PAGES if "{" not in path]
    person = re.sub(r"\?.*", "", applicant)
    return [*found, re.sub(r"\?.*", "", route), *office, person, f"{person}?view=applicant"]


def scroll_through(page):
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    for figure in page.locator("figure").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".drawing svg").wait_for()


@pytest.mark.parametrize("languages", [1, pytest.param(2, marks=pytest.mark.full)])
def test_axe_on_every_page(visit, languages):
    """Every page in one language, in turn; all pages in both take twice as long and are left to the full run."""
    page, watch = visit()
    sign_in(page)
    axe = Axe()
    drawn = 0
    large = {"/demand?level=route", "/applicants"}  # the same templates as others, in the full run only
    paths = [path for path in addresses(page) if languages > 1 or path not in large]
    for number, path in enumerate(paths):
        for language in (LANGUAGES * 2)[number % 2 :][:languages]:
            page.goto(with_language(path, language))
            scroll_through(page)
            drawn += page.locator(".drawing svg").count()
            found = [one for one in axe.run(page).response["violations"] if one["impact"] in SERIOUS]
            told = [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in found]
            assert told == [], (path, language)
    assert drawn >= 6 * languages
    watch.is_clean()


def test_without_script_charts_are_pictures(visit):
    page, watch = visit(java_script_enabled=False)
    page.goto("/replay")
    picture = page.locator("noscript img").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box["width"] > 300
    assert page.locator(".drawing svg").count() == 0
    watch.is_clean()
