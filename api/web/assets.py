"""Style, script and the chart bundle: served from this machine, named by their content, kept by browsers for good.

The chart bundle comes out of the installed renderer, so that no third-party file is copied into the repository. It is
made at install and lies in the environment (``python -m api.web.assets``); where that was left out, the service makes
it when it starts and keeps it in the data folder.
"""

import hashlib
import os
import sys
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
INSTALLED = Path(sys.prefix) / "share" / "admissions"
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
    """Give the chart bundle: the installed one, else the folder's, made on first use (a few seconds)."""
    installed = INSTALLED / BUNDLE
    if installed.is_file():
        return installed.read_bytes()
    with _MAKING:
        if not (folder / BUNDLE).is_file():
            make_bundle(folder)
    return (folder / BUNDLE).read_bytes()


def make_bundle(folder: Path) -> None:
    """Write the chart bundle into a folder, whole or not at all."""
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    fresh = (folder / BUNDLE).with_suffix(f".{os.getpid()}")
    fresh.write_text(vl_convert.javascript_bundle(SNIPPET), encoding="utf-8")
    fresh.replace(folder / BUNDLE)


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


if __name__ == "__main__":
    make_bundle(INSTALLED)
