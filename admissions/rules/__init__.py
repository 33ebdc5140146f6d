"""Admission rules as data, compiled to a market."""

from __future__ import annotations

from admissions.rules.calendar import Calendar, round_number
from admissions.rules.choices import ChoiceHistory
from admissions.rules.compile import compile_round
from admissions.rules.compiled import CompiledRound
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.grades import GradeTable
from admissions.rules.lottery import Lottery, draw_of, ids_digest
from admissions.rules.rows import RowReason, RowStatus, tier_text
from admissions.rules.rulebook import Rulebook, load_rulebook, preset_names, rulebook_text
from admissions.rules.static import Static, compile_static

__all__ = [
    "Calendar",
    "ChoiceHistory",
    "CompiledRound",
    "GradeTable",
    "Lottery",
    "RowReason",
    "RowStatus",
    "Rulebook",
    "RulebookError",
    "RulebookProblem",
    "Static",
    "compile_round",
    "compile_static",
    "draw_of",
    "ids_digest",
    "load_rulebook",
    "preset_names",
    "round_number",
    "rulebook_text",
    "tier_text",
]
