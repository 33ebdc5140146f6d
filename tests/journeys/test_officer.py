"""The officer: hands in an intake, runs, has it verified and signed by a second person, and publishes.

With script, and without: one intake each, so that the two do not meet.
"""

import pytest

from tests.api.intakes import make_intake
from tests.journeys.test_pages import sign_in
from tests.pages_run import pack

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_file_to_publication(visit, service, tmp_path, script):
    name = f"Antagning 2026 {script}"
    page, watch = visit(java_script_enabled=script)
    sign_in(page)
    page.get_by_role("link", name="Arbetsbord").click()
    if page.get_by_text("Lägg upp ett antagningsår").count() and not page.get_by_label("Namn").is_visible():
        page.get_by_text("Lägg upp ett antagningsår", exact=True).click()
    page.get_by_label("Namn").fill(name)
    page.get_by_label("År", exact=True).fill("2026")
    page.get_by_role("button", name="Lägg upp").click()
    page.get_by_label("Fil").set_input_files(pack(make_intake(200, 8, 4), tmp_path, "good"))
    page.get_by_role("button", name="Kontrollera filen").click()
    page.get_by_text("Filen är felfri").wait_for()
    page.get_by_role("button", name="Genomför ändringen").click()
    page.get_by_label("Beslut som alla hänvisar till").fill("KS 2026/1")
    page.get_by_role("button", name="Registrera för alla").click()
    page.get_by_text("Alla 4 huvudmän").wait_for()
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
