"""Why a decision came out as it did, and what would have been enough."""

from __future__ import annotations

from admissions.explanations.explaining import ChoiceExplanation, Explanation, explain, explain_all
from admissions.explanations.facts import Facts, facts_of
from admissions.explanations.sentences import as_text, sentences
from admissions.explanations.source import open_facts
from admissions.explanations.table import explanations_table

__all__ = [
    "ChoiceExplanation",
    "Explanation",
    "Facts",
    "as_text",
    "explain",
    "explain_all",
    "explanations_table",
    "facts_of",
    "open_facts",
    "sentences",
]
