"""Files that come with a request."""

from collections.abc import Sequence
from typing import Any

from fastapi import UploadFile

from api.problems import Problem, unprocessable


def uploaded(file: UploadFile, most: int) -> bytes:
    """Give a file's content.

    Parameters
    ----------
    file
        What came.
    most
        Largest size, in millions of bytes.

    Raises
    ------
    Problem
        413 ``file_too_large``.
    """
    content = file.file.read(most * 1_000_000 + 1)
    if len(content) > most * 1_000_000:
        raise Problem(
            413,
            "file_too_large",
            "The file is too large",
            f"Files up to {most} MB are taken.",
            place="body.file",
            remedy="Hand it in in parts, or raise ADMISSIONS_UPLOAD_LIMIT_MB.",
        )
    return content


def refused(problems: Sequence[Any], name: str, code: str = "invalid_rows") -> Problem:
    """Refuse a table with every problem, each at the true row of the file."""
    listed = [
        {
            "place": name if one.row is None else f"row {one.row}, column {one.column}",
            "row": one.row,
            "column": one.column,
            "code": one.rule,
            "value": one.value,
            "message": one.message,
            "remedy": one.remedy,
        }
        for one in problems
    ]
    return unprocessable(
        code,
        f"{len(problems)} problem(s), see problems; nothing was written.",
        place="body.file",
        remedy=problems[0].remedy,
        problems=listed,
    )
