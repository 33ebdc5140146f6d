"""Demo mode: the sample year is loaded, signed by the second ready account and published, so that everybody sees it."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from api.access.local_provider import ACCOUNTS, ISSUER
from api.access.windows import Window
from api.audit import EventKind, Trail
from api.audit.trail import head_digest
from api.loading.loading import Loaded, Tell, load_run
from api.retention.schedule import Category
from api.store import Store
from api.store.models import Delegation, Intake, Pool, Round, Run, RunSignature
from api.store.repositories import accounts
from api.store.repositories.intakes import change_intake

REFERENCE = "demo"
OPEN_YEARS = 20
"""A sample year lies in the past; in demo mode its windows stay open and nothing of it is due for erasure."""


class _Ready(NamedTuple):
    office: str
    signer: str


def load_sample(store: Store, trail: Trail, folder: Path, tell: Tell = lambda *_: None) -> Loaded:
    """Load a run folder, sign its runs and publish them; what is done already is left alone.

    Raises
    ------
    AdmissionsError
        The folder is no finished run, or does not verify. Nothing was stored.
    """
    with store.write() as session:
        ready = _accounts(session, trail)
    loaded = load_run(store, trail, folder, ready.office, tell=tell)
    with store.read() as session:
        opened = session.scalar(select(Delegation.organiser).where(Delegation.intake_id == loaded.intake_id).limit(1))
        here = and_(Round.intake_id == Run.intake_id, Round.name == Run.round)
        ours = select(Run.id).join(Round, here).where(Run.intake_id == loaded.intake_id, Run.job_id.is_(None))
        waiting = ours.where(Run.state.in_(("verified", "signed_off")))  # runs that a job made here wait for people
        left = list(session.scalars(waiting.order_by(Round.position, Run.id)))
    if opened is None:
        _open(store, trail, loaded.intake_id, ready)
    for run_id in left:
        _publish(store, trail, run_id, ready)
    return loaded


def _accounts(session: Session, trail: Trail) -> _Ready:
    """Make the ready accounts known, each with its roles."""
    ids = {}
    for account in ACCOUNTS:
        user = accounts.find_user(session, ISSUER, account.subject)
        if user is None:
            user = accounts.user_for(session, ISSUER, account.subject, account.name, trail.clock())
            accounts.set_grants(session, user.id, account.held)
        ids[account.subject] = user.id
    return _Ready(ids["office"], ids["second-signer"])


def _open(store: Store, trail: Trail, intake_id: str, ready: _Ready) -> None:
    """Open the windows and record everybody's delegation."""
    now = trail.clock()
    with store.write() as session:
        intake = session.get_one(Intake, intake_id)
        window = Window(opens=date(intake.year, 1, 1), closes=date(now.year + OPEN_YEARS, 12, 31))
        windows = dict.fromkeys(("choices", "seats", "cases"), window.model_dump(mode="json"))
        kept = dict.fromkeys(map(str, Category), window.closes.isoformat())
        change_intake(intake, {"windows": windows, "retention": kept})
        organisers = session.scalars(select(Pool.organiser).where(Pool.intake_id == intake_id).distinct())
        names = sorted(organisers)
        session.add_all(
            Delegation(
                intake_id=intake_id, organiser=name, reference=REFERENCE, recorded_by=ready.office, recorded_at=now
            )
            for name in names
        )
        for kind, payload in (
            (EventKind.INTAKE_CHANGED, {"windows": windows, "retention": kept}),
            (EventKind.DELEGATION_RECORDED, {"organisers": names, "reference": REFERENCE}),
        ):
            trail.record(
                session, kind, actor=ready.office, object_type="intake", object_id=intake_id, intake_id=intake_id,
                payload=payload,
            )  # fmt: skip


def _publish(store: Store, trail: Trail, run_id: str, ready: _Ready) -> None:
    """Sign a run as the second person for every organiser, then publish it."""
    with store.write() as session:
        run = session.get_one(Run, run_id)
        if run.state == "verified":
            _sign(session, trail, run, ready)
    with store.write() as session:
        run = session.get_one(Run, run_id)
        run.state, run.published_by, run.published_at = "published", ready.office, trail.clock()
        run.audit_head = head_digest(session)
        session.get_one(Round, (run.intake_id, run.round)).published_run_id = run.id
        _record(session, trail, EventKind.RUN_PUBLISHED, run, ready.office)


def _sign(session: Session, trail: Trail, run: Run, ready: _Ready) -> None:
    recorded = select(Delegation).where(Delegation.intake_id == run.intake_id).order_by(Delegation.organiser)
    pairs = [("", None), *((one.organiser, one.reference) for one in session.scalars(recorded))]
    session.add_all(
        RunSignature(
            run_id=run.id, organiser=organiser, signer=ready.signer, delegation=reference,
            result_digest=run.result_digest, signed_at=trail.clock(),
        )
        for organiser, reference in pairs
    )  # fmt: skip
    run.state = "signed_off"
    _record(session, trail, EventKind.RUN_SIGNED, run, ready.signer)


def _record(session: Session, trail: Trail, kind: EventKind, run: Run, actor: str) -> None:
    trail.record(
        session, kind, actor=actor, object_type="run", object_id=run.id, intake_id=run.intake_id,
        payload={"result": run.result_digest}, keep_days=None,
    )  # fmt: skip
