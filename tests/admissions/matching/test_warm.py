from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from admissions.matching import kernels

CODE = """
import sys
from admissions.matching import Market, match
assert match(Market([0, 1], [0], [0], [1])).route.tolist() == [0]
print(*sorted(sys.modules))
"""


def test_a_cold_match_imports_only_what_it_uses():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"scipy.linalg", "polars", "fastapi", "sqlalchemy", "altair", "networkx", "typer"}


def test_kernels_older_than_the_steps_copied_into_them_are_dropped(tmp_path: Path):
    cached = tmp_path / "__pycache__"
    cached.mkdir()
    old, new = cached / "old.nbi", cached / "new.nbi"
    for index in (old, new):
        index.touch()
    os.utime(old, (1, 1))
    kernels.drop_stale(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def test_every_shared_file_exists():
    assert all((Path(kernels.__file__).parent / name).exists() for name in kernels.SHARED)
