"""The office's day: what blocks the next run, and who needs something after one, each as a list by responsible school.

A list is a table with the columns of `COLUMNS`; it is computed from the stored tables once for each revision of the
intake and then answered from memory.
"""

from api.worklists.after import after_run
from api.worklists.before import before_run
from api.worklists.catalogue import AFTER, BEFORE, WORKLISTS, Worklist
from api.worklists.rows import COLUMNS

__all__ = ["AFTER", "BEFORE", "COLUMNS", "WORKLISTS", "Worklist", "after_run", "before_run"]
