"""``admissions match``: JSON in, JSON out, and a refusal that says everything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CALL = """
import sys, typer
from admissions.errors import AdmissionsError
from api.commands import match
app = typer.Typer()
app.callback()(lambda: None)
match.register(app)
try:
    app()
except AdmissionsError as refusal:
    print(refusal, file=sys.stderr)
    sys.exit(1)
finally:
    heavy = {"fastapi", "sqlalchemy", "altair", "polars"} & set(sys.modules)
    assert not heavy, heavy
"""

MARKET = {
    "applicants": {"å1": ["p"], "a2": ["p"]},
    "programmes": {"p": {"capacity": 1, "priority": [["a2", "å1"]]}},
    "tie_break": {"type": "stb", "order": ["å1", "a2"]},
}


def admissions(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", CALL, "match", *arguments], input=stdin, capture_output=True, check=False
    )


def test_a_market_is_matched_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "market.json").write_text(json.dumps(MARKET), encoding="utf-8")
    for done in (
        admissions(str(tmp_path / "market.json")),
        admissions("-", "--mechanism", "eada", stdin=json.dumps(MARKET).encode()),
    ):
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"assignment": {"a2": None, "å1": "p"}}
        assert list(json.loads(done.stdout)["assignment"]) == ["a2", "å1"]


@pytest.mark.parametrize(
    ("stdin", "arguments", "said"),
    [
        (b'{"applicants": {"a": ["x", "y"]}, "programmes": {}}', ("-",), ["applicants.a[0]", "applicants.a[1]"]),
        (b"\xff\xfe", ("-",), ["not UTF-8"]),
        (json.dumps(MARKET).encode(), ("-", "--mechanism", "dictator"), ["--mechanism dictator", "top-trading-cycles"]),
        (b"", ("no-such-file.json",), ["no-such-file.json: cannot be read"]),
    ],
)
def test_a_refusal_exits_with_1_and_names_every_place(
    stdin: bytes, arguments: tuple[str, ...], said: list[str]
) -> None:
    done = admissions(*arguments, stdin=stdin)
    assert done.returncode == 1
    assert done.stdout == b""
    for text in said:
        assert text in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
