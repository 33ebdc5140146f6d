"""The audit trail: one typed event per write, chained, with payloads that may be erased."""

from api.audit.kinds import EventKind
from api.audit.trail import Trail

__all__ = ["EventKind", "Trail"]
