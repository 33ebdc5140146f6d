"""Other mechanisms, for analysts: what an allocation would have looked like under another rule.

Each takes a `Market` and returns a `Matching`; only deferred acceptance, applicant-proposing (`admissions.matching`)
or programme-proposing, knows seat groups.
"""

from __future__ import annotations

from admissions.matching.mechanisms.comparison import MechanismSummary, compare
from admissions.matching.mechanisms.eada import eada
from admissions.matching.mechanisms.immediate_acceptance import immediate_acceptance
from admissions.matching.mechanisms.programme_proposing import programme_proposing
from admissions.matching.mechanisms.top_trading_cycles import top_trading_cycles

__all__ = [
    "MechanismSummary",
    "compare",
    "eada",
    "immediate_acceptance",
    "programme_proposing",
    "top_trading_cycles",
]
