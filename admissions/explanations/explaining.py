"""Explain a round: one `Explanation` an applicant, one `ChoiceExplanation` a choice.

Source: the reasons an authority gives (förvaltningslagen 32 §: rules applied and circumstances that decided), the menu
as a truthful one-sentence account (Gonczarowski, Heffetz and Thomas 2023), SkolL 29:10 (nothing about another
applicant) and 28:18 (admission cannot be appealed, eligibility and reception can).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from admissions.explanations.enough import Enough, EnoughSearch, wanting
from admissions.explanations.facts import Facts, Limit
from admissions.explanations.keys import FIRST_PLACE, unpack
from admissions.matching.score_limits import LOTTERY
from admissions.results.entries import REVERTED
from admissions.results.statuses import Reason, reason_name
from admissions.rules.packing import SMALLER_FIRST
from admissions.rules.rows import tier_text

_APPEALS = {"not_eligible": "appeal_eligibility", "not_received": "appeal_reception"}
_CLAIMED = reason_name(Reason.GROUP_SEAT)
_OPEN = frozenset({"decision_pending", "not_tried", "route_closed"})


@dataclass(frozen=True)
class CutOff:
    """The published cut-off a choice was held against.

    Parameters
    ----------
    group
        The seat group, ``""`` for open seats.
    tier
        The tier it belongs to, in Swedish and English words.
    merit
        Merit of the last admitted, hundredths; None where the tier is closed or the school ranks.
    rank
        Place of the last admitted in the school's ranking; None elsewhere.
    """

    group: str
    tier: tuple[str, str]
    merit: int | None
    rank: int | None


@dataclass(frozen=True)
class ChoiceExplanation:
    """Why one choice ended as it did.

    Parameters
    ----------
    route_id, route_name, school, rank
        The choice.
    status, reason
        What became of it and the rule that decided, as in the decisions.
    merit, grade_sum
        Hundredths, with and without points from tests.
    school_rank
        Place in the school's own ranking; None where merit decides.
    tier
        First or second hand and in time or late, in Swedish and English words.
    position, queues
        Reserve position in the open queue, None where it stands in none; positions in the queues of named groups.
    group
        The group of the seat granted, where the choice had a claim to it; a seat that had reverted is an open one.
    missing
        Missing subjects.
    cutoff
        What it was held against; None where nobody was refused.
    lost_at
        The step at which a reserve fell behind the cut-off, ``""`` for other choices.
    certainty
        ``certain`` or ``lottery``; ``""`` for a choice that took no part.
    enough
        What would have been enough; None where the question does not arise or could not be answered.
    notice
        Which notice of appeal belongs to the decision.
    reception
        Why it is in first or second hand: a name of `admissions.rules.reception.Hand`, ``""`` where nothing is known.
    """

    route_id: str
    route_name: str
    school: str
    rank: int
    status: str
    reason: str
    merit: int
    grade_sum: int
    school_rank: int | None
    tier: tuple[str, str]
    position: int | None
    queues: tuple[tuple[str, int], ...]
    group: str
    missing: tuple[str, ...]
    cutoff: CutOff | None
    lost_at: str
    certainty: str
    enough: Enough | None
    notice: str
    reception: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why an applicant got what they got.

    Parameters
    ----------
    applicant, round
        Who, and in which round.
    choices
        In the order of the list.
    menu
        Routes of the own choices that were within reach, best first; the first of them is the one granted.
    unknown
        Why nothing is said about what would have been enough: a key of the texts, ``""`` where it is.
    """

    applicant: str
    round: str
    choices: tuple[ChoiceExplanation, ...]
    menu: tuple[str, ...]
    unknown: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the explanation as plain data, for JSON."""
        return asdict(self)


def explain(facts: Facts, applicant: str, *, unknown: str = "no_intake") -> Explanation:
    """Explain the result of one applicant.

    Parameters
    ----------
    facts
        The round: `admissions.explanations.facts_of` of a result, or what `open_facts` reads from a run folder.
    applicant
        The applicant's id.
    unknown
        Why the facts do not know the intake, where they do not.

    Raises
    ------
    AdmissionsError
        If nobody of that id has a choice in the round.
    """
    number = facts.applicant(applicant)
    return next(_explained(facts, [number], unknown))


def explain_several(facts: Facts, applicants: Sequence[str], *, unknown: str = "no_intake") -> Iterator[Explanation]:
    """Explain the results of several applicants, in the order given: quicker than one by one; see `explain`."""
    return _explained(facts, [facts.applicant(name) for name in applicants], unknown)


def explain_all(facts: Facts, *, unknown: str = "no_intake") -> Iterator[Explanation]:
    """Explain everybody's result, by id; see `explain`."""
    everybody = [number for number in range(len(facts.applicants)) if facts.indptr[number] < facts.indptr[number + 1]]
    return _explained(facts, everybody, unknown)


def _explained(facts: Facts, applicants: list[int], unknown: str) -> Iterator[Explanation]:
    if not applicants:
        return
    wanted = wanting(facts, applicants)
    answers: dict[int, Enough] = {}
    if facts.compiled is not None:
        answers = dict(EnoughSearch(facts).all(wanted))
        unknown = "" if len(answers) == sum(map(len, wanted.values())) else "other_intake"
    teller = _Teller(facts, answers, range(int(facts.indptr[applicants[0]]), int(facts.indptr[applicants[-1] + 1])))
    for number in applicants:
        yield teller.explanation(number, unknown if number in wanted else "")


class _Teller:
    """Looks up one round's facts choice by choice, in a stretch of its rows."""

    def __init__(self, facts: Facts, answers: dict[int, Enough], rows: range) -> None:
        self.facts, self.answers, self.first = facts, answers, rows.start
        self.row_of_market = facts.tried.nonzero()[0]
        self.market_row = facts.market_row
        part = facts.rows.slice(rows.start, len(rows))
        self.columns = {name: part[name].to_list() for name in part.columns}

    def explanation(self, number: int, unknown: str) -> Explanation:
        """Explain one applicant."""
        facts, columns = self.facts, self.columns
        rows = range(int(facts.indptr[number]), int(facts.indptr[number + 1]))
        reach = (columns["route_id"][self.row_of_market[row] - self.first] for row in facts.thresholds.menu(number))
        choices = tuple(self.choice(row) for row in rows)
        return Explanation(facts.applicants[number], facts.round, choices, tuple(reach), unknown)

    def choice(self, row: int) -> ChoiceExplanation:
        """Explain one choice."""
        facts = self.facts
        get = {name: values[row - self.first] for name, values in self.columns.items()}
        key = unpack(get["points"], facts.chain)
        ranked = bool(facts.tried[row]) and key.merit != get["merit"]
        queues = tuple(
            (name, int(place)) for name, _, place in (part.rpartition(":") for part in get["group_positions"].split())
        )
        cutoff, limit = self.cutoff(get, queues, ranked=ranked)
        name, school = facts.titles.get(get["route_id"], (get["route_id"], ""))
        certainty = ""
        if facts.tried[row]:
            label = facts.score_limits.label[self.market_row[row]]
            certainty = "lottery" if label == LOTTERY else "certain"
        return ChoiceExplanation(
            route_id=get["route_id"],
            route_name=name,
            school=school,
            rank=get["rank"],
            status=get["status"],
            reason=get["reason"],
            merit=get["merit"],
            grade_sum=get["grade_sum"],
            school_rank=FIRST_PLACE - key.merit if ranked else None,
            tier=self.tier(get["tier"]),
            position=get["reserve_position"],
            queues=queues,
            group=get["group"] if get["reason"] == _CLAIMED else "",
            missing=tuple(get["missing"].split()),
            cutoff=cutoff,
            lost_at=self.lost(get, limit, ranked=ranked) if get["status"] == "reserve" else "",
            certainty=certainty,
            enough=self.answers.get(row),
            notice=notice_of(facts.round, get["status"]),
            reception=get["reception"],
        )

    def tier(self, tier: int) -> tuple[str, str]:
        """Return a tier in words."""
        return tier_text(tier, self.facts.late_first_hand, "sv"), tier_text(tier, self.facts.late_first_hand, "en")

    def cutoff(
        self, get: dict[str, Any], queues: tuple[tuple[str, int], ...], *, ranked: bool
    ) -> tuple[CutOff | None, Limit | None]:
        """Return the cut-off of the seats the choice could have had last: reverted, open, else its group's."""
        limits = self.facts.limits
        groups = (REVERTED, "") if get["reserve_position"] or not queues else tuple(name for name, _ in queues)
        for group in groups:
            limit = limits.get((get["pool"], group))
            if limit is not None:
                shown = "" if group == REVERTED else group
                rank = None
                if ranked and limit.points is not None:
                    rank = FIRST_PLACE - unpack(limit.points, self.facts.chain).merit
                return CutOff(shown, self.tier(limit.tier), None if ranked else limit.merit, rank), limit
        return None, None

    def lost(self, get: dict[str, Any], limit: Limit | None, *, ranked: bool) -> str:
        """Return the step at which a reserve fell behind the cut-off."""
        if limit is None or not get["reserve_position"]:
            return "own_order"
        if limit.points is None or get["tier"] != limit.tier:
            return "tier"
        mine, last = unpack(get["points"], self.facts.chain), unpack(limit.points, self.facts.chain)
        if mine.merit != last.merit:
            return "school_rank" if ranked else "merit"
        for step, own, theirs in zip(self.facts.chain, mine.chain, last.chain, strict=False):
            if own != theirs:
                return step if (own > theirs) == (step in SMALLER_FIRST) else "own_order"
        return "lottery"


def notice_of(round_name: str, status: str) -> str:
    """Return which notice belongs to a decision: eligibility and reception can be appealed, admission cannot.

    Examples
    --------
    >>> notice_of("final", "not_eligible"), notice_of("final", "reserve"), notice_of("preliminary", "not_eligible")
    ('appeal_eligibility', 'final', 'preliminary')
    """
    if round_name == "preliminary":
        return "preliminary"
    if status in _OPEN:
        return "none_yet"
    return _APPEALS.get(status, "final")
