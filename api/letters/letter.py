"""What a letter says: the outcome, the choices, who decided, why, how to answer and by when, and how to appeal.

Sources: förvaltningslagen (2017:900) 32-33 §§ (reasons, and how to appeal), skollagen (2010:800) 28:12 and 28:18 (what
can be appealed and what cannot), the offices' letters of result. Nothing is said about another applicant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from admissions.explanations.catalogue import Language, listed, round_text
from admissions.explanations.explaining import ChoiceExplanation, Explanation
from admissions.explanations.sentences import sentences
from admissions.results.statuses import STATUS_NAMES, STATUS_TEXTS, Status
from admissions.rules.calendar import Calendar, round_number
from api.letters.texts import say

_STATUS = {STATUS_NAMES[status]: STATUS_TEXTS[status] for status in Status}
_APPEALS = {"appeal_eligibility": "eligibility", "appeal_reception": "reception"}
_FINAL, _FIRST_RESERVE = 1, 2


@dataclass(frozen=True)
class Section:
    """A part of a letter: its heading, its sentences, and parts of its own."""

    heading: str
    lines: tuple[str, ...] = ()
    parts: tuple["Section", ...] = ()


@dataclass(frozen=True)
class Letter:
    """One letter, ready to be set.

    Parameters
    ----------
    language
        ``"sv"`` or ``"en"``.
    applicant
        The opaque id, which stands on every page.
    sender, title
        What stands at the top.
    about
        Pairs such as the round and its day.
    outcome
        The result in a sentence or two.
    choices
        Rank, route, organiser, status and reserve position of each choice, in words.
    sections
        What follows.
    """

    language: Language
    applicant: str
    sender: str
    title: str
    about: tuple[tuple[str, str], ...]
    outcome: tuple[str, ...]
    choices: tuple[tuple[str, str, str, str, str], ...]
    sections: tuple[Section, ...] = field(repr=False)


def letter_of(
    explanation: Explanation,
    language: Language,
    *,
    organisers: Mapping[str, str],
    calendar: Calendar,
    silence: str = "accept_and_reserve",
    sender: str = "",
) -> Letter:
    """Write the letter to one applicant about one round.

    Parameters
    ----------
    explanation
        What became of the choices and why.
    language
        Of the letter.
    organisers
        The organiser of each route by its id.
    calendar
        The rulebook's days of the year.
    silence
        The rulebook's rule about no answer: ``accept_and_reserve``, ``accept_only`` or ``forfeit``.
    sender
        What stands at the top.
    """
    number = round_number(explanation.round)
    kind = ("preliminary", "final")[number] if number < _FIRST_RESERVE else "reserve"
    day = _day(calendar.day_of(explanation.round), language)
    about = (
        (say("word", "applicant", language), explanation.applicant),
        (say("word", "round", language), round_text(explanation.round, language)),
        (say("word", "date", language), day),
    )
    said = sentences(explanation, language)
    told = tuple(Section(heading, tuple(lines)) for heading, lines in said[1:])
    sections = [Section(say("word", "answer", language), _answer(explanation, calendar, silence, language))]
    sections.append(Section(say("word", "why", language), tuple(said[0][1]), told))
    sections.append(Section(say("word", "decided", language), _decided(number, language)))
    appeal = _appeal(explanation, organisers, language) if number >= _FINAL else ()
    if appeal:
        sections.append(Section(say("word", "appeal", language), appeal))
    return Letter(
        language=language,
        applicant=explanation.applicant,
        sender=sender,
        title=say("title", kind, language),
        about=about,
        outcome=_outcome(explanation, language),
        choices=tuple(_line(one, organisers, language) for one in explanation.choices),
        sections=tuple(sections),
    )


def _day(day: date, language: Language) -> str:
    return format_date(day, "d MMMM y", locale=language)


def _name(one: ChoiceExplanation) -> str:
    return f"{one.route_name}, {one.school}" if one.school else one.route_name


def _line(one: ChoiceExplanation, organisers: Mapping[str, str], language: Language) -> tuple[str, str, str, str, str]:
    status = _STATUS[one.status][0 if language == "sv" else 1]
    position = "" if one.position is None else str(one.position)
    return str(one.rank), _name(one), organisers.get(one.route_id, ""), status, position


def _admitted(explanation: Explanation) -> ChoiceExplanation | None:
    return next((one for one in explanation.choices if one.status == "admitted"), None)


def _outcome(explanation: Explanation, language: Language) -> tuple[str, ...]:
    granted = _admitted(explanation)
    if granted is not None:
        return (say("outcome", "admitted", language, route=_name(granted)),)
    waiting = sum(one.status == "reserve" for one in explanation.choices)
    if waiting:
        return (say("outcome", "reserve", language, number=waiting),)
    return (say("outcome", "none", language),)


def _answer(explanation: Explanation, calendar: Calendar, silence: str, language: Language) -> tuple[str, ...]:
    number = round_number(explanation.round)
    if number < _FINAL:
        days = {"opens": calendar.rechoice_opens, "closes": calendar.rechoice_closes, "final": calendar.final}
        return (say("answer", "preliminary", language, **{name: _day(day, language) for name, day in days.items()}),)
    if _admitted(explanation) is not None:
        if number > _FINAL:
            return (say("answer", "called", language),)
        by = _day(calendar.answer_by, language)
        return (say("answer", "admitted", language, answer_by=by), say("answer", silence, language))
    if any(one.status == "reserve" for one in explanation.choices):
        upcoming = calendar.reserve_1 if number == _FINAL else calendar.reserve_2
        if number <= _FIRST_RESERVE:
            return (say("answer", "reserve", language, next=_day(upcoming, language)),)
        return (say("answer", "called", language),)
    return (say("answer", "none", language),)


def _decided(number: int, language: Language) -> tuple[str, ...]:
    if number < _FINAL:
        return (say("decided", "preliminary", language),)
    return (say("decided", "text", language), say("appeal", "not", language))


def _appeal(explanation: Explanation, organisers: Mapping[str, str], language: Language) -> tuple[str, ...]:
    """Say what can be appealed, how and where; nothing where nothing can."""
    open_to = [one for one in explanation.choices if one.notice in _APPEALS]
    if not open_to:
        return ()
    which = [say("appeal", _APPEALS[one.notice], language, route=_name(one)) for one in open_to]
    owners = sorted({organisers[one.route_id] for one in open_to if one.route_id in organisers})
    return (
        say("appeal", "which", language, routes=listed(which, language)),
        say("appeal", "how", language),
        say("appeal", "where", language, organisers=listed(owners, language) or "–"),
    )
