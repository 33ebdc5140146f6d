"""The store: SQLAlchemy models, repositories and migrations; SQLite or PostgreSQL by one setting, one code path."""

from api.store.database import Store, open_store

__all__ = ["Store", "open_store"]
