"""An explanation in sentences a sixteen-year-old understands, Swedish and English.

Every sentence comes from the catalogue. Nothing is said about another person: cut-offs are published for everybody.
"""

from __future__ import annotations

from admissions.explanations.catalogue import (
    Language,
    group_text,
    listed,
    points,
    round_text,
    say,
    subject_text,
)
from admissions.explanations.enough import Change, Enough
from admissions.explanations.explaining import ChoiceExplanation, Explanation

_MOST_NAMED = 4
_LIFTED = frozenset({"reserve", "admitted"})
_SAID_HANDS = frozenset(
    {"second", "not_offered", "decision"}
)  # that people at home in the area are in first hand is plain
_OF_SECOND_HAND = frozenset({"not_named", "later_second_hand"})


def sentences(explanation: Explanation, language: Language) -> list[tuple[str, list[str]]]:
    """Return the explanation as paragraphs: a heading and its sentences, one for each choice, then the menu.

    Parameters
    ----------
    explanation
        From `explain`.
    language
        ``"sv"`` or ``"en"``.
    """
    names = {one.route_id: _name(one) for one in explanation.choices}
    title = say(
        "word", "heading", language, applicant=explanation.applicant, round=round_text(explanation.round, language)
    )
    within = listed([names[route] for route in explanation.menu], language)
    menu = say("menu", "some", language, routes=within) if within else say("menu", "none", language)
    paragraphs = [(title, [menu])]
    for one in explanation.choices:
        heading = say("word", "choice", language, rank=one.rank, route=names[one.route_id])
        paragraphs.append((heading, choice_sentences(one, language, explanation.unknown)))
    return paragraphs


def choice_sentences(one: ChoiceExplanation, language: Language, unknown: str = "") -> list[str]:
    """Return the sentences of one choice."""
    at = 0 if language == "sv" else 1
    queues = listed([group_text(name, language) for name, _ in one.queues], language)
    missing = listed([subject_text(name, language) for name in one.missing], language)
    said = [
        say(
            "decision",
            one.reason,
            language,
            position=one.position,
            queues=queues,
            group=group_text(one.group, language),
            missing=missing,
        )
    ]
    if one.reception in _SAID_HANDS and (one.status in _LIFTED or one.reason in _OF_SECOND_HAND):
        said.append(say("reception", one.reception, language))
    if one.status in _LIFTED:
        said += _values(one, language)
    if one.lost_at:
        said.append(say("lost", one.lost_at, language, own=one.tier[at]))
    if one.enough is not None:
        said += _enough(one, one.enough, language)
    elif unknown and (one.status == "reserve" or one.missing):
        said.append(say("enough", "unknown", language, why=say("unknown", unknown, language)))
    if one.certainty:
        said.append(say("certainty", one.certainty, language))
    said.append(say("notice", one.notice, language))
    return said


def as_text(explanation: Explanation, language: Language) -> str:
    """Return the explanation as plain text, a paragraph for each choice."""
    return "\n\n".join("\n".join([heading, *lines]) for heading, lines in sentences(explanation, language))


def _name(one: ChoiceExplanation) -> str:
    return f"{one.route_name}, {one.school}" if one.school else one.route_name


def _values(one: ChoiceExplanation, language: Language) -> list[str]:
    """Say the own value and the cut-off."""
    at = 0 if language == "sv" else 1
    if one.school_rank is not None:
        said = [say("merit", "rank", language, rank=one.school_rank)]
    else:
        kind = "plain" if one.merit == one.grade_sum else "with_test"
        said = [say("merit", kind, language, merit=points(one.merit, language))]
    cutoff = one.cutoff
    if cutoff is None:
        return [*said, say("limit", "none", language)]
    if cutoff.rank is not None:
        return [*said, say("limit", "rank", language, limit=cutoff.rank)]
    if cutoff.merit is None:
        return [*said, say("limit", "closed", language, tier=cutoff.tier[at])]
    return [*said, say("limit", "merit", language, limit=points(cutoff.merit, language), tier=cutoff.tier[at])]


def _enough(one: ChoiceExplanation, enough: Enough, language: Language) -> list[str]:
    """Say what would have been enough: certainly, and with the best draw where that differs."""
    certain, best = _changes(enough.certain, language), _changes(enough.best, language)
    if enough.draw_alone:
        said = [say("enough", "draw", language)]
        said.append(
            say("enough", "certain", language, changes=certain) if certain else say("enough", "no_certain", language)
        )
    elif certain == best:
        said = [say("enough", "both", language, changes=certain) if certain else say("enough", "no_single", language)]
    else:
        said = [
            say("enough", "certain", language, changes=certain) if certain else say("enough", "no_certain", language)
        ]
        said.append(say("enough", "best", language, changes=best))
    if one.status != "reserve" or one.school_rank is not None:
        return said
    return said + _merit(one, enough, language)


def _merit(one: ChoiceExplanation, enough: Enough, language: Language) -> list[str]:
    sure, lucky = enough.merit_certain, enough.merit_best
    if lucky is None:
        return [say("enough", "merit_none", language)]
    best = points(lucky, language)
    if sure is None:
        said = [say("enough", "merit_best", language, best=best)]
    elif sure == lucky or enough.draw_alone:
        said = [say("enough", "merit", language, merit=points(sure, language))]
    else:
        said = [say("enough", "merit_two", language, merit=points(sure, language), best=best)]
    limit = one.cutoff.merit if one.cutoff is not None else None
    if limit is not None and one.lost_at == "merit" and lucky != limit:
        said.append(say("enough", "limit_note", language))
    return said


def _changes(changes: tuple[Change, ...], language: Language) -> str:
    """Say the changes with the fewest steps: one in grades, one in tests."""
    grades = [one for one in changes if not one.route_id]
    least = [one for one in grades if one.steps == grades[0].steps]
    said = [_grade_change(one, language) for one in least[:2]]
    tests = [one for one in changes if one.route_id]
    if tests:
        said.append(_test_change(tests[0], language))
    return listed(said, language, "or")


def _grade_change(one: Change, language: Language) -> str:
    subjects = [subject_text(name, language) for name in one.subjects[:_MOST_NAMED]]
    named = listed(subjects, language, "or")
    if len(one.subjects) > _MOST_NAMED:
        named = say("word", "any_of", language, subjects=", ".join(subjects) + " ...")
    old = one.old if one.old != "-" else say("word", "no_grade", language)
    return say("enough", "grade_from", language, new=one.new, old=old, subjects=named)


def _test_change(one: Change, language: Language) -> str:
    new = points(int(one.new), language)
    if one.old is None:
        return say("enough", "test_new", language, new=new)
    return say("enough", "test", language, new=new, old=points(int(one.old), language))
