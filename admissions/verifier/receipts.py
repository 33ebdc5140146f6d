"""Sealing a round: one leaf of a Merkle tree per applicant, one root for everybody, and a receipt for each.

The office publishes the root. An applicant's receipt holds their own rows and decisions and the path from their leaf to
the root, so that they can see that the published result is the one they were told of, without seeing anybody else's.

The format, defined here once (the stand-alone verifier reads it with code of its own):

- *Leaf text*: JSON with the keys ``applicant``, ``decisions``, ``round``, ``rows`` in that order, no spaces, non-ASCII
  characters as themselves; ``rows`` and ``decisions`` are the applicant's lines of rows.csv and decisions.csv in the
  order of the file, each an object of column and text as in the file, columns sorted by name.
- *Leaf*: SHA-256 of a zero byte and the UTF-8 leaf text. *Node*: SHA-256 of a one byte and the two hashes below it. The
  leading bytes keep a node from being passed off as a leaf (RFC 6962, section 2.1).
- *Tree*: leaves in the order of the applicants' ids (code points); each level pairs from the left, a last one without a
  neighbour rises unchanged. The root of no leaves is the SHA-256 of nothing.

A path holds the hash of one neighbour's leaf. All it allows is to confirm a complete guess of that neighbour's id and
of every cell of their rows; ids are random and told to nobody else, so a receipt is for its owner, not for publication.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from admissions.verifier.leaves import leaf_hashes

FORMAT = 1
ROWS, DECISIONS, LEAVES, CERTIFICATE = "rows.csv", "decisions.csv", "leaves.csv", "certificate.json"

Line = Mapping[str, str]
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class HasDict(Protocol):
    """A certificate, as far as sealing needs to know it."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        ...


def leaf_text(round_name: str, applicant: str, rows: Iterable[Line], decisions: Iterable[Line]) -> str:
    """Return the canonical text of an applicant's leaf.

    Examples
    --------
    >>> leaf_text("final", "a", [{"rank": "1"}], [])
    '{"applicant":"a","decisions":[],"round":"final","rows":[{"rank":"1"}]}'
    """
    leaf = {
        "applicant": applicant,
        "decisions": [dict(line) for line in decisions],
        "round": round_name,
        "rows": [dict(line) for line in rows],
    }
    return _CANONICAL.encode(leaf)


def leaf_hash(text: str) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + text.encode()).digest()


class MerkleTree:
    """A tree over leaf hashes.

    Parameters
    ----------
    leaves
        Hashes in the order of the applicants' ids.

    Examples
    --------
    >>> tree = MerkleTree([leaf_hash("a"), leaf_hash("b"), leaf_hash("c")])
    >>> [side for side, _ in tree.path(2)]
    ['left']
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            level = [_node(below[k], below[k + 1]) for k in range(0, len(below) - 1, 2)]
            self.levels.append(level + below[len(below) - len(below) % 2 :])

    @property
    def root(self) -> str:
        """The root as 64 hex digits."""
        top = self.levels[-1]
        return top[0].hex() if top else hashlib.sha256(b"").hexdigest()

    def path(self, index: int) -> list[tuple[str, str]]:
        """Return the neighbours from a leaf up to the root: on which side each stands, and its hash."""
        found = []
        for level in self.levels[:-1]:
            neighbour = index ^ 1
            if neighbour < len(level):
                found.append(("left" if neighbour < index else "right", level[neighbour].hex()))
            index //= 2
        return found


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def seal_round(folder: Path, round_name: str, certificate: HasDict) -> str:
    """Write ``leaves.csv`` and ``certificate.json`` beside the finished tables of a round.

    Parameters
    ----------
    folder
        The round's folder; every file in it is hashed into the certificate file.
    round_name
        As in ``run.json``.
    certificate
        What `admissions.matching.verify` returned.

    Returns
    -------
    str
        The root hash of all rows and decisions, 64 hex digits: what the office publishes.
    """
    leaves = leaf_hashes(folder / ROWS, folder / DECISIONS, round_name)
    root = MerkleTree([leaf for _, leaf in leaves]).root
    with (folder / LEAVES).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("applicant", "leaf"))
        table.writerows((applicant, leaf.hex()) for applicant, leaf in leaves)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in {LEAVES, CERTIFICATE})
    sealed = {
        "format": FORMAT,
        "round": round_name,
        "certificate": certificate.as_dict(),
        "root": root,
        "leaves": len(leaves),
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }
    text = json.dumps(sealed, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / CERTIFICATE).write_text(text + "\n", encoding="utf-8")
    return root


def receipt(folder: Path, applicant: str) -> dict[str, Any]:
    """Return an applicant's receipt of a sealed round, ready for JSON.

    Parameters
    ----------
    folder
        The round's folder, sealed by `seal_round`.
    applicant
        The id.

    Raises
    ------
    KeyError
        If the applicant has no row in the round.
    """
    sealed = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    leaves = [(line["applicant"], bytes.fromhex(line["leaf"])) for line in _lines(folder / LEAVES)]
    index = next((number for number, (owner, _) in enumerate(leaves) if owner == applicant), None)
    if index is None:
        raise KeyError(applicant)
    return {
        "format": FORMAT,
        "round": sealed["round"],
        "applicant": applicant,
        "rows": _lines_of(folder / ROWS, applicant),
        "decisions": _lines_of(folder / DECISIONS, applicant),
        "path": [list(step) for step in MerkleTree([leaf for _, leaf in leaves]).path(index)],
        "root": sealed["root"],
    }


def _lines(path: Path) -> Iterable[Line]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        columns = next(reader)
        for cells in reader:
            yield dict(zip(columns, cells, strict=True))


def _lines_of(path: Path, applicant: str) -> list[Line]:
    """Return the lines whose first cell names the applicant; only they are read in full."""
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow((applicant, ""))
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader([file.readline()]))
        mine = [line for line in file if line.startswith(cell.getvalue())]
    return [dict(zip(columns, cells, strict=True)) for cells in csv.reader(mine)]
