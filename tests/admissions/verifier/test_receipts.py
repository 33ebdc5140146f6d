"""The Merkle tree against its definition, for every number of leaves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from admissions.verifier import verifier
from admissions.verifier.receipts import MerkleTree, leaf_hash, leaf_text, receipt
from tests.admissions.verifier.small_runs import write_small_run


@pytest.mark.parametrize("count", range(1, 18))
def test_every_path_leads_to_the_root_that_the_verifier_computes_too(count: int) -> None:
    leaves = [leaf_hash(str(k)) for k in range(count)]
    tree = MerkleTree(leaves)
    assert tree.root == verifier.root_of(leaves)
    for k, at in enumerate(leaves):
        for side, neighbour in tree.path(k):
            pair = bytes.fromhex(neighbour) + at if side == "left" else at + bytes.fromhex(neighbour)
            at = hashlib.sha256(b"\x01" + pair).digest()  # noqa: PLW2901 - climbing
        assert at.hex() == tree.root


def test_no_leaves_have_a_root_too() -> None:
    assert MerkleTree([]).root == verifier.root_of([]) == hashlib.sha256(b"").hexdigest()


def test_the_leaf_text_is_canonical_and_keeps_swedish_letters() -> None:
    text = leaf_text("final", "å1", [{"b": "2", "a": "ö"}], [{"status": "reserve"}])
    assert text == '{"applicant":"å1","decisions":[{"status":"reserve"}],"round":"final","rows":[{"a":"ö","b":"2"}]}'
    assert leaf_hash(text) == verifier.leaf("final", "å1", [{"b": "2", "a": "ö"}], [{"status": "reserve"}])


def test_somebody_without_rows_has_no_receipt(tmp_path: Path) -> None:
    run = write_small_run(tmp_path / "run", 3)
    with pytest.raises(KeyError):
        receipt(run / "final", "nobody")


def test_equal_runs_are_sealed_equally(tmp_path: Path) -> None:
    for name in "ab":
        write_small_run(tmp_path / name, 4)
    for file in ("leaves.csv", "certificate.json"):
        assert (tmp_path / "a/final" / file).read_bytes() == (tmp_path / "b/final" / file).read_bytes()
