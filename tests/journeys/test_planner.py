"""The planner: the three most short programmes of a municipality, exported. By mouse, by keyboard, without script."""

import csv
import io
from pathlib import Path

import pytest

from tests.journeys.conftest import SIZES

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("service", SIZES, indirect=True)]


def rows(page):
    return [
        (row.locator("th").inner_text(), int(row.locator("td").last.inner_text().replace("\xa0", "")))
        for row in page.locator("#table-demand tbody tr").all()[:3]
    ]


def exported(download):
    text = Path(download.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def choose_and_export(page):
    page.goto("/demand?col=first_choice_shortage")
    page.get_by_label("Skolans kommun").select_option("Stockholm")
    page.get_by_role("button", name="Visa").first.click()
    page.get_by_role("link", name="Underskott").click()
    page.wait_for_url("**sort=-first_choice_shortage**")
    shortest = rows(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV för Excel").click()
    return shortest, exported(waiting.value)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_three_most_short_programmes_of_a_municipality(visit, script):
    page, watch = visit(java_script_enabled=script)
    shortest, table = choose_and_export(page)
    assert len(shortest) == 3
    assert [gap for _, gap in shortest] == sorted((gap for _, gap in shortest), reverse=True)
    assert table[0] == ["Program", "Underskott"]
    assert [int(row[1]) for row in table[1:4]] == [gap for _, gap in shortest]
    watch.is_clean()


def press_until(page, name, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id") == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def test_the_same_by_keyboard_alone(visit):
    page, watch = visit()
    page.goto("/demand?col=first_choice_shortage")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # to the content
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "field-municipality":
            break
    page.keyboard.type("Stockholm")
    press_until(page, "Visa")
    page.keyboard.press("Enter")
    page.wait_for_url("**municipality=Stockholm**")
    press_until(page, "Underskott")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=-first_choice_shortage**")
    press_until(page, "CSV för Excel")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert exported(waiting.value)[0] == ["Program", "Underskott"]
    watch.is_clean()
