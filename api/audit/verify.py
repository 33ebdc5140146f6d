"""Checking the chain: finds a flipped, deleted, inserted, moved or cut-off event and says where."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.audit.chain import GENESIS, Link, payload_digest, seal
from api.store.models import AuditEvent, AuditHead, AuditPayload, Run

MOST_LISTED = 100


@dataclass
class ChainReport:
    """What the check of the chain found; ``problems`` is empty when all is well."""

    events: int = 0
    erased_payloads: int = 0
    head: str = GENESIS
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Say whether nothing was found."""
        return not self.problems

    def add(self, problem: str) -> None:
        """Note a problem; the first hundred are enough to see what happened."""
        if len(self.problems) < MOST_LISTED:
            self.problems.append(problem)


def verify_chain(session: Session, secret: bytes, known_heads: Iterable[str] = ()) -> ChainReport:
    """Check the whole chain.

    Parameters
    ----------
    session
        A reading transaction.
    secret
        The service's key, for the seal of the head.
    known_heads
        Head digests printed elsewhere (in publications, in a safe): each must be in the chain. Those of the published
        runs are always looked for.
    """
    report = ChainReport()
    published = session.scalars(select(Run.audit_head).where(Run.audit_head.is_not(None)))
    wanted = set(known_heads) | {head for head in published if head}
    wanted.discard(GENESIS)
    columns = [AuditEvent.__table__.c[name] for name in (*Link._fields, "digest")]
    payload = AuditPayload.__table__.c
    query = (
        select(*columns, payload.key, payload.body)
        .outerjoin_from(AuditEvent, AuditPayload, AuditEvent.number == AuditPayload.number)
        .order_by(AuditEvent.number)
        .execution_options(yield_per=5000)
    )
    expected = 1
    for *values, stored, key, body in session.execute(query):
        link = Link(*values)
        if link.number != expected:
            report.add(f"event {expected}: missing; the next one found is {link.number}")
        if link.previous != report.head:
            report.add(f"event {link.number}: does not follow the event before it (deleted, inserted or moved)")
        if link.digest() != stored:
            report.add(f"event {link.number}: its content was changed after it was recorded")
        if key is None:
            report.erased_payloads += 1
        elif payload_digest(key, body) != link.payload_digest:
            report.add(f"event {link.number}: its payload was changed after it was recorded")
        expected = link.number + 1
        report.head = stored
        report.events += 1
        wanted.discard(stored)
    head = session.get(AuditHead, 1)
    if head is None:
        report.add("the head of the chain is missing")
    else:
        if (head.number, head.digest) != (expected - 1, report.head):
            report.add(
                f"the chain ends at event {expected - 1}, its head says {head.number}: the end was cut or added to"
            )
        if head.number and head.seal != seal(secret, head.number, head.digest):
            report.add("the head of the chain bears no valid seal of this service")
    for digest in sorted(wanted):
        report.add(f"the published head {digest} is not in the chain")
    return report
