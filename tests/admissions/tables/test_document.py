from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import admissions.tables
from admissions.tables import INTAKE_TABLES
from admissions.tables.cells import Fault, read_cell
from admissions.tables.document import document

ROOT = Path(__file__).parents[3]
MODULES = ["admissions.intake", "sample_data.catalogue"] + [
    f"admissions.tables.{module.name}" for module in pkgutil.iter_modules(admissions.tables.__path__)
]


def test_the_formats_document_is_the_generated_one() -> None:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert text.startswith(document()), "run: python -m admissions.tables.document --write"
    assert "\n## Run folder\n" in text


def test_every_column_is_documented_in_two_languages_with_a_valid_example() -> None:
    text = document()
    for table in INTAKE_TABLES:
        assert f"### {table.name}\n" in text
        assert table.meaning_sv
        assert set(table.key) <= set(table.names)
        for column in table.columns:
            assert f"| `{column.name}` |" in text
            assert column.meaning
            assert column.meaning_sv
            assert not isinstance(read_cell(column, column.example), Fault), column.name
            assert column.example


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
