"""Strategy audit: where a rulebook can punish an honest list, and how many applicants of an intake are exposed.

Deferred acceptance with keys that do not depend on the list is safe for every applicant (Dubins and Freedman 1981; Roth
1982). What can break that: ties broken by the rank given to a choice, parts of the order run separately, late groups, a
cap on the number of choices (Haeringer and Klijn 2009). The bars do not depend on an applicant's own keys, so that each
count is exact: exposed is who would have been given a higher choice had the rule not stood between.

This is for the office and the public discussion of the rules; no applicant is ever told to reorder a list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from admissions.explanations.facts import Facts
from admissions.explanations.keys import unpack
from admissions.explanations.orders import GroupOrders
from admissions.explanations.variants import NOWHERE
from admissions.matching.thresholds import ANY_KEY, NO_KEY
from admissions.rules.calendar import round_number
from admissions.rules.compiled import CompiledRound
from admissions.rules.packing import CHAIN_BITS, MERIT_BITS, TIER_BITS
from admissions.rules.rows import RowReason, RowStatus, Tier, tier_order

Ints = npt.NDArray[np.int64]
RULES = ("choice_rank", "late_groups", "separate_runs", "list_length")


@dataclass(frozen=True)
class Example:
    """One exposed case, without any id: places in the list, and what the two lists give.

    Attributes
    ----------
    listed
        Routes of the list in its order.
    granted, instead
        Place in the list, from 1, of what was given, None for nothing; and of what would have been given.
    merit
        Merit of that choice, hundredths.
    """

    listed: tuple[str, ...]
    granted: int | None
    instead: int
    merit: int


@dataclass(frozen=True)
class Finding:
    """What one rule does to honest lists.

    Attributes
    ----------
    rule
        One of `RULES`.
    in_force
        Whether the rulebook has the rule at all.
    exposed
        Applicants who would have been given a higher choice but for the rule.
    concerned
        Applicants with a choice the rule touches above what they were given.
    example
        The first exposed case by id, without the id; None where nobody is.
    """

    rule: str
    in_force: bool
    exposed: int
    concerned: int
    example: Example | None


def audit(facts: Facts) -> tuple[Finding, ...]:
    """Audit a round's rulebook on its intake.

    Parameters
    ----------
    facts
        The round; it needs its compiled form.

    Raises
    ------
    ValueError
        If the facts do not know the intake.
    """
    if facts.compiled is None:
        raise ValueError("a strategy audit needs the compiled round")
    compiled = facts.compiled
    rules, now = compiled.static.rulebook.sections, round_number(compiled.round)
    above = _above_granted(facts, compiled)
    first = _first_rank(facts.chain)
    order = tier_order(rules.order.late_first_hand)

    def on_time(points: int) -> int:
        return _on_time(points, order)

    def kept_out(*reasons: RowReason) -> npt.NDArray[np.bool_]:
        return np.asarray((compiled.status == RowStatus.NOT_TRIED) & np.isin(compiled.reason, reasons))

    tried = compiled.status == RowStatus.TRIED
    later = kept_out(RowReason.LATER_LATE, RowReason.LATER_SECOND_HAND)
    separate = max(round_number(rules.late.from_round), round_number(rules.reception.second_hand_from)) > max(now, 1)
    in_force = True  # every rulebook has late choices after the others
    return (
        _finding(facts, "choice_rank", "choice_rank" in facts.chain, above & tried, first),
        _finding(facts, "late_groups", in_force, above & compiled.late & (tried | later), on_time),
        _finding(facts, "separate_runs", separate, above & later, lambda points: points),
        _finding(
            facts,
            "list_length",
            rules.choices.highest_number > 0,
            above & kept_out(RowReason.TOO_MANY),
            lambda points: points,
        ),
    )


def _above_granted(facts: Facts, compiled: CompiledRound) -> npt.NDArray[np.bool_]:
    """Return which rows stand above what their applicant was given."""
    granted = np.full(len(compiled.applicants), NOWHERE, np.int64)
    placed = facts.matching.choice >= 0
    granted[placed] = compiled.market_row[facts.matching.choice[placed]]
    return np.asarray(np.arange(len(compiled.route)) < granted[compiled.applicant])


def _finding(
    facts: Facts, rule: str, in_force: bool, concerned: npt.NDArray[np.bool_], changed: Callable[[int], int]
) -> Finding:
    """Count the rows whose changed key would have been within reach."""
    compiled = facts.compiled
    assert compiled is not None
    rows = np.flatnonzero(concerned) if in_force else np.empty(0, np.int64)
    owner = compiled.applicant
    exposed: dict[int, int] = {}
    for row in within_reach(facts, compiled, rows, changed):
        exposed.setdefault(int(owner[row]), row)
    people = len(np.unique(owner[rows])) if len(rows) else 0
    example = _example(facts, compiled, *next(iter(exposed.items()))) if exposed else None
    return Finding(rule, in_force, len(exposed), people, example)


def within_reach(facts: Facts, compiled: CompiledRound, rows: Ints, changed: Callable[[int], int]) -> list[int]:
    """Return the rows that would have been given had their key been another, with the applicant's own draw.

    Parameters
    ----------
    facts, compiled
        The round.
    rows
        int64[K], compiled rows in order.
    changed
        Makes the other key from a row's packed key.
    """
    classes, book = facts.market.classes, facts.market.book
    of_pool: list[list[int]] = [[] for _ in compiled.pools]
    for number, pool in enumerate(classes.pool.tolist() if classes.group.size else range(len(compiled.pools))):
        of_pool[pool].append(number)
    pools = compiled.pool[compiled.route[rows]].tolist()
    pairs = [(row, one) for row, pool in zip(rows.tolist(), pools, strict=True) for one in of_pool[pool]]
    if not pairs:
        return []
    row_of, class_of = (np.array(part, np.int64) for part in zip(*pairs, strict=True))
    needed = facts.thresholds.copies_to_beat(compiled.applicant[row_of], class_of)
    orders = GroupOrders(compiled)
    found: dict[int, None] = {}
    for (row, one), beat in zip(pairs, needed.tolist(), strict=True):
        group = int(classes.group[one]) if classes.group.size else -1
        if beat == NO_KEY or not orders.may_take(row, group):
            continue
        if beat != ANY_KEY:
            bar = int(compiled.market_row[book.row[beat] if book.row.size else beat])
            own = orders.key(row, group, changed(int(compiled.points[row])))
            if (own, int(compiled.lottery[row])) >= (orders.key(bar, group), int(compiled.lottery[bar])):
                continue
        found[row] = None
    return list(found)


def _first_rank(chain: Sequence[str]) -> Callable[[int], int]:
    """Return what makes a key that of a first choice."""
    shift = 63 - TIER_BITS - MERIT_BITS
    for step in chain:
        if step == "lottery":
            break
        shift -= CHAIN_BITS[step]
        if step == "choice_rank":
            field = (1 << CHAIN_BITS[step]) - 1
            return lambda points: (points & ~(field << shift)) | ((field - 1) << shift)
    return lambda points: points


def _on_time(points: int, order: tuple[Tier, ...]) -> int:
    """Return the key as it would be in time, in the same hand."""
    block, within = divmod(unpack(points, ()).tier - 1, len(order))
    name = order[within]
    if name in {Tier.FIRST_LATE, Tier.SECOND_LATE}:
        name = Tier.FIRST_ON_TIME if name is Tier.FIRST_LATE else Tier.SECOND_ON_TIME
    better = 1 + block * len(order) + order.index(name)
    shift = 63 - TIER_BITS
    return (points & ((1 << shift) - 1)) | (((1 << TIER_BITS) - 1 - better) << shift)


def _example(facts: Facts, compiled: CompiledRound, applicant: int, row: int) -> Example:
    first = int(compiled.indptr[applicant])
    choice = int(facts.matching.choice[applicant])
    listed = compiled.routes[compiled.route[first : int(compiled.indptr[applicant + 1])]]
    return Example(
        listed=tuple(str(one) for one in listed),
        granted=int(compiled.market_row[choice]) - first + 1 if choice >= 0 else None,
        instead=row - first + 1,
        merit=int(compiled.merit[row]),
    )
