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
PUBLISHED = ("demand", "cutoffs", "people-without-seat", "shortfalls-")
"""Tables that are never erased, by how their names start; another process may have erased any other one."""


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
            known = self._tables.get(key)
            if known is not None:
                self._tables.move_to_end(key)
        file = (RunArtifact.run_id == run_id, RunArtifact.name == f"{name}.parquet")
        if known is not None and (name.startswith(PUBLISHED) or session.scalar(select(RunArtifact.name).where(*file))):
            return known
        content = session.scalar(select(RunArtifact.content).where(*file))
        if content is None:
            raise not_found(f"table {name} of the run", "path")
        table = pl.read_parquet(io.BytesIO(content))
        with self._turn:
            self._tables[key] = table
            while len(self._tables) > self._kept:
                self._tables.popitem(last=False)
        return table
