"""What a letter says, and that the PDF is the same whenever it is made."""

import dataclasses

import pytest

from admissions.explanations.explaining import ChoiceExplanation, Explanation
from admissions.rules import load_rulebook
from api.letters import letter_of, letter_pdf
from api.letters.texts import _catalogue

CALENDAR = load_rulebook("storsthlm", 2026).calendar
NOTICES = {"not_eligible": "appeal_eligibility", "not_received": "appeal_reception"}
REASONS = {
    "admitted": "open_seat", "reserve": "queue", "struck": "higher_choice", "not_eligible": "missing_subjects",
    "not_received": "not_received", "decision_pending": "pending_decision",
}  # fmt: skip


def choice(rank, status, round_name="final"):
    notice = NOTICES.get(status, "none_yet" if status == "decision_pending" else "final")
    return ChoiceExplanation(
        route_id=f"r{rank}", route_name=f"Program {rank}", school=f"Skola {rank} #*_ $x$", rank=rank, status=status,
        reason=REASONS[status], merit=25000, grade_sum=25000, school_rank=None,
        tier=("första hand, i tid", "first hand, on time"), position=7 if status == "reserve" else None, queues=(),
        group="", missing=("MA",) if status == "not_eligible" else (), cutoff=None, lost_at="", certainty="",
        enough=None, notice="preliminary" if round_name == "preliminary" else notice,
    )  # fmt: skip


def letter(*statuses, language="sv", round_name="final", silence="accept_and_reserve"):
    choices = tuple(choice(rank, status, round_name) for rank, status in enumerate(statuses, start=1))
    owners = {one.route_id: f"Huvudman {one.rank}" for one in choices}
    found = Explanation("k7m2q9x4", round_name, choices, ())
    return letter_of(found, language, organisers=owners, calendar=CALENDAR, silence=silence, sender="Antagning 2026")


def headings(one):
    return [section.heading for section in one.sections]


def said(one):
    return "\n".join(line for section in one.sections for line in section.lines)


def test_it_says_the_outcome_the_choices_and_who_decided():
    one = letter("reserve", "admitted", "struck")
    assert one.outcome == ("Du är antagen till Program 2, Skola 2 #*_ $x$.",)
    assert one.choices[0] == ("1", "Program 1, Skola 1 #*_ $x$", "Huvudman 1", "reserv", "7")
    assert "Huvudmannen för varje utbildning beslutar" in said(one)
    assert headings(one) == ["Så svarar du", "Varför", "Vem som har beslutat"]
    assert one.sections[1].parts[0].heading.startswith("Val 1: Program 1")


def test_it_says_how_to_answer_and_by_when():
    assert "17 juli 2026" in said(letter("admitted"))
    assert "räknas det som ja" in said(letter("admitted"))
    assert "räknas det som nej" in said(letter("admitted", silence="forfeit"))
    assert "17 July 2026" in said(letter("admitted", language="en"))
    assert "Du behöver inte svara" in said(letter("admitted", round_name="preliminary"))
    assert "Du står kvar som reserv" in said(letter("reserve"))
    assert "Du har inget att svara på" in said(letter("not_eligible"))
    assert "när du kallas" in said(letter("admitted", round_name="reserve-1"))


def test_the_notice_of_appeal_stands_where_something_can_be_appealed_and_nowhere_else():
    for statuses in (("admitted",), ("reserve", "struck"), ("decision_pending",)):
        one = letter(*statuses)
        assert "Så överklagar du" not in headings(one)
        assert "går inte att överklaga" in said(one)
    one = letter("not_eligible", "admitted", "not_received")
    assert headings(one)[-1] == "Så överklagar du"
    appeal = "\n".join(one.sections[-1].lines)
    assert "inte är behörig (Program 1" in appeal
    assert "inte tas emot (Program 3" in appeal
    assert "Program 2" not in appeal
    assert "Huvudman 1 och Huvudman 3" in appeal
    assert "tre veckor" in appeal
    assert "Så överklagar du" not in headings(letter("not_eligible", round_name="preliminary"))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_pdf_is_the_same_whenever_it_is_made_and_texts_are_no_markup(language):
    one = letter("reserve", "admitted", "not_eligible", language=language)
    content = letter_pdf(one)
    assert content.startswith(b"%PDF-")
    assert letter_pdf(dataclasses.replace(one)) == content
    assert letter_pdf(letter("admitted", language=language)) != content
    hostile = dataclasses.replace(one, sender='#panic("no") $ * _ <a> \\ "')
    assert letter_pdf(hostile).startswith(b"%PDF-")


def test_several_letters_go_into_one_file():
    one, other = letter("admitted"), letter("reserve", language="en")
    assert len(letter_pdf([one, other])) > len(letter_pdf(one))
    with pytest.raises(ValueError, match="no letter"):
        letter_pdf([])


def test_every_text_is_there_in_both_languages():
    for section in _catalogue().values():
        for key, pair in section.items():
            assert len(pair) == 2, key
            assert all(pair), key
