"""What blocks the next run: undecided cases, missing results, suspect data, unconfirmed seats.

Read from the stored tables, by the rulebook's own conditions for what a route needs decided; nothing is matched.
"""

from collections import defaultdict
from typing import Any

import polars as pl
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from admissions.rules import Rulebook
from admissions.rules.calendar import round_number
from api.access.identity import IdentityVault
from api.store.models import Applicant, ApplicantIdentity, CaseDecision, Choice, GradeSheet, Pool, Route, Seat
from api.store.repositories.intake_tables import read_table
from api.worklists.rows import Lists, about_choices, about_people, about_pools, nothing

PENDING = "pending"
ROUTE = ("route_id", "route_name", "school", "organiser", "municipality", "mode", "programme", "test_rule")
NEEDS = {"sport": "sport", "special_needs": "target_group"}
"""Decision that a mode of routes asks for."""
BIRTH_DATE = 8
"""Characters of an identity number that say when somebody was born."""


def before_run(
    session: Session, intake_id: str, year: int, rulebook: Rulebook | None, round_name: str, vault: IdentityVault
) -> Lists:
    """Make every list that is looked through before a round, by its name.

    Parameters
    ----------
    session, intake_id, year
        A reading transaction and the intake.
    rulebook
        Its rules; without any, what hangs on rules is left empty.
    round_name
        The round to come: certificates and seats are those it uses.
    vault
        Opens identity numbers, to compare dates of birth; only who may be the same person is told.
    """
    people = _people(session, intake_id)
    routes = read_table(session, Route, intake_id, (*ROUTE, "prerequisite", "closed_at"))
    choices = _standing(session, intake_id).join(people.select("applicant"), on="applicant", how="semi")
    choices = choices.join(routes.filter(pl.col("closed_at").is_null()), on="route_id", how="semi")
    decisions = read_table(session, CaseDecision, intake_id, ("applicant", "route_id", "kind", "value"))
    ask = _Asked(choices, decisions, routes, people)
    lists = {
        "dispens": ask.pending("english_dispens"),
        "free_quota": ask.pending("free_quota"),
        "reception": ask.pending("reception", "special_grounds"),
        "rank": ask.missing(pl.col("mode") == "rank", "school_rank"),
        "test": nothing(),
        "approval": nothing(),
        "agreement": nothing(),
    }
    if rulebook is not None:
        lists |= {
            "test": ask.tests(rulebook),
            "approval": ask.approvals(rulebook),
            "agreement": ask.agreements(rulebook, year),
        }
    sheets = _sheets(session, intake_id, "autumn" if round_number(round_name) == 0 else "final")
    lists["language_code"] = _language(choices, sheets, people)
    lists["certificate"] = _certificates(choices, sheets, people)
    lists["double_identity"] = _double(session, intake_id, people, vault)
    return lists


def _people(session: Session, intake_id: str) -> pl.DataFrame:
    columns = ("applicant", "home_municipality", "sending_school", "birth_year", "protected")
    table = Applicant.__table__.c
    rows = session.execute(select(*(table[name] for name in columns)).where(table.intake_id == intake_id))
    kinds = {"birth_year": pl.Int64, "protected": pl.Boolean}
    schema = {name: kinds.get(name, pl.String) for name in columns}
    return pl.DataFrame(rows.fetchall(), schema=schema, orient="row").filter(~pl.col("protected"))


def _standing(session: Session, intake_id: str) -> pl.DataFrame:
    """Give the choices that stand; the database hands them over as one text a person, which is quicker."""
    table = Choice.__table__.c
    listed = func.aggregate_strings(table.route_id, " ")
    rows = session.execute(
        select(table.applicant, listed)
        .where(table.intake_id == intake_id, table.withdrawn_at.is_(None))
        .group_by(table.applicant)
    )
    frame = pl.DataFrame(rows.fetchall(), schema={"applicant": pl.String, "route_id": pl.String}, orient="row")
    return frame.with_columns(pl.col("route_id").str.split(" ")).explode("route_id")


def _sheets(session: Session, intake_id: str, term: str) -> pl.DataFrame:
    table = GradeSheet.__table__.c
    where = (table.intake_id == intake_id, table.term == term)
    rows = session.execute(select(table.applicant, table.marks).where(*where))
    return pl.DataFrame(rows.fetchall(), schema={"applicant": pl.String, "marks": pl.String}, orient="row")


class _Asked:
    """The choices that stand, and what was decided about them."""

    def __init__(
        self, choices: pl.DataFrame, decisions: pl.DataFrame, routes: pl.DataFrame, people: pl.DataFrame
    ) -> None:
        self.choices, self.decisions, self.routes, self.people = choices, decisions, routes, people

    def pending(self, *kinds: str) -> pl.DataFrame:
        """List what somebody marked as undecided; about a choice only while it stands."""
        waiting = self.decisions.filter(pl.col("kind").is_in(kinds), pl.col("value") == PENDING)
        general = waiting.filter(pl.col("route_id").is_null())
        stand = waiting.join(self.choices, on=["applicant", "route_id"], how="semi")
        return about_choices(pl.concat([general, stand]), self.routes, self.people, pl.col("kind"))

    def undecided(self, of: pl.Expr, *kinds: str) -> pl.DataFrame:
        """Give the choices of some routes without a decision of some kinds, or with one that waits."""
        wanted = self.choices.join(self.routes.filter(of).select("route_id"), on="route_id", how="semi")
        decided = self.decisions.filter(pl.col("kind").is_in(kinds), pl.col("value") != PENDING)
        general = decided.filter(pl.col("route_id").is_null())
        return wanted.join(decided, on=["applicant", "route_id"], how="anti").join(general, on="applicant", how="anti")

    def missing(self, of: pl.Expr, kind: str) -> pl.DataFrame:
        """List the choices of some routes without a decision of a kind."""
        return about_choices(self.undecided(of, kind), self.routes, self.people, pl.lit(kind))

    def tests(self, rulebook: Rulebook) -> pl.DataFrame:
        """List missing results: of each choice where a pass or a result is needed, else routes without any result."""
        rules = rulebook.sections.tests
        tested = {name: rule for name, rule in rules.items() if rule.rule != "subject_weight"}
        needed = [
            name
            for name, rule in tested.items()
            if rule.rule in {"add_and_pass", "pass_only"} or rule.missing == "not_tried"
        ]
        kinds = ("test_points", "test_passed")
        missing = self.undecided(pl.col("test_rule").is_in(needed), *kinds)
        some = self.decisions.filter(pl.col("kind").is_in(kinds)).select("route_id").unique()
        optional = self.routes.filter(
            pl.col("test_rule").is_in(sorted(set(tested) - set(needed))),
            pl.col("route_id").is_in(self.choices["route_id"].unique().implode()),
        )
        silent = optional.join(some, on="route_id", how="anti").with_columns(pl.lit("no results yet").alias("detail"))
        rows = about_choices(missing, self.routes, self.people, pl.lit("test"))
        return pl.concat([rows, about_pools(silent)])

    def approvals(self, rulebook: Rulebook) -> pl.DataFrame:
        """List the choices that wait for an approval: sport, target group, prerequisites."""
        wanted: dict[str, list[pl.Expr]] = defaultdict(list)
        for mode, kind in NEEDS.items():
            wanted[kind].append(pl.col("mode") == mode)
        for one in rulebook.sections.eligibility.kinds.values():
            if one.decision_needed != "none":
                wanted[one.decision_needed].append(pl.col("programme").is_in(one.programmes))
        wishes = [name for name, wish in rulebook.sections.prerequisites.items() if wish.decision]
        wanted["prerequisite"].append(pl.col("prerequisite").is_in(wishes))
        found = [self.missing(pl.any_horizontal(of).fill_null(value=False), kind) for kind, of in wanted.items()]
        return pl.concat(found).unique(maintain_order=True)

    def agreements(self, rulebook: Rulebook, year: int) -> pl.DataFrame:
        """List the choices of people above the age limit without a decision on reception."""
        if not rulebook.sections.eligibility.over_age_agreement:
            return nothing()
        older = []
        for one in rulebook.sections.eligibility.kinds.values():
            if one.starts_before_age:
                limit = pl.lit(year) - pl.col("birth_year") >= one.starts_before_age
                people = self.people.filter(limit).select("applicant")
                rows = self.undecided(pl.col("programme").is_in(one.programmes), "reception")
                older.append(rows.join(people, on="applicant", how="semi"))
        rows = pl.concat(older) if older else self.choices.clear()
        return about_choices(rows, self.routes, self.people, pl.lit("age"))


def _language(choices: pl.DataFrame, sheets: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """List certificates with a language as pupil's choice and none as language choice: up to 20 points hang on it."""
    marks = pl.col("marks").str.split(" ").list.eval(pl.element().str.split(":").list.first())
    suspect = sheets.filter(pl.col("marks").str.contains("M1:", literal=True)).with_columns(marks.alias("subjects"))
    suspect = suspect.filter(pl.col("subjects").list.contains("M1"), ~pl.col("subjects").list.contains("M2"))
    return about_people(suspect.join(choices, on="applicant", how="semi"), people, pl.lit("M1 without M2"))


def _certificates(choices: pl.DataFrame, sheets: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    missing = choices.select("applicant").unique().join(sheets, on="applicant", how="anti")
    return about_people(missing, people, pl.lit("no certificate"))


def _double(session: Session, intake_id: str, people: pl.DataFrame, vault: IdentityVault) -> pl.DataFrame:
    """List pairs born on one day in one municipality, one under a temporary number and one under a full one."""
    sealed = {
        row.applicant: (row.kind, row.sealed)
        for row in session.execute(
            select(ApplicantIdentity.applicant, ApplicantIdentity.kind, ApplicantIdentity.sealed).where(
                ApplicantIdentity.intake_id == intake_id
            )
        )
    }
    if not any(kind == "temporary" for kind, _ in sealed.values()):
        return nothing()
    homes: dict[Any, list[str]] = defaultdict(list)
    for applicant, home, year in people.select("applicant", "home_municipality", "birth_year").iter_rows():
        if applicant in sealed:
            homes[home, year].append(applicant)
    pairs = []
    for group in homes.values():
        temporary = [one for one in group if sealed[one][0] == "temporary"]
        if not temporary or len(temporary) == len(group):
            continue
        born = {one: vault.unseal(intake_id, sealed[one][1])[:BIRTH_DATE] for one in group}
        full = [one for one in group if sealed[one][0] != "temporary"]
        pairs += [(one, other) for one in temporary for other in full if born[one] == born[other]]
    rows = pl.DataFrame(pairs, schema={"applicant": pl.String, "other": pl.String}, orient="row")
    return about_people(rows, people, pl.col("other"))


def unconfirmed_seats(session: Session, intake_id: str, round_name: str) -> pl.DataFrame:
    """List the seats of a round that nobody confirmed; a round without rows uses the latest earlier ones."""
    same = and_(Pool.intake_id == Seat.intake_id, Pool.pool_id == Seat.pool_id)
    columns = (Seat.route_or_pool, Seat.round, Seat.group, Seat.confirmed_at, Pool.school, Pool.organiser)
    rows = session.execute(
        select(*columns, Pool.municipality).join(Pool, same).where(Seat.intake_id == intake_id)
    ).all()
    latest: dict[str, int] = {}
    for row in rows:
        number = round_number(row.round)
        if number <= round_number(round_name):
            latest[row.route_or_pool] = max(number, latest.get(row.route_or_pool, 0))
    names = {
        one.route_id: one.route_name
        for one in session.execute(select(Route.route_id, Route.route_name).where(Route.intake_id == intake_id))
    }
    found = [
        (
            row.route_or_pool, names.get(row.route_or_pool), row.school, row.organiser, row.municipality,
            f"{row.round} {row.group}".strip(),
        )
        for row in rows
        if row.confirmed_at is None and round_number(row.round) == latest.get(row.route_or_pool)
    ]  # fmt: skip
    schema = dict.fromkeys(("route_id", "route_name", "school", "organiser", "municipality", "detail"), pl.String)
    return about_pools(pl.DataFrame(found, schema=schema, orient="row"))
