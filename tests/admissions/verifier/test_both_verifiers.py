"""The same damage in the same files, before the stand-alone verifier and before the engine's checker."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from admissions.errors import AdmissionsError, VerificationError
from admissions.matching import Certificate, verify
from admissions.rounds.stored import read_run
from admissions.verifier import verifier
from tests.admissions.verifier import test_verifier as damage
from tests.admissions.verifier.small_runs import read, write, write_small_run

#: Damage the engine's checker does not see because it lies outside market and matching; its place is the other one.
OUTSIDE = {
    damage.tier_changed,
    damage.merit_text,
    damage.lottery_number,
    damage.lottery_order,  # of a row that was not tried
    damage.row_missing,  # one that was not tried
    damage.unknown_group,  # in a pool without groups, where the engine reads no group
    damage.position,
    damage.row_moved,
}
#: Damage that leaves files no market or matching can be read from: refused while reading, with the place.
UNREADABLE = {damage.second_seat, damage.grant_untried, damage.not_tried, damage.membership_lost}


def engine_check(run: Path, name: str) -> None:
    one = read_run(run).round(name)
    verify(one.market, one.matching, holders=one.holders, applicants=one.applicants, routes=one.routes)
    sealed = json.loads((run / name / "certificate.json").read_text())
    Certificate.from_json(json.dumps(sealed["certificate"])).check(one.market, one.matching, holders=one.holders)


@pytest.mark.parametrize("seed", range(4))
def test_what_the_small_writer_wrote_passes_both(seed: int, tmp_path: Path) -> None:
    run = write_small_run(tmp_path / "run", seed)
    for name in ("preliminary", "final"):
        engine_check(run, name)
    assert verifier.main([str(run)]) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("edit", [e for e in damage.KINDS if e not in OUTSIDE], ids=lambda edit: edit.__name__)
def test_both_refuse_the_same_damage(edit: damage.Edit, seed: int, tmp_path: Path) -> None:
    run = write_small_run(tmp_path / "run", seed)
    rng = np.random.default_rng([seed, 9, len(edit.__name__)])
    files = ("rows.csv", "seats.csv", "decisions.csv")
    tables = [read(run / "final" / file) for file in files]
    edit(rng, *tables)
    for file, lines in zip(files, tables, strict=True):
        write(run / "final" / file, lines)
    with pytest.raises(verifier.Refusal):
        verifier.verify_run(run)
    with pytest.raises(AdmissionsError if edit in UNREADABLE else VerificationError) as refusal:
        engine_check(run, "final")
    if isinstance(refusal.value, VerificationError):
        assert refusal.value.property_name
        assert refusal.value.place
