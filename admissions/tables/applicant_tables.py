"""The declared tables of those who apply: applicants, grades, choices, decisions, answers.

Source: the intake folder of the project's design. The kinds of decisions follow what an admissions office registers
beside an application: exemption from English (School Act, skollagen 2010:800, 16:32), free quota and tests (Upper
Secondary School Ordinance, gymnasieförordningen 2010:2039, chapter 7), ranks set by the school, reception.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from admissions.tables.schema import ID_MEANING, OPAQUE_ID, ROUND, ROUND_MEANING, Column, Table

SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "BL": "art (bild)",
        "EN": "English (engelska)",
        "HK": "home and consumer studies (hem- och konsumentkunskap)",
        "IH": "physical education and health (idrott och hälsa)",
        "MA": "mathematics (matematik)",
        "M1": "modern language within the pupil's choice (moderna språk, elevens val)",
        "M2": "modern language as language choice (moderna språk som språkval), the seventeenth grade",
        "MU": "music (musik)",
        "ML": "mother tongue (modersmål)",
        "BI": "biology (biologi)",
        "FY": "physics (fysik)",
        "KE": "chemistry (kemi)",
        "TK": "technology (teknik)",
        "GE": "geography (geografi)",
        "HI": "history (historia)",
        "RE": "religion (religionskunskap)",
        "SH": "civics (samhällskunskap)",
        "SL": "crafts (slöjd)",
        "SV": "Swedish (svenska)",
        "SVA": "Swedish as a second language (svenska som andraspråk)",
        "NO": "block grade in natural sciences (blockbetyg NO)",
        "SO": "block grade in social sciences (blockbetyg SO)",
        "DA": "dance (dans)",
        "JS": "Jewish studies (judiska studier)",
        "TN": "sign language (teckenspråk)",
    }
)

GRADES: Mapping[str, str] = MappingProxyType(
    {
        "A": "20 points",
        "B": "17.5 points",
        "C": "15 points",
        "D": "12.5 points",
        "E": "10 points",
        "F": "not passed, 0 points",
        "-": "no basis for a grade (streck), 0 points",
        "MVG": "older scale, passed with special distinction",
        "VG": "older scale, passed with distinction",
        "G": "older scale, passed",
        "IG": "older scale, not passed",
    }
)

_APPROVAL = "approved|rejected|pending"
DECISION_VALUES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # kind: (pattern the value must match, what that asks for)
        "english_dispens": (_APPROVAL, "approved, rejected or pending"),
        "free_quota": (_APPROVAL, "approved, rejected or pending"),
        "test_points": (r"[0-9]{1,4}([.][0-9]{1,2})?|[A-Z]{1,3}", "points such as 12.5, or the letter of the mark"),
        "test_passed": ("yes|no|pending", "yes, no or pending"),
        "school_rank": (r"[1-9][0-9]{0,4}", "a whole number from 1, 1 being first"),
        "sport": (_APPROVAL, "approved, rejected or pending"),
        "target_group": (_APPROVAL, "approved, rejected or pending"),
        "reception": ("approved|rejected|pending|first|second", "approved, rejected, pending, first or second"),
        "special_grounds": (_APPROVAL, "approved, rejected or pending"),
        "hand": ("first|second|1|2", "first or second"),
        "named": (r"\S.{0,199}", "what the decision is called in the rulebook"),
        "prerequisite": (_APPROVAL, "approved, rejected or pending"),
    }
)

DECISION_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "english_dispens": "exemption from the pass grade in English (dispens i engelska)",
        "free_quota": "seat in the free quota (fri kvot)",
        "test_points": "points of a skill test (färdighetsprov), added to the merit of that choice",
        "test_passed": "passed an entrance test (inträdesprov)",
        "school_rank": "rank set by the school (rangordning), 1 first",
        "sport": "approval by the sport (NIU, RIG)",
        "target_group": "belongs to the target group (målgrupp)",
        "reception": "reception (mottagande) by the organiser",
        "special_grounds": "reception on special grounds (särskilda skäl)",
        "hand": "first or second hand (första/andra hand)",
        "named": "any other decision the rulebook knows by name",
        "prerequisite": "meets the prerequisites (förkunskaper) of a nationwide or special variant",
    }
)

_APPLICANT = Column(
    "applicant",
    "text",
    "The applicant's random id, given at first registration; never an identity number or derived from one.",
    "Den sökandes slumpmässiga id; aldrig ett personnummer eller härlett ur ett.",
    pattern=OPAQUE_ID,
    pattern_meaning=ID_MEANING,
    example="k7m2q9x4",
    identifies=True,
)

APPLICANTS = Table(
    "applicants",
    "One applicant (sökande).",
    "En sökande.",
    (
        _APPLICANT,
        Column(
            "home_municipality",
            "text",
            "Municipality of residence.",
            "Hemkommun.",
            example="Salem",
        ),
        Column(
            "birth_year",
            "integer",
            "Year of birth.",
            "Födelseår.",
            minimum=1950,
            maximum=2090,
            unit="year",
            example="2007",
        ),
        Column(
            "flags",
            "words",
            "What else the rules ask about the applicant.",
            "Övrigt om den sökande som reglerna frågar efter.",
            required=False,
            empty=True,
            default="",
            allowed={
                "foreign_grades": "grades from abroad, not comparable (utländska betyg)",
                "completed_upper_secondary": "has completed upper-secondary education already",
                "dance_reduced": "preparatory dance education with a reduced timetable",
                "protected": "protected identity (skyddade personuppgifter)",
                "swedish_abroad": "Swedish citizen living abroad (utlandssvensk)",
                "asylum_seeker": "asylum seeker (asylsökande)",
                "leaving_grade_9": "finishes year 9 this spring (avgångselev)",
                "newly_arrived": "newly arrived (nyanländ)",
            },
            example="foreign_grades",
        ),
    ),
    key=("applicant",),
)

APPLICANT_GRADES = Table(
    "grades",
    "One grade of an applicant in a subject and a term.",
    "Ett betyg för en sökande i ett ämne och en termin.",
    (
        _APPLICANT,
        Column(
            "term",
            "choice",
            "Which certificate the grade stands in.",
            "Vilket betyg raden kommer från.",
            allowed={
                "autumn": "autumn grades of year 9 (höstterminsbetyg)",
                "final": "final certificate (slutbetyg)",
                "summer": "result after the final certificate, of the subject it changed (lovskola, prövning); counts "
                "from the first reserve round",
            },
            example="final",
        ),
        Column("subject", "choice", "The subject.", "Ämnet.", allowed=SUBJECTS, example="MA"),
        Column("grade", "choice", "The grade.", "Betyget.", allowed=GRADES, example="B"),
    ),
    key=("applicant", "term", "subject"),
)

CHOICES = Table(
    "choices",
    "One row of an applicant's list (val), with its history: a choice moved to another rank is the old row withdrawn "
    "and a new row registered. Active on day D: registered_at <= D and withdrawn_at empty or later than D.",
    "Ett val med historik: ett flyttat val är den gamla raden återtagen och en ny registrerad.",
    (
        _APPLICANT,
        Column(
            "route_id",
            "text",
            "The study route chosen.",
            "Studievägen.",
            pattern=OPAQUE_ID,
            pattern_meaning=ID_MEANING,
            example="3f2a91c07b",
            identifies=True,
        ),
        Column(
            "rank",
            "integer",
            "Place in the applicant's list, 1 first.",
            "Valordning, 1 först.",
            minimum=1,
            maximum=999,
            unit="place",
            example="1",
        ),
        Column(
            "registered_at",
            "date",
            "The day the row was registered.",
            "Dagen då valet registrerades.",
            example="2023-02-10",
        ),
        Column(
            "withdrawn_at",
            "date",
            "The day the row was withdrawn or replaced.",
            "Dagen då valet togs bort eller ersattes.",
            required=False,
            empty=True,
            example="2023-05-03",
        ),
    ),
    key=("applicant", "route_id", "rank", "registered_at"),
)

DECISIONS = Table(
    "decisions",
    "A decision about a choice, or about the applicant where route_id is empty.",
    "Ett beslut om ett val, eller om den sökande när route_id är tomt.",
    (
        _APPLICANT,
        Column(
            "route_id",
            "text",
            "The study route concerned.",
            "Studievägen som beslutet gäller.",
            empty=True,
            pattern=OPAQUE_ID,
            pattern_meaning=ID_MEANING,
            example="3f2a91c07b",
            identifies=True,
        ),
        Column("kind", "choice", "What was decided.", "Vad beslutet gäller.", allowed=DECISION_KINDS, example="hand"),
        Column(
            "value",
            "text",
            "The decision; which values there are depends on the kind.",
            "Beslutet; möjliga värden beror på vad det gäller.",
            example="approved",
        ),
    ),
    key=("applicant", "route_id", "kind"),
    may_be_absent=True,
)

ANSWERS = Table(
    "answers",
    "An applicant's answer to the result of a round.",
    "En sökandes svar på ett antagningsbesked.",
    (
        _APPLICANT,
        Column(
            "round",
            "text",
            "The round answered.",
            "Omgången.",
            pattern=ROUND,
            pattern_meaning=ROUND_MEANING,
            example="final",
        ),
        Column(
            "answer",
            "choice",
            "The answer.",
            "Svaret.",
            allowed={
                "yes": "takes the seat and stays reserve on higher choices (ja, kvarstå som reserv)",
                "yes_no_reserve": "takes the seat, no longer reserve (ja, ej reserv)",
                "no_keep_reserve": "declines the seat, stays reserve on higher choices (nej, kvarstå som reserv)",
                "no": "declines (nej)",
            },
            example="yes",
        ),
        Column(
            "route_id",
            "text",
            "The study route of the seat answered.",
            "Studievägen för den erbjudna platsen.",
            required=False,
            empty=True,
            pattern=OPAQUE_ID,
            pattern_meaning=ID_MEANING,
            example="3f2a91c07b",
            identifies=True,
        ),
        Column(
            "answered_at",
            "date",
            "The day of the answer.",
            "Dagen för svaret.",
            required=False,
            empty=True,
            example="2023-07-20",
        ),
    ),
    key=("applicant", "round"),
    may_be_absent=True,
)
