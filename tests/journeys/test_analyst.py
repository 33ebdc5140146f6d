"""The analyst: 30 more seats at two routes, and their effect with intervals. By mouse, and by keyboard alone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.loading.demo import load_sample
from tests.journeys.conftest import SIZES
from tests.journeys.test_pages import SERIOUS, scroll_through, sign_in
from tests.journeys.test_planner import press_until

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("service", SIZES, indirect=True)]
YEARS = "12"


@pytest.fixture(scope="module")
def loaded(service):
    """Load the run that is served into the store, published: a scenario stands on a stored run."""
    state = service.app.state
    load_sample(state.store, state.trail, state.run_folder)
    return service


def short_routes(page):
    """Name the two routes where most seats are short, as somebody reads them from the page."""
    page.goto("/demand?level=route&sort=-first_choice_shortage")
    found = page.locator("tbody th a").all()[:2]
    return [re.search(r"/routes/([^?]+)", one.get_attribute("href"))[1] for one in found]


def effect(page):
    """Read what the page says of the seats and of those without one: mean, low and high end of the difference."""
    found = {}
    for row in page.locator("#table-totals tbody tr").all():
        cells = [cell.inner_text() for cell in row.locator("td").all()]
        found[row.locator("th").inner_text()] = [
            float(cell.replace("\u2212", "-").replace("\xa0", "").replace(",", ".").replace("–", "0")) for cell in cells
        ]
    return found


def check_effect(page):
    totals = effect(page)
    assert totals["Platser"][6:] == [30, 30, 30]
    mean, low, high = totals["Behöriga utan plats"][6:]
    assert low <= mean <= high <= 0
    assert totals["Får det bättre"][3] > 0
    assert page.get_by_text("ARBETSMATERIAL").first.is_visible()


def test_thirty_seats_at_two_routes(visit, loaded):
    page, watch = visit()
    sign_in(page, "Anders Analyst")
    routes = short_routes(page)
    page.get_by_role("link", name="Scenarier").click()
    page.get_by_label("Namn").fill("Trettio platser")
    page.get_by_role("button", name="Lägg upp").click()
    page.get_by_label("Sök studieväg").fill(routes[0])
    page.get_by_role("button", name="Sök").click()
    page.get_by_label("Fler eller färre").first.fill("+15")
    page.get_by_text("Klistra in från Excel").first.click()
    page.locator("#pasted").fill(f"{routes[1]}\t+15")
    page.get_by_role("button", name="Spara").first.click()
    page.get_by_label("Fler eller färre").nth(1).wait_for()
    page.get_by_label("Simulerade år").fill(YEARS)
    page.get_by_role("button", name="Kör scenariot").click()
    page.locator("#jobs progress").wait_for()
    loaded.work()
    page.get_by_role("link", name="Visa resultatet").click()
    check_effect(page)
    page.locator("#chart-programmes .drawing svg").wait_for()
    with page.expect_download() as waiting:
        page.locator("#table-totals").get_by_role("link", name="CSV för Excel").click()
    assert waiting.value.suggested_filename.startswith("arbetsmaterial")
    watch.is_clean()


def test_the_same_by_keyboard_alone(visit, loaded):
    page, watch = visit()
    sign_in(page, "Anders Analyst")
    routes = short_routes(page)
    page.goto("/scenarios")
    press_until(page, "name")
    page.keyboard.type("Trettio platser, tangentbord")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/scenarios/\w+"))
    press_until(page, "Klistra in från Excel")
    page.keyboard.press("Enter")
    press_until(page, "pasted")
    page.keyboard.insert_text(f"{routes[0]}\t+15\n{routes[1]}\t+15")
    press_until(page, "Spara")
    page.keyboard.press("Enter")
    page.wait_for_url("**saved=1**")
    press_until(page, "years", most=80)
    page.keyboard.press("Control+A")
    page.keyboard.type(YEARS)
    press_until(page, "Kör scenariot")
    page.keyboard.press("Enter")
    page.locator("#jobs progress").wait_for()
    loaded.work()
    page.get_by_role("link", name="Visa resultatet").wait_for()
    page.keyboard.press("Tab")  # into the page that was loaded anew
    press_until(page, "Visa resultatet", most=80)
    page.keyboard.press("Enter")
    page.wait_for_url("**/result**")
    check_effect(page)
    press_until(page, "CSV för Excel")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.startswith("arbetsmaterial")
    watch.is_clean()


def test_a_package_and_its_decision_paper(visit, loaded):
    page, watch = visit()
    sign_in(page, "Petra Planner")
    page.get_by_role("link", name="Fler platser").click()
    page.get_by_label("Högst så många platser").fill("5")
    page.get_by_role("button", name="Sök paket").click()
    page.locator("#jobs progress").wait_for()
    loaded.work()
    page.locator("#jobs").get_by_role("link", name="Visa").first.click()
    page.locator("#table-seats td a").first.click()
    page.locator("#chart-curves .drawing svg").wait_for()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Beslutsunderlag (PDF)").click()
    assert waiting.value.suggested_filename.endswith(".pdf")
    watch.is_clean()


@pytest.mark.full
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_what_the_planning_pages_look_like_to_everybody(visit, loaded, script):
    """A scenario run, its editor, its result, a package: axe finds nothing serious; complete without script."""
    page, watch = visit(java_script_enabled=script)
    sign_in(page, "Anders Analyst")
    routes = short_routes(page)
    page.goto("/scenarios")
    page.get_by_label("Namn").fill(f"Alla {script}")
    page.get_by_role("button", name="Lägg upp").click()
    page.get_by_text("Klistra in från Excel").first.click()
    page.locator("#pasted").fill(f"{routes[0]}\t+15\n{routes[1]}\t+15")
    page.get_by_role("button", name="Spara").first.click()
    page.get_by_label("Fler eller färre").nth(1).wait_for()
    editor = page.url.partition("?")[0]
    page.get_by_label("Simulerade år").fill("3")
    page.get_by_role("button", name="Kör scenariot").click()
    loaded.work()
    page.goto(editor)
    page.get_by_role("link", name="Visa resultatet").click()
    result = page.url
    check_effect(page)
    if not script:
        picture = page.locator("noscript img").first
        picture.scroll_into_view_if_needed()
        assert picture.bounding_box()["width"] > 300
        watch.is_clean()
        return
    for path in (f"{editor}?q={routes[0]}&lang=en", result, f"/seats?curve={routes[0]}&curve={routes[1]}&lang=sv"):
        page.goto(path)
        scroll_through(page)
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], path
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        page.set_viewport_size({"width": 1280, "height": 900})
    watch.is_clean()
