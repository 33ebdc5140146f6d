from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

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
