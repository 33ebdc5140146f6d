"""Result tables of runs: immutable, so each is read once a process and then answered from memory."""

import io
import threading
from collections import OrderedDict

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.problems import not_found
from api.store.models import RunArtifact

KEPT = 24
"""Tables kept in memory; the largest, the decisions of a whole region, is about 10 MB."""


class ResultTables:
    """A small cache of tables, the least recently used goes first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._tables: OrderedDict[tuple[str, str], pl.DataFrame] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, session: Session, run_id: str, name: str) -> pl.DataFrame:
        """Give a table of a run.

        Raises
        ------
        Problem
            404: the run has no such table, or its tables were erased.
        """
        key = (run_id, name)
        with self._turn:
            if key in self._tables:
                self._tables.move_to_end(key)
                return self._tables[key]
        content = session.scalar(
            select(RunArtifact.content).where(RunArtifact.run_id == run_id, RunArtifact.name == f"{name}.parquet")
        )
        if content is None:
            raise not_found(f"table {name} of the run", "path")
        table = pl.read_parquet(io.BytesIO(content))
        with self._turn:
            self._tables[key] = table
            while len(self._tables) > self._kept:
                self._tables.popitem(last=False)
        return table

    def forget(self) -> None:
        """Drop everything, after an erasure."""
        with self._turn:
            self._tables.clear()
