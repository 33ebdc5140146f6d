"""What can happen: the closed list of audit events."""

from enum import StrEnum


class EventKind(StrEnum):
    """Kinds of audit events; the value is stored and never renamed."""

    INTAKE_CREATED = "intake.created"
    INTAKE_CHANGED = "intake.changed"
    INTAKE_ERASED = "intake.erased"
    IMPORT_CHECKED = "import.checked"
    IMPORT_COMMITTED = "import.committed"
    IMPORT_DISCARDED = "import.discarded"
    SEATS_CHANGED = "seats.changed"
    SEATS_CONFIRMED = "seats.confirmed"
    CHOICES_CHANGED = "choices.changed"
    CASE_DECIDED = "case.decided"
    ANSWER_RECORDED = "answer.recorded"
    RULEBOOK_ADDED = "rulebook.added"
    DELEGATION_RECORDED = "delegation.recorded"
    RUN_STARTED = "run.started"
    RUN_VERIFIED = "run.verified"
    RUN_SIGNED = "run.signed"
    RUN_PUBLISHED = "run.published"
    RESERVE_CALLED = "reserve.called"
    SCENARIO_CHANGED = "scenario.changed"
    JOB_QUEUED = "job.queued"
    JOB_CANCELLED = "job.cancelled"
    PROTECTED_VIEWED = "protected.viewed"
    SIGNED_IN = "session.started"
    SIGNED_OUT = "session.ended"
    TOKEN_CREATED = "token.created"  # noqa: S105 - a name, not a secret
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - a name, not a secret
    USER_CHANGED = "user.changed"
    PAYLOADS_ERASED = "payloads.erased"
