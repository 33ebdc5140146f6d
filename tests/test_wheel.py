"""The wheel, installed into an empty environment elsewhere, does what the tree does: nothing of it was left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import warnings
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("admissions", "api", "simulations", "sample_data")
LONG = pytest.mark.timeout(1500)
pytestmark = [pytest.mark.full, LONG]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(out), str(ROOT)]
    subprocess.run(build, check=True, timeout=300)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Make an empty environment, install the locked packages and the wheel; give its folder of commands.

    Where no package index can be reached, the packages of this environment are borrowed by path and a warning says so:
    then the wheel's own content is tested, and not that the list of its packages is complete.
    """
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "-q"]
    locked = [*pip, "--retries", "1", "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")]
    if subprocess.run(locked, check=False, timeout=900).returncode:
        warnings.warn("no package index: the packages of this environment are borrowed", stacklevel=1)
        site = next((home / "lib").glob("python*")) / "site-packages"
        (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, timeout=300)
    return home / "bin"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("somewhere")


def clean_environment(place):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("ADMISSIONS_", "PYTHON", "NUMBA"))
    }
    return kept | {"HOME": str(place), "XDG_DATA_HOME": str(place / "share"), "NUMBA_CACHE_DIR": str(place / "numba")}


@pytest.fixture(scope="module")
def run(installed, place):
    """Sample and replay with the installed command."""

    def command(*arguments):
        done = subprocess.run(
            [installed / "admissions", *arguments], cwd=place, env=clean_environment(place), check=False, timeout=600,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    command("sample", "--year", "2023", "--applicants", "300", "--seed", "1", "--out", "intake")
    command("replay", "intake", "--rules", "storsthlm", "--seed-phrase", "snow", "--public-value", "7", "--out", "run")
    assert "Everything holds" in command("verify", "run")
    return place / "run"


def test_every_file_of_the_packages_travels_and_no_test_does(wheel):
    tracked = subprocess.run(
        ["git", "ls-files", *PACKAGES], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.split()
    if not tracked:
        pytest.skip("no git here: nothing says which files belong to the tree")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert [name for name in tracked if name not in inside and (ROOT / name).exists()] == []
    assert {name.split("/")[0] for name in inside} == {
        *PACKAGES,
        *(n.split("/")[0] for n in inside if ".dist-info" in n),
    }


def test_the_installed_packages_are_not_those_of_the_tree(installed, place):
    code = (
        "import admissions, api, sample_data, simulations as s; print(api.__file__, sample_data.__file__, s.__file__)"
    )
    told = subprocess.run(
        [installed / "python", "-c", code], cwd=place, env=clean_environment(place), check=True, capture_output=True,
        text=True,
    ).stdout.split()  # fmt: skip
    assert all(Path(name).is_relative_to(installed.parent) for name in told)


def test_the_sample_is_replayed_on_the_real_catalogue(run):
    report = (run / "report" / "report.html").read_text(encoding="utf-8")
    assert "Stockholm" in report
    assert len((run / "final" / "routes.csv").read_text(encoding="utf-8").splitlines()) > 1000


def test_the_service_shows_it_in_both_languages_with_style_and_texts(installed, run, place):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["serve", "--port", str(port), "--data", str(place / "data"), "--run", str(run)]
    served = subprocess.Popen([installed / "admissions", *arguments], cwd=place, env=clean_environment(place))
    try:
        page = wait_for(served, f"http://127.0.0.1:{port}/demand")
        assert "Behöriga" in page or "Sökande" in page
        english = read(f"http://127.0.0.1:{port}/demand?lang=en")
        assert 'lang="en"' in english
        style = re.search(r'href="(/static/[^"]+\.css)"', page)
        assert style is not None
        assert "{" in read(f"http://127.0.0.1:{port}{style[1]}")
        assert '"openapi"' in read(f"http://127.0.0.1:{port}/openapi.json")
        published = read(f"http://127.0.0.1:{port}/api/v1/publications")
        assert '"round":"final"' in published.replace(" ", "")
        assert "def verify_run" in read(f"http://127.0.0.1:{port}/public/verifier.py")
    finally:
        served.send_signal(signal.SIGINT)
        served.wait(60)


def wait_for(served, address):
    for _ in range(1200):
        assert served.poll() is None, "the service ended"
        try:
            return read(address)
        except OSError:
            time.sleep(0.25)
    pytest.fail("the service did not answer")


def read(address):
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own service, on this machine
        return answer.read().decode()
