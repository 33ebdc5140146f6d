"""Permissions and the roles that have them: the one table that decides.

Roles follow what the offices' systems have (sending and receiving principals, counsellors, municipal administration,
office staff): decisions belong to the organiser, runs to the office.
"""

from enum import StrEnum


class Permission(StrEnum):
    """What can be allowed; every operation declares one."""

    READ_CATALOGUE = "catalogue.read"
    WRITE_CATALOGUE = "catalogue.write"
    READ_SEATS = "seats.read"
    WRITE_SEATS = "seats.write"
    WRITE_INTAKE = "intake.write"
    READ_IMPORTS = "imports.read"
    WRITE_IMPORTS = "imports.write"
    READ_APPLICANTS = "applicants.read"
    WRITE_APPLICANTS = "applicants.write"
    READ_IDENTITY = "identity.read"
    READ_GRADES = "grades.read"
    WRITE_GRADES = "grades.write"
    READ_PROTECTED = "protected.read"
    WRITE_CHOICES = "choices.write"
    READ_CASES = "cases.read"
    WRITE_CASES = "cases.write"
    WRITE_ANSWERS = "answers.write"
    WRITE_DEPARTURES = "departures.write"
    READ_RULEBOOKS = "rulebooks.read"
    WRITE_RULEBOOKS = "rulebooks.write"
    READ_RUNS = "runs.read"
    START_RUNS = "runs.start"
    SIGN_RUNS = "runs.sign"
    DELEGATE_RUNS = "runs.delegate"
    PUBLISH_RUNS = "runs.publish"
    READ_RESULTS = "results.read"
    READ_DEMAND = "demand.read"
    WRITE_CALLS = "calls.write"
    WRITE_COMPARISONS = "comparisons.write"
    READ_SCENARIOS = "scenarios.read"
    WRITE_SCENARIOS = "scenarios.write"
    READ_WORKLISTS = "worklists.read"
    READ_HANDOVER = "handover.read"
    WRITE_LETTERS = "letters.write"
    READ_JOBS = "jobs.read"
    CANCEL_JOBS = "jobs.cancel"
    READ_AUDIT = "audit.read"
    READ_USERS = "users.read"
    WRITE_USERS = "users.write"
    OWN_ACCOUNT = "account.own"
    MATCH = "match.run"
    READ_METRICS = "metrics.read"


class Role(StrEnum):
    """Who somebody is to the admissions office."""

    OFFICE = "office"
    SECOND_SIGNER = "second_signer"
    PRINCIPAL = "principal"
    COUNSELLOR = "counsellor"
    PLANNER = "planner"
    ANALYST = "analyst"
    AUDITOR = "auditor"


P = Permission
EVERYBODY = frozenset(
    {P.READ_CATALOGUE, P.READ_SEATS, P.READ_RULEBOOKS, P.READ_RUNS, P.READ_DEMAND, P.READ_JOBS, P.OWN_ACCOUNT, P.MATCH}
)
ROLES: dict[Role, frozenset[Permission]] = {
    Role.OFFICE: frozenset(set(Permission) - {P.SIGN_RUNS}),
    Role.SECOND_SIGNER: EVERYBODY
    | {P.SIGN_RUNS, P.READ_RESULTS, P.READ_WORKLISTS, P.READ_IMPORTS, P.READ_AUDIT, P.READ_APPLICANTS}
    | {P.READ_GRADES, P.READ_HANDOVER, P.READ_CASES},
    Role.PRINCIPAL: EVERYBODY
    | {P.WRITE_SEATS, P.WRITE_CASES, P.DELEGATE_RUNS, P.READ_RESULTS, P.READ_APPLICANTS, P.READ_WORKLISTS}
    | {P.READ_HANDOVER, P.READ_CASES, P.WRITE_DEPARTURES},
    Role.COUNSELLOR: EVERYBODY
    | {P.READ_APPLICANTS, P.READ_RESULTS, P.WRITE_CHOICES, P.READ_WORKLISTS}
    | {P.READ_GRADES, P.READ_CASES},
    Role.PLANNER: EVERYBODY | {P.READ_SCENARIOS, P.WRITE_SCENARIOS, P.CANCEL_JOBS},
    Role.ANALYST: EVERYBODY | {P.READ_SCENARIOS, P.WRITE_SCENARIOS, P.CANCEL_JOBS, P.READ_RESULTS},
    Role.AUDITOR: EVERYBODY | {P.READ_AUDIT, P.READ_RESULTS, P.READ_APPLICANTS, P.READ_IMPORTS, P.READ_USERS},
}
SEES_PEOPLE = frozenset({Role.OFFICE, Role.SECOND_SIGNER, Role.PRINCIPAL, Role.COUNSELLOR})
"""Roles that see opaque ids of applicants; the others get pseudonyms of the run at most."""
WHOLE_REGION = frozenset({Role.OFFICE, Role.SECOND_SIGNER, Role.AUDITOR})
"""Roles that see runs before they are published; what they do concerns everybody, so they have no scope."""


def refuse_scope(role: Role, scope_kind: str) -> None:
    """Refuse a scope for a role of the whole region: it would promise a limit that nothing keeps.

    Raises
    ------
    ValueError
        With the remedy.
    """
    if role in WHOLE_REGION and scope_kind != "all":
        raise ValueError(f"{role} is a role of the whole region: give it without a scope")
