"""Every rule has Swedish words, and no rule has words that nobody uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import admissions.tables
from admissions.intake import check_intake
from admissions.tables.swedish import in_swedish, swedish_texts

RULE_AT = {"problem": 0, "Fault": 0, "_note": 0, "Finding": 2}


def rules() -> Iterator[str]:
    """Find the rules in the code: the first words of a problem or a fault, the third of a finding."""
    for path in Path(admissions.tables.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                at = RULE_AT.get(called, len(node.args))
                if at < len(node.args):
                    yield from (
                        part.value
                        for part in ast.walk(node.args[at])
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    )


def test_every_rule_has_swedish_words() -> None:
    assert set(rules()) == set(swedish_texts())


def test_the_words_of_a_problem_fill_every_place(tmp_path: Path) -> None:
    (tmp_path / "seats.csv").write_text("route_or_pool,round,group,seats\nr1,final,,-3\nr1,soon,,4,5\n")
    (tmp_path / "graeds.csv").write_text("x\n1\n")
    (tmp_path / "grades.xlsx").write_text("no workbook")
    found = check_intake(tmp_path)
    assert {"minimum", "row_width", "missing_table"} <= {problem.rule for problem in found}
    for problem in found:
        fields = {name: getattr(problem, name) for name in ("file", "sheet", "column", "value", "rule", "message")}
        words = in_swedish(fields)
        assert words is not None
        assert not set("{}") & set("".join(words))
        assert all(words)


def test_a_rule_of_somebody_else_has_none() -> None:
    assert in_swedish({"rule": "somebody's", "message": ""}) is None
