"""The whole command line: every command is there, and asking it for help loads nothing heavy."""

import subprocess
import sys

import pytest

from api.commands.main import COMMANDS

HEAVY = ("fastapi", "sqlalchemy", "altair", "polars", "uvicorn", "numba")
CODE = """
import sys
from api.commands.main import main
try:
    main()
finally:
    print(*[name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["match", "--help"], ["load", "--help"], ["--help"]])
def test_help_imports_neither_framework_nor_database_nor_tables(arguments):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(heavy=HEAVY), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr.split() == []


def test_every_command_is_listed():
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(heavy=HEAVY), "--help"], capture_output=True, text=True, check=False
    )
    assert [name for name in COMMANDS if name.replace("_", "-") not in done.stdout] == []
