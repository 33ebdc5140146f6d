"""What each regional variant changes: one part of a rulebook exchanged at a time, on the same intake and lottery.

The presets differ in several rules at once and in their municipalities; an office that thinks of adopting a neighbour's
rule wants to know what that rule alone does. Source of the variants: the presets and the switches of the rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from admissions.intake import Intake
from admissions.matching import match, verify
from admissions.rules.compile import compile_round
from admissions.rules.lottery import Lottery
from admissions.rules.rows import RowStatus
from admissions.rules.rulebook import Rulebook, load_rulebook
from admissions.rules.static import compile_static


@dataclass(frozen=True)
class VariantEffect:
    """What a variant changes in one round, counted in applicants.

    ``other_seat``: a seat on another route; ``gained`` and ``lost``: a seat instead of none and the other way round;
    ``rows_tried``: choice rows that take part.
    """

    variant: str
    other_seat: int
    gained: int
    lost: int
    rows_tried: int

    @property
    def changed(self) -> int:
        """Applicants with another result."""
        return self.other_seat + self.gained + self.lost


def variants(base: Rulebook) -> Iterator[tuple[str, Rulebook]]:
    """Yield rulebooks that differ from `base` in one regional rule, each with a name."""
    own = base.sections
    office = {
        name: load_rulebook(name, base.year).sections
        for name in ("halland", "ostergotland", "sjuharad", "kalmarsund", "fyrbodal")
    }
    parts = [
        ("ties as in Halland", {"ties": office["halland"].ties}),
        ("ties as in Östergötland", {"ties": office["ostergotland"].ties}),
        ("one lottery number for each choice", {"ties": replace(own.ties, lottery="row")}),
        ("late choices as in Sjuhärad", {"late": office["sjuharad"].late}),
        ("late choices as in Kalmarsund", {"late": office["kalmarsund"].late}),
        ("late choices as in Fyrbodal", {"late": office["fyrbodal"].late}),
        (
            "late first hand after second hand on time",
            {"order": replace(own.order, late_first_hand="after_second_hand_on_time")},
        ),
        (
            "programme-oriented choice after the programme's own",
            {"order": replace(own.order, introduction="after_programme")},
        ),
        ("second hand only in reserve rounds", {"reception": replace(own.reception, second_hand_from="reserve-1")}),
        ("independent schools tell the hands apart", {"reception": replace(own.reception, independent_split=True)}),
        ("block grades ignored", {"merit": replace(own.merit, blocks={})}),
        ("at most five choices", {"choices": replace(own.choices, highest_number=5)}),
    ]
    for name, sections in parts:
        yield name, replace(base, sections=replace(own, **sections))  # type: ignore[arg-type]  # each name is a section


def variant_effects(
    intake: Intake, base: Rulebook, lottery: Lottery, round_name: str = "final"
) -> tuple[VariantEffect, ...]:
    """Return what each variant of `base` changes in a round of an intake; every matching is verified."""
    rules = base.for_year(intake.year)
    before, tried = _outcome(intake, rules, lottery, round_name)
    effects = [VariantEffect("as it is", 0, 0, 0, tried)]
    for name, rulebook in variants(rules):
        after, tried = _outcome(intake, rulebook, lottery, round_name)
        effects.append(
            VariantEffect(
                name,
                other_seat=int(((before != after) & (before >= 0) & (after >= 0)).sum()),
                gained=int(((before < 0) & (after >= 0)).sum()),
                lost=int(((before >= 0) & (after < 0)).sum()),
                rows_tried=tried,
            )
        )
    return tuple(effects)


def _outcome(
    intake: Intake, rulebook: Rulebook, lottery: Lottery, round_name: str
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int32]], int]:
    compiled = compile_round(compile_static(intake, rulebook), round_name, lottery=lottery)
    matching = match(compiled.market)
    verify(compiled.market, matching)
    return matching.route, int((compiled.status == RowStatus.TRIED).sum())
