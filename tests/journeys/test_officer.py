"""The officer: hands in an intake, runs, has it verified and signed by a second person, and publishes.

With script, and without: one intake each, so that the two do not meet.
"""

import pytest

from simulations.population import generate_intake
from tests.api.intakes import make_intake
from tests.journeys.keyboard import Keyboard
from tests.journeys.test_pages import sign_in
from tests.pages_run import pack

pytestmark = pytest.mark.browser


@pytest.fixture(params=[pytest.param(False, id="small"), pytest.param(True, id="year", marks=pytest.mark.full)])
def handed_in(request, tmp_path):
    """Give what the office hands in, its year and how many organisers there are: a few people, or a whole year."""
    intake = generate_intake(2023, None, 1) if request.param else make_intake(200, 8, 4)
    return pack(intake, tmp_path, "good"), str(intake.year), intake.routes["organiser"].n_unique()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_file_to_publication(visit, service, handed_in, script):
    file, year, organisers = handed_in
    name = f"Antagning {year} {script}"
    page, watch = visit(java_script_enabled=script)
    sign_in(page)
    page.get_by_role("link", name="Arbetsbord").click()
    if page.get_by_text("Lägg upp ett antagningsår").count() and not page.get_by_label("Namn").is_visible():
        page.get_by_text("Lägg upp ett antagningsår", exact=True).click()
    page.get_by_label("Namn").fill(name)
    page.get_by_label("År", exact=True).fill(year)
    page.get_by_role("button", name="Lägg upp").click()
    page.get_by_label("Fil").set_input_files(file)
    page.get_by_role("button", name="Kontrollera filen").click()
    page.get_by_text("Filen är felfri").wait_for()
    page.get_by_role("button", name="Genomför ändringen").click()
    page.get_by_label("Beslut som alla hänvisar till").fill("KS 2026/1")
    page.get_by_role("button", name="Registrera för alla").click()
    page.get_by_text(f"Alla {organisers} huvudmän").wait_for()
    page.get_by_label("Fras").fill("snow")
    page.get_by_label("Offentligt värde").fill("12 7 33")
    page.get_by_role("button", name="Starta körningen").click()
    page.get_by_text("Körningen väntar på sin tur").wait_for()
    service.work()
    if not script:
        page.get_by_role("link", name="Uppdatera").click()
    page.get_by_text("Körningen är klar och kontrollerad").wait_for()
    page.get_by_role("link", name="Till resultat och kontroll").click()
    assert page.locator("#table-properties tbody tr").count() == 9
    run = page.url
    page.get_by_role("button", name="Logga ut").click()
    sign_in(page, "Sven Second-Signer")
    page.goto(run)
    page.get_by_role("button", name="Skriv under").click()
    page.locator(".imprint").get_by_text("undertecknad").wait_for()
    page.get_by_role("button", name="Logga ut").click()
    sign_in(page)
    page.goto(run)
    page.get_by_role("button", name="Publicera").click()
    page.locator(".imprint").get_by_text("publicerad").wait_for()
    watch.is_clean()


def sign_in_by_keyboard(page, keys, name):
    page.goto("/sign-in")
    keys.press(name)
    page.wait_for_url("**/")


def test_the_same_by_keyboard_alone(visit, service, handed_in):
    file, year, organisers = handed_in
    page, watch = visit()
    keys = Keyboard(page)
    sign_in_by_keyboard(page, keys, "Olga Office")
    keys.press("Arbetsbord")
    page.wait_for_url("**/desk**")
    if page.get_by_text("Lägg upp ett antagningsår").count() and not page.get_by_label("Namn").is_visible():
        keys.press("Lägg upp ett antagningsår")
    keys.write("Namn", f"Antagning {year} by keyboard")
    keys.write("År", year)
    keys.press("Lägg upp")
    page.get_by_text(f"Kansliets arbetsbord: Antagning {year} by keyboard").wait_for()
    keys.choose_file("Fil", file)
    keys.press("Kontrollera filen")
    page.get_by_text("Filen är felfri").wait_for()
    keys.press("Genomför ändringen")
    page.get_by_text("Genomförd", exact=True).wait_for()
    keys.write("Beslut som alla hänvisar till", "KS 2026/1")
    keys.press("Registrera för alla")
    page.get_by_text(f"Alla {organisers} huvudmän").wait_for()
    keys.write("Fras", "snow")
    keys.write("Offentligt värde", "12 7 33")
    keys.press("Starta körningen")
    page.get_by_text("Körningen väntar på sin tur").wait_for()
    service.work()
    page.get_by_text("Körningen är klar och kontrollerad").wait_for()
    keys.press("Till resultat och kontroll")
    page.wait_for_url("**/round**")
    run = page.url
    keys.press("Logga ut")
    page.get_by_role("link", name="Logga in").wait_for()
    sign_in_by_keyboard(page, keys, "Sven Second-Signer")
    page.goto(run)
    keys.press("Skriv under")
    page.locator(".imprint").get_by_text("undertecknad").wait_for()
    keys.press("Logga ut")
    page.get_by_role("link", name="Logga in").wait_for()
    sign_in_by_keyboard(page, keys, "Olga Office")
    page.goto(run)
    keys.press("Publicera")
    page.locator(".imprint").get_by_text("publicerad").wait_for()
    watch.is_clean()
