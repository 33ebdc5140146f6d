from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, inspect

from api.store.database import make_engine, open_store
from api.store.migrate import alembic_config, upgrade
from api.store.models import Base


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_models_equal_the_migrated_schema(empty_url):
    engine = make_engine(empty_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        names = {constraint["name"] for constraint in inspect(connection).get_check_constraints("seat")}
    assert names == {"ck_seat_not_negative"}
    engine.dispose()


def test_every_migration_upgrades_from_the_one_before(empty_url):
    script = ScriptDirectory.from_config(alembic_config())
    engine = make_engine(empty_url)
    for revision in reversed(list(script.walk_revisions())):
        upgrade(engine, revision.revision)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == script.get_current_head()
    engine.dispose()


def test_opening_twice_changes_nothing(empty_url):
    for _ in range(2):
        store = open_store(empty_url)
        assert store.is_ready()
        store.close()


MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATES = {"import_batch": "checked", "run": "draft", "job": "done"}
NEVER_WRITTEN = {"call_entry"}
"""Tables that no released version wrote to, and that came back in another shape."""
PLAIN = {int: 3, str: "åäö", bool: True, bytes: b"\x00\x01", datetime: MOMENT, dict: {"a": 1}, list: ["b"]}


def filled_row(table):
    """Make a row with a value in every column; what other rows point at has the same values everywhere."""
    named = {"scope_kind": "all", "state": STATES.get(table.name, "done")}
    made = {}
    for column in table.columns:
        kind = dict if "JSON" in type(column.type).__name__.upper() else column.type.python_type
        made[column.name] = named.get(column.name, PLAIN[kind])
    return made


def test_a_filled_database_of_the_version_before_keeps_every_row(empty_url):
    """One row of every table of each version goes through all later migrations as it was."""
    script = ScriptDirectory.from_config(alembic_config())
    revisions = [one.revision for one in reversed(list(script.walk_revisions()))]
    engine = make_engine(empty_url)
    upgrade(engine, revisions[-2] if len(revisions) > 1 else revisions[0])
    before = MetaData()
    with engine.begin() as connection:
        before.reflect(connection)
        tables = [table for table in before.sorted_tables if table.name != "alembic_version"]
        for table in tables:
            connection.execute(table.insert().values(filled_row(table)))
        stored = {table.name: connection.execute(table.select()).all() for table in tables}
    upgrade(engine)
    with engine.connect() as connection:
        for table in tables:
            if table.name not in NEVER_WRITTEN:
                assert connection.execute(table.select()).all() == stored[table.name], table.name
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert len(tables) > 20
    engine.dispose()
