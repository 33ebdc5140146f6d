"""The office's way through the desk, form by form: open, hand in, commit, delegate, run."""

import re
import zipfile

import pytest

from api.store.models import Run
from tests.api import stages
from tests.api.conftest import Service
from tests.api.intakes import make_intake
from tests.pages_run import pack


@pytest.fixture
def office(service: Service):
    client = service.as_("office")
    client.headers["Accept"] = "text/html"
    return client


def opened(office):
    answer = office.post("/desk/intakes", data={"name": "Antagning 2026", "year": "2026", "preset": "storsthlm"})
    assert "Kansliets arbetsbord: Antagning 2026" in answer.text
    return re.search(r"intake=(\w+)", str(answer.url))[1]


def hand_in(office, intake, path):
    return office.post(f"/desk/{intake}/imports", files={"file": (path.name, path.read_bytes())})


def test_the_office_brings_an_intake_to_a_verified_run(service, office, tmp_path):
    intake = opened(office)
    page = hand_in(office, intake, pack(make_intake(200, 8, 4), tmp_path, "good"))
    assert "Filen är felfri" in page.text
    commit = re.search(r'action="(/desk/[^"]*/commit)"', page.text)[1]
    assert "Genomförd" in office.post(commit).text
    page = office.post(f"/desk/{intake}/delegations", data={"reference": "KS 2026/1"})
    assert "Alla 4 huvudmän har registrerad delegation" in page.text
    lottery = {"round": "preliminary", "seed_phrase": "snow", "public_value": "12 7 33"}
    assert "Körningen väntar på sin tur" in office.post(f"/desk/{intake}/runs", data=lottery).text
    assert office.post(f"/desk/{intake}/runs", data=lottery).status_code == 409
    service.work()
    assert "Körningen är klar och kontrollerad" in office.get("/desk").text
    assert "✓ gäller" in office.get(f"/round?run={intake}").text
    with service.store.read() as session:
        assert session.get_one(Run, stages.the_run(service)).state == "verified"


def test_every_problem_of_a_file_is_shown_and_nothing_changed(office, tmp_path):
    intake = opened(office)
    path = pack(make_intake(20, 4, 2), tmp_path, "bad")
    folder = tmp_path / "bad"
    grades = (folder / "grades.csv").read_text(encoding="utf-8").splitlines()
    grades[3] = grades[3].rsplit(",", 1)[0] + ",Q"
    (folder / "grades.csv").write_text("\n".join(grades), encoding="utf-8")
    path.unlink()
    import shutil

    shutil.make_archive(str(folder), "zip", folder)
    page = hand_in(office, intake, path).text
    assert "Filen har fel" in page
    assert "Genomför ändringen" not in page
    assert "<td>4</td>" in page  # the row of the file
    assert "version 0" in page
    assert "värdet är inget av dem som kolumnen grade kan ha" in page
    assert "Använd något av: A, B" in page
    english = office.get(f"/desk?intake={intake}&lang=en").text
    assert "grade must be one of" in english
    assert "värdet" not in english


def test_how_each_file_was_read_is_told(office, tmp_path):
    intake = opened(office)
    path = pack(make_intake(20, 4, 2), tmp_path, "mixed")
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    routes = files["routes.csv"].decode()
    assert ";" not in routes
    files["routes.csv"] = routes.replace(",", ";").encode("cp1252")
    files["grades.csv"] = files["grades.csv"].decode().encode("utf-16")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    page = hand_in(office, intake, path).text
    assert "Filen är felfri" in page
    table = office.get(f"/desk?intake={intake}&format=csv&table=files").text.splitlines()
    assert {"routes.csv,CSV,Windows-1252 (Latin-1),semikolon", "grades.csv,CSV,UTF-16,komma"} <= set(table)


def test_tables_of_another_year_are_refused_in_the_language_of_the_page(office, tmp_path):
    page = office.post("/desk/intakes", data={"name": "Antagning 2025", "year": "2025", "preset": "storsthlm"})
    intake = re.search(r"intake=(\w+)", str(page.url))[1]
    page = hand_in(office, intake, pack(make_intake(20, 4, 2), tmp_path, "other")).text
    assert "studievägarna är av år 2026" in page


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/desk/intakes", {"name": "", "year": "2026", "preset": "storsthlm"}),
        ("/desk/intakes", {"name": "x", "year": "soon", "preset": "storsthlm"}),
        ("/desk/nothing/delegations", {"reference": "x"}),
    ],
)
def test_forms_that_do_not_fit_say_so(office, path, data):
    answer = office.post(path, data=data)
    assert answer.status_code in {404, 422}
    assert "<h1>" in answer.text


def test_auditors_look_and_change_nothing(service, office):
    opened(office)
    auditor = service.as_("auditor")
    auditor.headers["Accept"] = "text/html"
    page = auditor.get("/desk").text
    assert "Antagning 2026" in page
    assert '<form method="post" action="/desk' not in page
    assert service.as_("planner").get("/desk").status_code == 403
