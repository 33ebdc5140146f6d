"""The tables, one module per part of the domain; importing this package makes the whole schema known."""

from api.store.base import Base
from api.store.models.accounts import Grant, SignInAttempt, Token, User, UserSession
from api.store.models.analyses import Analysis, AnalysisTable
from api.store.models.applicants import Answer, Applicant, ApplicantIdentity, CaseDecision, Choice, GradeSheet
from api.store.models.audit import AuditEvent, AuditHead, AuditPayload
from api.store.models.catalogue import Pool, Route, Seat, SeatChange
from api.store.models.intakes import Delegation, ImportBatch, Intake, Round, Rulebook
from api.store.models.lottery import LotteryId, LotteryList
from api.store.models.reserve import CallEntry, Comparison, Departure
from api.store.models.runs import Run, RunArtifact, RunResult, RunSignature
from api.store.models.work import IdempotencyKey, Job, Scenario

__all__ = [
    "Analysis",
    "AnalysisTable",
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
    "Comparison",
    "Delegation",
    "Departure",
    "GradeSheet",
    "Grant",
    "IdempotencyKey",
    "ImportBatch",
    "Intake",
    "Job",
    "LotteryId",
    "LotteryList",
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
