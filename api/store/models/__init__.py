"""The tables, one module per part of the domain; importing this package makes the whole schema known."""

from api.store.base import Base
from api.store.models.accounts import Grant, SignInAttempt, Token, User, UserSession
from api.store.models.applicants import Answer, Applicant, ApplicantIdentity, CaseDecision, Choice, GradeSheet
from api.store.models.audit import AuditEvent, AuditHead, AuditPayload
from api.store.models.catalogue import Pool, Route, Seat, SeatChange
from api.store.models.intakes import Delegation, ImportBatch, Intake, Round, Rulebook
from api.store.models.runs import CallEntry, Run, RunArtifact, RunResult, RunSignature
from api.store.models.work import IdempotencyKey, Job, Scenario

__all__ = [
    "Answer",
    "Applicant",
    "ApplicantIdentity",
    "AuditEvent",
    "AuditHead",
    "AuditPayload",
    "Base",
    "CallEntry",
    "CaseDecision",
    "Choice",
    "Delegation",
    "GradeSheet",
    "Grant",
    "IdempotencyKey",
    "ImportBatch",
    "Intake",
    "Job",
    "Pool",
    "Round",
    "Route",
    "Rulebook",
    "Run",
    "RunArtifact",
    "RunResult",
    "RunSignature",
    "Scenario",
    "Seat",
    "SeatChange",
    "SignInAttempt",
    "Token",
    "User",
    "UserSession",
]
