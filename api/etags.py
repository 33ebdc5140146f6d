"""ETags: every record that can be edited has a version, and an edit says which one it was made to."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header

from api.audit.chain import canonical
from api.problems import Problem, stale_edit

IfMatch = Annotated[
    str | None, Header(description="The ETag of the version the change was made to.", examples=['"v3"'])
]


def etag(version: int) -> str:
    """Write a version as an ETag."""
    return f'"v{version}"'


def content_etag(content: Mapping[str, Any]) -> str:
    """Give the ETag of a record that is kept as several rows: the digest of what it holds."""
    return f'"c{hashlib.sha256(canonical(dict(content)).encode()).hexdigest()[:20]}"'


def check_version(if_match: str | None, version: int, current: Mapping[str, Any]) -> None:
    """Refuse an edit that does not name the newest version.

    Raises
    ------
    Problem
        428 without the header, 409 ``stale_edit`` with another version, with the record as it stands.
    """
    check_etag(if_match, etag(version), current)


def check_etag(if_match: str | None, tag: str, current: Mapping[str, Any]) -> None:
    """As `check_version`, by the ETag itself."""
    if if_match is None:
        raise Problem(
            428,
            "precondition_required",
            "Say which version you changed",
            "An edit needs the ETag it was made to.",
            place="header If-Match",
            remedy="Read the record, then send its ETag in If-Match.",
        )
    if if_match != tag:
        raise stale_edit("header If-Match", current)
