"""A run folder taken apart: one folder for each round, each checked by itself.

The service keeps a run for each round, and with it the folder that the stand-alone verifier can check. A folder of
several rounds is therefore laid out as several folders of one round, and it is these that are checked before anything
is stored.
"""

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from admissions.errors import AdmissionsError, VerificationError
from admissions.rounds.checking import check_run
from admissions.rounds.folder import root_of
from admissions.rounds.stored import StoredRound, read_run

MOST_PROCESSES = 4
LARGE = 10_000_000
"""Rounds of fewer bytes are checked here; starting processes would take longer."""


@dataclass(frozen=True, eq=False)
class Part:
    """One round of a run as a run folder of its own.

    Parameters
    ----------
    folder
        Where it lies.
    about
        Its ``run.json``.
    """

    folder: Path
    about: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the round."""
        return str(self.about["rounds"][0])

    @cached_property
    def stored(self) -> StoredRound:
        """The round's tables."""
        return StoredRound(self.folder / self.name, self.name)

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """What was established about the round."""
        text = (self.stored.folder / "certificate.json").read_text(encoding="utf-8")
        certificate: dict[str, Any] = json.loads(text)["certificate"]
        return certificate


def take_apart(folder: Path, into: Path) -> list[Part]:
    """Lay the rounds of a run out as folders of their own.

    Raises
    ------
    AdmissionsError
        The folder is no finished run, or its files are not those it was sealed with.
    """
    run = read_run(folder)
    root = root_of(folder, run.about["rounds"])
    if root != run.about.get("root"):
        raise VerificationError(
            "the run's files are those it was sealed with",
            str(folder),
            f"their root hash is {root}, run.json says {run.about.get('root')}; a file was changed, added or removed",
        )
    return [_part(folder, run.about, name, into / name) for name in run.about["rounds"]]


def _part(folder: Path, about: dict[str, Any], name: str, target: Path) -> Part:
    target.mkdir(parents=True)
    shutil.copy(folder / "rulebook.toml", target)
    shutil.copytree(folder / name, target / name)
    own = {key: {name: about[key][name]} for key in ("roots", "draws")}
    root = root_of(target, [name])
    content = about | own | {"rounds": [name], "root": root, "id": root[:12]}
    (target / "run.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return Part(target, content)


def check_parts(parts: list[Part], tell: Callable[[int, int], None] = lambda _done, _all: None) -> None:
    """Check every round by the stand-alone verifier and by the engine's own checker, large ones side by side.

    Raises
    ------
    VerificationError
        The first thing that does not hold.
    """
    large = len(parts) > 1 and any(_size(part.folder) > LARGE for part in parts)
    tell(0, len(parts))
    if not large:
        for done, part in enumerate(parts, 1):
            _refuse(part, _complaint(part.folder))
            tell(done, len(parts))
        return
    with ProcessPoolExecutor(min(len(parts), MOST_PROCESSES), mp_context=get_context("spawn")) as pool:
        asked = {pool.submit(_complaint, part.folder): part for part in parts}
        for done, answer in enumerate(as_completed(asked), 1):
            _refuse(asked[answer], answer.result())
            tell(done, len(parts))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _complaint(folder: Path) -> str:
    """Check one folder; give what does not hold, nothing if everything does."""
    try:
        list(check_run(folder))
    except AdmissionsError as error:
        return str(error)
    return ""


def _refuse(part: Part, complaint: str) -> None:
    if complaint:
        raise VerificationError("the run verifies", part.name, complaint)


def packed(folder: Path) -> bytes:
    """Pack a run folder; equal folders give equal bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix())  # carries a fixed time: equal bytes
            archive.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED, 1)
    return whole.getvalue()
