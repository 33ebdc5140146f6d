"""How Alembic reaches our database: over a connection that the caller holds."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import text

from api.store.base import UTCDateTime
from api.store.models import Base

ADVISORY = 4_201_977  # any fixed number: two processes that start at once migrate one after the other


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:  # noqa: ARG001 - Alembic's signature
    """Write our own column type as what it is in the database, so that migrations never import the models."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY})
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
