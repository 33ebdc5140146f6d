"""Engines and transactions: one request is one transaction, committed at its edge.

SQLite runs in WAL mode; a writing transaction begins IMMEDIATE, because a plain BEGIN that reads before it writes
loses to a concurrent writer with a lock error that no waiting cures. Writers of one process also queue on a lock of
their own, which is fair where SQLite's busy handler only polls. PostgreSQL needs neither.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

BUSY_MILLISECONDS = 30_000
TRUSTED_SECONDS = 2.0
"""A connection that was used this recently is not asked whether it still lives."""
BEFORE_COMMIT = "before_commit"
"""Key of ``session.info``: callables that run once, last in the transaction."""


def make_engine(url: str) -> Engine:
    """Make an engine with our settings for its database."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_size=10, max_overflow=40)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_if_idle(engine))
        return engine
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=10, max_overflow=60, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _note_use(connection: Any, record: Any) -> None:  # noqa: ARG001
    record.info["used"] = monotonic()


def _ask_if_idle(engine: Engine) -> Callable[..., None]:
    """Give a listener that asks a connection that was idle whether it still lives, and renews all if not.

    The pool's own way asks before every use, which costs as much as the query of a result.
    """

    def ask(connection: Any, record: Any, holder: Any) -> None:  # noqa: ARG001
        used = record.info.get("used")
        if used is None or monotonic() - used < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return ask


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-65536",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Store:
    """Transactions on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.embedded = engine.dialect.name == "sqlite"
        self._writing = engine.execution_options(writes=True)
        self._reading = engine if self.embedded else engine.execution_options(isolation_level="REPEATABLE READ")
        self._looking = engine if self.embedded else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that only reads: one consistent picture."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Open a connection for single statements, each a picture of its own: no round trip beside the question."""
        with self._looking.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes; it is committed when the block ends well, else nothing of it remains."""
        if self.embedded:
            with self._turn, self._session() as session:
                yield session
        else:
            with self._session() as session:
                yield session

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            session.connection()  # begins now: the write lock is taken before the first look
            yield session
            session.flush()
            for last in session.info.pop(BEFORE_COMMIT, ()):
                last()
            session.flush()

    def is_ready(self) -> bool:
        """Say whether the database answers."""
        with self.read() as session:
            return bool(session.scalar(text("SELECT 1")) == 1)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def before_commit(session: Session, last: Callable[[], None]) -> None:
    """Run a callable once, after everything else in this transaction."""
    session.info.setdefault(BEFORE_COMMIT, []).append(last)


def open_store(url: str) -> Store:
    """Open the database and bring its schema up to date."""
    from api.store.migrate import upgrade

    engine = make_engine(url)
    upgrade(engine)
    return Store(engine)
