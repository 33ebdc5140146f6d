"""Style, script and the chart bundle: served from this machine, named by their content, kept by browsers for good.

The chart bundle comes out of the installed renderer, so that no third-party file is copied into the repository; it is
made once and then lies in the data folder.
"""

import hashlib
import os
import threading
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, Request, Response

from api.access.allow import open_to_all
from api.problems import not_found

router = APIRouter(include_in_schema=False)
FILES = {
    "pages.css": "text/css; charset=utf-8",
    "pages.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
SNIPPET = "window.vegaEmbed = vegaEmbed; window.vega = vega;"
BUNDLE = f"charts-{version('vl-convert-python')}.js"
_MAKING = threading.Lock()


@cache
def _content(name: str) -> bytes:
    return resources.files("api.web").joinpath("static", name).read_bytes()


@cache
def address(name: str) -> str:
    """Give the address of a static file, which changes with its content."""
    stem, _, suffix = name.partition(".")
    return f"/static/{stem}-{hashlib.sha256(_content(name)).hexdigest()[:12]}.{suffix}"


@cache
def _named() -> dict[str, str]:
    return {address(name).removeprefix("/static/"): name for name in FILES}


def bundle_address() -> str:
    """Give the address of the chart bundle, which changes with the renderer's version."""
    return f"/static/{BUNDLE}"


def bundle(folder: Path) -> bytes:
    """Give the chart bundle; made on first use (a few seconds), then read from the folder."""
    path = folder / BUNDLE
    with _MAKING:
        if not path.is_file():
            import vl_convert

            folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_text(vl_convert.javascript_bundle(SNIPPET), encoding="utf-8")
            fresh.replace(path)
    return path.read_bytes()


@router.get("/static/{name}", dependencies=[open_to_all("Style and script of the pages.")])
def read_asset(name: str, request: Request) -> Response:
    """Give a static file by its hashed name."""
    if name == BUNDLE:
        content = bundle(request.app.state.settings.data_dir / "cache")
        return Response(content, media_type="text/javascript; charset=utf-8", headers=FOREVER)
    known = _named().get(name)
    if known is None:
        raise not_found("file", "path name")
    return Response(_content(known), media_type=FILES[known], headers=FOREVER)
