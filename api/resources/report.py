"""The report of a finished run folder, served as it was written."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.access.allow import open_to_all
from api.headers import POLICY
from api.problems import not_found

router = APIRouter(include_in_schema=False)
HERE = open_to_all("The report of generated applicants, on this machine only.")
INLINE = re.compile(rb"<(style|script)(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)


def find_report(run_folder: Path | None) -> Path | None:
    """Find the report in a run folder: its own first, then that of a folder inside."""
    if run_folder is None:
        return None
    found = sorted(run_folder.rglob("report.html"), key=lambda path: (len(path.parts), path.as_posix()))
    return found[0] if found else None


def policy_for(page: bytes) -> str:
    """Allow a page its own style and script, by their hashes, and no others.

    Examples
    --------
    >>> "style-src 'self' 'sha256-" in policy_for(b"<style>p {color: red}</style>")
    True
    """
    hashes: dict[bytes, list[str]] = {b"style": [], b"script": []}
    for kind, content in INLINE.findall(page):
        hashes[kind].append(f"'sha256-{b64encode(sha256(content).digest()).decode()}'")
    parts = [f"{kind.decode()}-src 'self' {' '.join(found)}" for kind, found in hashes.items() if found]
    return "; ".join([POLICY, *parts])


@router.get("/report", dependencies=[HERE])
def report(request: Request) -> Response:
    """Show the report of the run."""
    path = find_report(request.app.state.run_folder)
    if path is None:
        raise not_found("report", "path")
    page = path.read_bytes()
    return HTMLResponse(page, headers={"Content-Security-Policy": policy_for(page)})
