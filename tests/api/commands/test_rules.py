"""``admissions rules``: what an officer sees."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from admissions.errors import AdmissionsError
from admissions.explanations.strategy import RULES
from admissions.intake import write_intake
from admissions.rules import RulebookError
from api.commands import rules
from tests.admissions.explanations.worlds import world
from tests.admissions.rules.small import make


def run(*arguments: str) -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    rules.register(app)
    result = CliRunner().invoke(app, ["rules", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_list():
    lines = run("list").splitlines()
    assert [line.split()[0] for line in lines] == sorted(line.split()[0] for line in lines)
    assert any(line.startswith("storsthlm") for line in lines)


def test_show_in_both_languages():
    assert "ANTAGANDE" in run("show", "storsthlm")
    assert "1. About this rulebook" in run("show", "halland", "--lang", "en", "--year", "2023")


def test_check(tmp_path):
    good = tmp_path / "good.toml"
    good.write_text('extends = "storsthlm"\nname = "good"\n')
    assert "sound in every admission year" in run("check", str(good))
    bad = tmp_path / "bad.toml"
    bad.write_text('extends = "storsthlm"\nname = "bad"\n[late]\ncount = "new"\n')
    with pytest.raises(RulebookError, match=r"bad.toml, line 4, key late.count: unknown key. Did you mean 'counts'"):
        run("check", str(bad))


def test_unknown_name_and_language():
    with pytest.raises(AdmissionsError, match="Did you mean 'halland'"):
        run("show", "haland")
    with pytest.raises(AdmissionsError, match="choose sv or en"):
        run("show", "halland", "--lang", "fi")


def test_variants(tmp_path):
    write_intake(make(), tmp_path / "intake")
    lines = run("variants", str(tmp_path / "intake")).splitlines()
    assert lines[0].split()[-2:] == ["tried", "rows"]
    assert lines[1].split()[-1] == "1"


def test_audit_says_where_an_honest_list_is_punished_and_gives_an_example(tmp_path):
    write_intake(world(80, seed=4, seats=2), tmp_path / "in", "csv")
    swedish = run("audit", str(tmp_path / "in"), "--rules", "halland")
    english = run("audit", str(tmp_path / "in"), "--rules", "halland", "--lang", "en")
    assert len(swedish.split("\n\n")) == len(english.split("\n\n")) == len(RULES)
    first = english.split("\n\n")[0]
    assert "At equal merit" in first
    assert "Example: the list 1. " in first
    assert "a00" not in english  # nobody is named
    assert "Den regeln finns inte" in run("audit", str(tmp_path / "in"), "--rules", "storsthlm")
