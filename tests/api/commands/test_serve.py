import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.commands import audit, backup, grant, serve, worker
from api.settings import Settings

COMMANDS = (serve, worker, audit, backup)


def build():
    app = typer.Typer()
    for module in COMMANDS:
        module.register(app)
    return app


def test_the_help_is_quick_and_loads_no_web_framework():
    code = (
        "import sys, typer\n"
        "from api.commands import audit, backup, serve, worker\n"
        "app = typer.Typer()\n"
        "for module in (serve, worker, audit, backup): module.register(app)\n"
        "heavy = {'fastapi', 'sqlalchemy', 'polars', 'uvicorn', 'pydantic_settings'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unsafe_settings_are_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("ADMISSIONS_DEMO", "false")
    refused = CliRunner().invoke(build(), ["audit", "verify", "--data", str(tmp_path)])
    assert "ADMISSIONS_SECRET_KEY" in str(refused.exception)


def test_the_audit_chain_is_verified_from_the_command_line(tmp_path, monkeypatch):
    held = CliRunner().invoke(build(), ["audit", "verify", "--data", str(tmp_path)])
    assert (held.exit_code, "The chain holds." in held.output) == (0, True)
    broken = CliRunner().invoke(build(), ["audit", "verify", "--data", str(tmp_path), "--head", "f" * 64])
    assert (broken.exit_code, "not in the chain" in broken.output) == (1, True)


@pytest.fixture
def served(tmp_path):
    run = tmp_path / "run" / "reports"
    run.mkdir(parents=True)
    (run / "report.html").write_text("<!doctype html><style>p {color: red}</style><p>Platsbrist</p>", encoding="utf-8")
    code = (
        "import typer\nfrom api.commands import serve\napp = typer.Typer()\nserve.register(app)\n"
        f"app(['--port', '{PORT}', '--data', {str(tmp_path / 'data')!r}, '--run', {str(tmp_path / 'run')!r}])\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ADMISSIONS_")}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    for _ in range(300):
        try:
            get("/health/ready")
            break
        except OSError:
            time.sleep(0.1)
    yield process
    process.send_signal(signal.SIGINT)
    process.wait(20)


PORT = 18000 + os.getpid() % 2000


def get(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}") as answer:
        return answer.headers, answer.read().decode()


def test_serve_shows_the_pages_and_the_report_of_the_run(served):
    assert "/static/pages-" in get("/")[1]
    headers, page = get("/report")
    assert "Platsbrist" in page
    assert re.search(r"style-src 'self' 'sha256-[A-Za-z0-9+/=]+'", headers["content-security-policy"])
    assert "unsafe" not in headers["content-security-policy"]
    assert json.loads(get("/openapi.json")[1])["info"]["title"] == "Admissions engine"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_service_leaves_no_worker_behind(served):
    children = Path(f"/proc/{served.pid}/task/{served.pid}/children").read_text(encoding="utf-8").split()
    served.kill()
    served.wait(20)
    for _ in range(200):
        left = [one for one in children if "worker" in _command_line(one)]
        if not left:
            break
        time.sleep(0.1)
    assert (len(children), left) == (1, [])


def _command_line(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


def test_the_first_person_is_given_a_role_from_the_command_line(tmp_path):
    app = typer.Typer()
    grant.register(app)
    audit.register(app)
    arguments = ["grant", "https://idp.example", "s1", "office", "principal:organiser:Nacka", "--data", str(tmp_path)]
    assert "office, principal:organiser:Nacka" in CliRunner().invoke(app, arguments).output
    assert "no role" in str(CliRunner().invoke(app, ["grant", "i", "s", "king"]).exception)
    assert "1 events" in CliRunner().invoke(app, ["audit", "verify", "--data", str(tmp_path)]).output


def test_every_setting_is_documented():
    text = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`ADMISSIONS_{name.upper()}`" not in text]
    assert missing == []
