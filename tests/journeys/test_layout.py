"""Every page on a narrow screen, zoomed, in forced colours and on paper: nothing is lost."""

import pytest

from tests.journeys.test_pages import addresses, scroll_through, sign_in

pytestmark = pytest.mark.browser
NARROW = {"320 pixels": {"width": 320, "height": 640}, "400 percent": {"width": 320, "height": 256}}
PAPER = {"width": 1017, "height": 718}  # A4 across within its margins, at 96 dots to the inch
CLIPPED = """() => [...document.querySelectorAll("main *, header *, footer *")].filter((one) => {
  const style = getComputedStyle(one);
  const hides = style.overflowX === "hidden" || style.textOverflow === "ellipsis";
  return hides && one.scrollWidth > one.clientWidth + 1 && !one.matches(".away, .away *, svg, svg *, input, select");
}).map((one) => one.outerHTML.slice(0, 120))"""
TOO_WIDE = """() => [...document.querySelectorAll("main *")].filter((one) =>
  one.getClientRects().length && !one.closest(".away, noscript, svg")
  && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
).map((one) => one.outerHTML.slice(0, 120))"""
HIDDEN_ON_PAPER = ".top nav, .tools, .facets, .exports, .pages, .skip"


@pytest.fixture
def office(visit):
    """Give an office's page and every address, the person's and the route's too."""

    def opened(**options):
        page, watch = visit()
        sign_in(page)
        paths = addresses(page)
        state = page.context.storage_state()
        page, watch = visit(storage_state=state, **options)
        return page, watch, paths

    return opened


@pytest.mark.parametrize("size", ["320 pixels", pytest.param("400 percent", marks=pytest.mark.full)])
def test_nothing_is_lost_on_a_narrow_screen(office, size):
    page, watch, paths = office(viewport=NARROW[size])
    for path in paths:
        page.goto(path)
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], path
        assert page.evaluate(CLIPPED) == [], path
    watch.is_clean()


@pytest.mark.full
def test_forced_colours_keep_every_mark(office):
    page, watch, paths = office(forced_colors="active")
    for path in paths:
        page.goto(path)
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        here = page.locator(".top nav a[aria-current]")
        if here.count():
            assert here.first.evaluate("one => getComputedStyle(one).borderBottomStyle") == "solid", path
        for button in page.locator("button:not(.plain)").all()[:3]:
            assert button.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid", path
        scroll_through(page)
        for drawing in page.locator(".drawing svg").all():
            assert drawing.bounding_box()["height"] > 20, path
    watch.is_clean()


@pytest.mark.full
def test_paper_holds_tables_and_charts_and_no_navigation(office):
    page, watch, paths = office(viewport=PAPER)
    for path in paths:
        page.goto(path)
        scroll_through(page)
        page.emulate_media(media="print")
        for one in page.locator(HIDDEN_ON_PAPER).all():
            assert not one.is_visible(), path
        for one in page.locator("table:not(details:not([open]) table), .drawing svg").all():
            assert one.is_visible(), path
        assert page.evaluate(TOO_WIDE) == [], path
        page.emulate_media(media="screen")
    watch.is_clean()
