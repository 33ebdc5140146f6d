"""The container files name what there is: files, commands and settings; building them needs a container engine."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from api.commands import main
from api.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "container"
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "EXPOSE", "ENTRYPOINT", "CMD"}
IMAGE = re.compile(r"[a-z]+(:[a-z0-9.-]+)?")  # a plain name: which registry it comes from is the host's affair


def instructions():
    text = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [line.split(maxsplit=1) for line in lines if line.strip()]


@pytest.fixture
def compose():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))


def commands():
    return {group.name or group.callback.__name__ for group in main.build().registered_commands}


def test_every_instruction_is_known_and_copies_what_is_there():
    found = instructions()
    assert {name for name, _ in found} <= INSTRUCTIONS
    allowed = (FOLDER / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name, rest in found:
        words = shlex.split(rest)
        if name == "COPY" and not words[0].startswith("--from"):
            for source in words[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in allowed, source


def test_images_are_plain_names(compose):
    used = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    used += [service["image"] for service in compose["services"].values()]
    assert all(IMAGE.fullmatch(image) for image in used), used


def test_settings_and_commands_exist(compose):
    names = {f"ADMISSIONS_{name.upper()}" for name in Settings.model_fields}
    given = {name for service in compose["services"].values() for name in service["environment"]}
    given |= {word.partition("=")[0] for name, rest in instructions() if name == "ENV" for word in shlex.split(rest)}
    assert {name for name in given if name.startswith("ADMISSIONS_")} <= names
    assert {"serve", compose["services"]["worker"]["command"][0]} <= commands()


def test_the_settings_of_the_compose_file_are_accepted(compose, monkeypatch, tmp_path):
    """As they stand, with the secrets filled in, they make a real installation and not demo mode."""
    for name, value in compose["x-settings"].items():
        filled = re.sub(r"\$\{(\w+):[-?][^}]*\}", lambda found: found[1].lower() * 4, value)
        monkeypatch.setenv(name, filled)
    monkeypatch.setenv("ADMISSIONS_DEMO", "false")
    monkeypatch.setenv("ADMISSIONS_HOST", "0.0.0.0")  # noqa: S104 - inside the container
    settings = Settings(data_dir=tmp_path)
    assert settings.database.startswith("postgresql+psycopg://admissions:")
    assert settings.request_limit is not None


def test_services_wait_for_what_they_need(compose):
    services = compose["services"]
    assert all(one in services for service in services.values() for one in service.get("depends_on", {}))
    assert set(compose["volumes"]) == {"database"}
    assert services["service"]["ports"] == ["127.0.0.1:8000:8000"]  # the proxy stands in front
