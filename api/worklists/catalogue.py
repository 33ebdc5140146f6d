"""Which worklists there are, what each holds and what to do about it.

Source: the lists of the offices' systems (check lists before a round, lists after it), gathered in the project's notes.
"""

from dataclasses import dataclass
from typing import Literal

Pair = tuple[str, str]


@dataclass(frozen=True)
class Worklist:
    """A worklist.

    Parameters
    ----------
    name
        Stands in addresses.
    stage
        Before a run of a round, or after one.
    title, remedy
        What it holds and what to do, Swedish and English.
    blocks
        Whether the next step should wait for it.
    """

    name: str
    stage: Literal["before", "after"]
    title: Pair
    remedy: Pair
    blocks: bool = False

    def words(self, language: str) -> tuple[str, str]:
        """Give title and remedy."""
        at = 0 if language == "sv" else 1
        return self.title[at], self.remedy[at]


BEFORE = (
    Worklist(
        "dispens", "before", ("Dispens i engelska ej beslutad", "Exemption from English undecided"),
        ("Besluta om dispensen.", "Decide on the exemption."), blocks=True,
    ),
    Worklist(
        "free_quota", "before", ("Fri kvot ej beslutad", "Free quota undecided"),
        ("Besluta om den fria kvoten.", "Decide on the free quota."), blocks=True,
    ),
    Worklist(
        "test", "before", ("Provresultat saknas", "Test result missing"),
        ("Lämna in provresultatet.", "Hand in the test result."), blocks=True,
    ),
    Worklist(
        "rank", "before", ("Rangordning saknas", "Rank missing"),
        (
            "Rangordna den sökande, eller lämna utan plats: då prövas valet inte.",
            "Rank the applicant, or leave without a rank: the choice is then not tried.",
        ), blocks=True,
    ),
    Worklist(
        "approval", "before",
        ("Idrott, målgrupp eller förkunskaper ej beslutade", "Sport, target group or prerequisites undecided"),
        ("Besluta om den sökande godkänns.", "Decide whether the applicant is approved."), blocks=True,
    ),
    Worklist(
        "reception", "before", ("Mottagande ej beslutat", "Reception undecided"),
        ("Besluta om mottagandet.", "Decide on the reception."), blocks=True,
    ),
    Worklist(
        "agreement", "before", ("Överenskommelse saknas", "Agreement missing"),
        (
            "Kom överens med hemkommunen och registrera mottagandet.",
            "Agree with the home municipality and record the reception.",
        ), blocks=True,
    ),
    Worklist(
        "language_code", "before", ("Språkvalets kod misstänkt", "Language-choice code suspect"),
        (
            "Kontrollera M1 (elevens val) och M2 (språkval) mot betyget.",
            "Check M1 (pupil's choice) and M2 (language choice) against the certificate.",
        ), blocks=True,
    ),
    Worklist(
        "certificate", "before", ("Betyg saknas", "Certificate missing"),
        ("Lämna in betyget.", "Hand in the certificate."), blocks=True,
    ),
    Worklist(
        "double_identity", "before",
        (
            "Kanske samma person under tillfälligt och fullständigt nummer",
            "Maybe the same person under a temporary and a full number",
        ),
        (
            "Jämför de två. Är de samma person, behåll den som registrerades först.",
            "Compare the two. If they are one person, keep the one registered first.",
        ), blocks=True,
    ),
    Worklist(
        "seats", "before", ("Platser ej bekräftade", "Seats unconfirmed"),
        ("Bekräfta platserna för omgången.", "Confirm the seats of the round."), blocks=True,
    ),
)  # fmt: skip
AFTER = (
    Worklist(
        "without_offer", "after", ("Behöriga utan erbjudande", "Eligible without an offer"),
        ("Erbjud vägledning och lediga platser.", "Offer guidance and vacant seats."),
    ),
    Worklist(
        "ineligible", "after", ("Obehöriga till alla val", "Ineligible for every choice"),
        (
            "Erbjud vägledning, lovskola, prövning eller introduktionsprogram.",
            "Offer guidance, summer school, an examination or an introduction programme.",
        ),
    ),
    Worklist(
        "declined", "after", ("Tackat nej", "Declined"),
        ("Ta reda på vad eleven gör i höst.", "Find out what the pupil does in autumn."),
    ),
    Worklist(
        "no_answer", "after", ("Ej svarat", "No answer"),
        ("Påminn före sista svarsdag.", "Remind before the last day for answers."), blocks=True,
    ),
    Worklist(
        "no_show", "after", ("Ej kommit eller slutat", "Did not come, or left"),
        ("Meddela hemkommunen.", "Tell the home municipality."),
    ),
    Worklist(
        "elsewhere", "after", ("Antagen av ett annat kansli", "Admitted by another office"),
        ("Frigör platsen.", "Release the seat."),
    ),
)  # fmt: skip
WORKLISTS = {one.name: one for one in (*BEFORE, *AFTER)}
