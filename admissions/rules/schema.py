"""The rulebook (regelbok) section by section: what an office can state, and what each key means.

Every section is a frozen dataclass; the loader, the checks, the plain-language document and docs/rulebook.md all follow
these declarations, so a key exists in one place. Every section says where it comes from (``source``: a paragraph of
the School Act, skollagen "SkolL", or of the Upper Secondary School Ordinance, gymnasieförordningen "GyF", or the name
of an office) and how certain that is (``certainty``); ``assumed`` names single keys that nobody has confirmed.
"""

# ruff: noqa: RUF009 -- `key` is a dataclass field with its documentation
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NewType

Points = NewType("Points", int)
"""A number of points in hundredths: 17.5 in the file is 1750 here."""

MonthDay = NewType("MonthDay", str)
"""A day of every admission year, as ``"07-04"`` (month, day)."""

Certainty = Literal["law", "office", "third_party", "assumption"]
TieStep = Literal["choice_rank", "grade_sum", "grade_count", "lottery"]
RoundName = Literal["preliminary", "final", "reserve-1", "reserve-2"]


def key(doc: str, **more: Any) -> Any:
    """Return a dataclass field with its documentation; `more` goes to `dataclasses.field`."""
    return field(metadata={"doc": doc}, **more)


@dataclass(frozen=True, kw_only=True)
class Section:
    """What every section carries."""

    source: tuple[str, ...] = key("Where the rule stands: statute paragraphs or the name of an office's page.")
    certainty: Certainty = key("How certain it is: law, office, third_party or assumption.")
    assumed: tuple[str, ...] = key("Keys of this section that nobody has confirmed.", default=())


@dataclass(frozen=True, kw_only=True)
class Scale(Section):
    """A grade scale (betygsskala): several can be valid in one year, for applicants of different ages."""

    values: dict[str, Points] = key("Points of each grade.")
    passed: tuple[str, ...] = key("Grades that are a pass (godkänt betyg).")
    no_grade: tuple[str, ...] = key("Marks that stand for no grade at all (streck).", default=())


@dataclass(frozen=True, kw_only=True)
class Merit(Section):
    """The merit value (meritvärde)."""

    best: int = key("How many of the best grades are added up.")
    language_choice: str = key(
        "Subject code that is added on top of the best (moderna språk som språkval); '' for none."
    )
    excluded: tuple[str, ...] = key("Subject codes that never count.", default=())
    dance_flag: str = key("Flag of applicants whose fewer grades are scaled up in proportion (dans); '' for none.")
    rounding: Literal["down"] = key("How the scaled sum is brought to hundredths of a point.", default="down")
    grade_count: Literal["grades", "passes"] = key("What the number of grades in a tie counts.")
    blocks: dict[str, tuple[str, ...]] = key(
        "Block grades (blockbetyg): the subjects a block grade stands for, where they have no grade of their own.",
        default_factory=dict,
    )


@dataclass(frozen=True, kw_only=True)
class PassRule:
    """One way to be eligible: passes in all of `required`, and in `others` further subjects, `named` among them."""

    required: tuple[tuple[str, ...], ...] = key("Subjects; of each inner list one is enough.", default=())
    others: int = key("How many further subjects.", default=0)
    named: tuple[str, ...] = key("Subjects that must be among the further ones.", default=())


@dataclass(frozen=True, kw_only=True)
class ProgrammeKind(Section):
    """A kind of programme and what makes an applicant eligible (behörig) for it."""

    programmes: tuple[str, ...] = key("Programme codes of this kind.")
    national: bool = key("National programmes (nationella program).", default=False)
    any_of: tuple[PassRule, ...] = key(
        "Ways to be eligible; one is enough, none means no grades are asked for.", default=()
    )
    english_dispens: bool = key("A granted exemption replaces the pass in English.", default=False)
    not_if_eligible_for: Literal["none", "target", "vocational"] = key(
        "Closed to those eligible for the programme it leads to (target) or for a vocational programme.", default="none"
    )
    starts_before_age: int = key("Open to those who do not reach this age in the year of the start; 0 for no limit.")
    completed_bars: bool = key("Closed to those who completed upper-secondary education.")
    decision_needed: Literal["none", "prerequisite", "target_group"] = key(
        "A decision about the applicant that must be there as well.", default="none"
    )


@dataclass(frozen=True, kw_only=True)
class Eligibility(Section):
    """Who may be admitted (behörighet)."""

    kinds: dict[str, ProgrammeKind] = key("The kinds of programme.")
    asylum_flag: str = key("Flag of asylum seekers.", default="asylum_seeker")
    asylum_before_age: int = key("Asylum seekers must start before this age.", default=18)
    completed_flag: str = key(
        "Flag of those who completed upper-secondary education.", default="completed_upper_secondary"
    )
    over_age_agreement: bool = key("An approved reception lets an over-age applicant in.", default=True)
    equivalent_flag: str = key(
        "Flag of applicants whose knowledge was gained elsewhere: with an approved free quota they count as eligible.",
        default="foreign_grades",
    )


@dataclass(frozen=True, kw_only=True)
class Prerequisite(Section):
    """Special prerequisites (förkunskapskrav) of nationwide education and special variants."""

    grades: dict[str, str] = key("Lowest grade in single subjects.", default_factory=dict)
    decision: bool = key("An approved decision 'prerequisite' is needed.", default=False)
    lowest_merit: Points = key("Lowest merit value without test points.", default=Points(0))


@dataclass(frozen=True, kw_only=True)
class TestRule(Section):
    """How a test, or the grade in a subject, counts on a route (färdighetsprov)."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name
    rule: Literal["add", "add_and_pass", "pass_only", "split", "subject_weight"] = key(
        "add: points on top of the merit; add_and_pass: and a pass is needed; pass_only: only the pass matters; "
        "split: part of the seats goes by the test; subject_weight: points for grades in subjects."
    )
    weight: int = key("Each point of the test counts this many points.", default=1)
    highest: Points = key("Most points the test can give after weighting.", default=Points(0))
    letters: dict[str, Points] = key("Points where the test is marked with letters.", default_factory=dict)
    not_passed: tuple[str, ...] = key("Letters that are no pass.", default=())
    missing: Literal["zero", "not_tried"] = key("What applies to a choice without a result.", default="zero")
    subjects: dict[str, dict[str, Points]] = key("Points per grade and subject (subject_weight).", default_factory=dict)
    share: tuple[int, ...] = key("Largest part of the seats that goes by the test, as [1, 3] (split).", default=())
    group: str = key("Name of the seat group that goes by the test (split).", default="test")


@dataclass(frozen=True, kw_only=True)
class Modes(Section):
    """Routes that are not ranked on merit alone."""

    rank_missing: Literal["not_tried"] = key("Ranked by the school: what applies without a rank.")
    sport: Literal["approval_then_merit"] = key("Sport (NIU, RIG): approval by the sport, then ordinary admission.")
    target_group: Literal["approval_then_merit"] = key("Special-needs groups: approval, then merit.")
    undecided: Literal["pending"] = key("What applies while an approval is missing.")
    manual: Literal["not_tried"] = key("Routes admitted by hand take no part in the run.")


@dataclass(frozen=True, kw_only=True)
class Area(Section):
    """Municipalities whose inhabitants are received in first hand (samverkansområde)."""

    municipalities: tuple[str, ...] = key("Names of the municipalities.")


@dataclass(frozen=True, kw_only=True)
class Reception(Section):
    """First and second hand (första och andra hand): decided per education, never per pair of municipalities."""

    areas: dict[str, Area] = key("The areas by name.")
    default_area: str = key("Area of a route that names none.")
    programmes: dict[str, str] = key(
        "Area per programme where it differs; 'municipality' is the school's own, 'nationwide' all of Sweden.",
        default_factory=dict,
    )
    independent_split: bool = key("Independent schools tell first and second hand apart too.")
    second_hand: Literal["merit", "named"] = key("Second hand goes by merit, or the organiser names who is received.")
    second_hand_from: RoundName = key("First round in which second hand takes part.")
    home_offer: Literal["catalogue", "decision"] = key(
        "Whether the catalogue shows what the home municipality does not offer, or only decisions say it.",
        default="catalogue",
    )
    home_offer_organisers: Literal["public", "any"] = key(
        "Whose education counts as offered at home: that of municipalities and regions, or of independent schools too.",
        default="public",
    )
    home_offer_entry: Literal["counts", "does_not_count"] = key(
        "Whether a programme entered without an orientation counts as offering its orientations.", default="counts"
    )
    home_offer_known: tuple[str, ...] = key(
        "Municipalities outside the areas whose whole offer stands in the catalogue.", default=()
    )


@dataclass(frozen=True, kw_only=True)
class FreeQuota(Section):
    """Seats of the free quota (fri kvot), ahead of higher merit, inside each hand."""

    streams: tuple[Literal["special_circumstances", "foreign_grades"], ...] = key("The two reasons to be in it.")
    stream_seats: Literal["shared", "separate"] = key(
        "One number of seats for both streams (group free_quota), or one each (free_quota_special, free_quota_foreign)."
    )
    from_round: RoundName = key("First round in which the decisions take effect.")
    unused: Literal["reverts", "stays_empty"] = key("Seats nobody of the quota takes.")
    order: Literal["merit"] = key("Order inside the quota.")


@dataclass(frozen=True, kw_only=True)
class Order(Section):
    """The order of selection (urval)."""

    late_first_hand: Literal["before_second_hand", "after_second_hand_on_time"] = key(
        "Where late choices in first hand stand against choices in second hand made in time."
    )
    introduction: Literal["own_seats", "after_programme"] = key(
        "Programme-oriented choice (IMV): with seats of its own, or from the programme's pool after everyone eligible."
    )


@dataclass(frozen=True, kw_only=True)
class Ties(Section):
    """Who goes first at equal merit."""

    chain: tuple[TieStep, ...] = key("The steps in order; the lottery is the last.")
    lottery: Literal["applicant", "row"] = key("One number for all choices of an applicant, or one for each choice.")


@dataclass(frozen=True, kw_only=True)
class Lottery(Section):
    """The public lottery: seed committed before, public value known only after."""

    public_value: Literal["state_lottery", "randomness_beacon", "public_dice"] = key(
        "Which future public value is used."
    )


@dataclass(frozen=True, kw_only=True)
class Late(Section):
    """Late choices (sena val): decided choice by choice."""

    counts: Literal["new", "new_or_raised", "new_or_moved"] = key(
        "After the cut-off: only added choices, also choices placed above others, or every choice whose place changed."
    )
    from_round: RoundName = key("First round in which late choices are tried.")


@dataclass(frozen=True, kw_only=True)
class Choices(Section):
    """The applicant's list."""

    highest_number: int = key("Most choices in a list; 0 for no limit.")
    rechoice_channel: Literal["applicant", "counsellor"] = key("Who enters changes in the re-choice window.")


@dataclass(frozen=True, kw_only=True)
class Rounds(Section):
    """Which certificate each round uses."""

    preliminary_grades: Literal["autumn_else_final", "final"] = key("Grades of the preliminary round.")
    final_grades: Literal["final"] = key("Grades of the final round and of the reserve rounds.")
    no_preliminary: tuple[str, ...] = key("Programmes without a preliminary round.", default=())


@dataclass(frozen=True, kw_only=True)
class Answers(Section):
    """Answers to an offer."""

    silence: Literal["accept_and_reserve", "accept_only", "forfeit"] = key("What silence means.")


@dataclass(frozen=True, kw_only=True)
class Reserve(Section):
    """Reserve rounds (reservantagning)."""

    method: Literal["rerun", "call_down", "fewest_moves"] = key("How released seats are filled.")
    move: Literal["automatic", "needs_acceptance"] = key("Whether a move to a higher choice needs a yes.")
    patience_before_start: int = key("Days a reserve has to answer before the school starts.")
    patience_after_start: int = key("Days a reserve has to answer afterwards.")


@dataclass(frozen=True, kw_only=True)
class Publication(Section):
    """What is published."""

    smallest_cell: int = key("Figures of fewer persons than this are hidden; 0 hides none.")
    over_intake: bool = key("Pools may be given more seats than they have (överintag).")


@dataclass(frozen=True, kw_only=True)
class CalendarDays(Section):
    """The days of every admission year; `years` holds the days of single years where they differ."""

    application_opens: MonthDay = key("The application opens.")
    application_closes: MonthDay = key("The application closes.")
    preliminary: MonthDay = key("The preliminary result is shown.")
    rechoice_opens: MonthDay = key("The re-choice window opens.")
    rechoice_closes: MonthDay = key("Last day of the re-choice window.")
    late_cutoff: MonthDay = key("Last day on which a choice is in time.")
    supplements: MonthDay = key("Last day on which supplements to the certificate enter the final round.")
    final: MonthDay = key("The final result is shown.")
    answer_by: MonthDay = key("Last day to answer.")
    reserve_1: MonthDay = key("First reserve round.")
    reserve_2: MonthDay = key("Second reserve round.")
    automatic_until: MonthDay = key("Last day on which a reserve is moved by machine.")
    handover: MonthDay = key("The schools take over.")
    years: dict[str, dict[str, str]] = key('Days of single years, as 2023 = { final = "07-04" }.', default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Title:
    """The name of the rulebook in words."""

    sv: str = key("In Swedish.")
    en: str = key("In English.")


@dataclass(frozen=True, kw_only=True)
class Sections:
    """All sections of a rulebook for one admission year."""

    name: str = key("Short name.")
    title: Title = key("Name in words.")
    first_year: int = key("First admission year it holds for.")
    last_year: int = key("Last admission year it holds for.")
    scales: dict[str, Scale] = key("Grade scales.")
    merit: Merit = key("Merit value.")
    eligibility: Eligibility = key("Eligibility.")
    prerequisites: dict[str, Prerequisite] = key("Prerequisites a route can name.", default_factory=dict)
    tests: dict[str, TestRule] = key("Test rules a route can name.", default_factory=dict)
    modes: Modes = key("Routes not ranked on merit.")
    reception: Reception = key("First and second hand.")
    free_quota: FreeQuota = key("Free quota.")
    order: Order = key("Order of selection.")
    ties: Ties = key("Ties.")
    lottery: Lottery = key("Lottery.")
    late: Late = key("Late choices.")
    choices: Choices = key("The list of choices.")
    rounds: Rounds = key("Grades of the rounds.")
    answers: Answers = key("Answers.")
    reserve: Reserve = key("Reserve rounds.")
    publication: Publication = key("Publication.")
    calendar: CalendarDays = key("Calendar.")
