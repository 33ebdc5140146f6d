"""Grades as the store keeps them: one text per applicant and term, and back to one row per grade."""

import polars as pl


def pack(grades: pl.DataFrame) -> pl.DataFrame:
    """Turn grade rows into sheets.

    Examples
    --------
    >>> rows = {"applicant": ["a", "a"], "term": ["final", "final"], "subject": ["MA", "EN"], "grade": ["C", "-"]}
    >>> pack(pl.DataFrame(rows)).rows()
    [('a', 'final', 'EN:- MA:C')]
    """
    marks = pl.concat_str("subject", "grade", separator=":").sort_by("subject").str.join(" ")
    return grades.group_by("applicant", "term").agg(marks.alias("marks")).sort("applicant", "term")


def unpack(sheets: pl.DataFrame) -> pl.DataFrame:
    """Turn sheets back into grade rows, sorted."""
    pair = pl.col("marks").str.splitn(":", 2)
    return (
        sheets.with_columns(pl.col("marks").str.split(" "))
        .explode("marks")
        .select(
            "applicant",
            "term",
            pair.struct.field("field_0").alias("subject"),
            pair.struct.field("field_1").alias("grade"),
        )
        .sort("applicant", "term", "subject")
    )
