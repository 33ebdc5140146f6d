"""Tables of an intake: declared schemas, reading with row-level problems, writing."""

from admissions.tables.declared import INTAKE_TABLES
from admissions.tables.problem import Problem, problems_frame
from admissions.tables.reading import read_table
from admissions.tables.schema import Column, Table
from admissions.tables.writing import write_swedish_csv, write_table, write_xlsx

__all__ = [
    "INTAKE_TABLES",
    "Column",
    "Problem",
    "Table",
    "problems_frame",
    "read_table",
    "write_swedish_csv",
    "write_table",
    "write_xlsx",
]
