from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from admissions.errors import AdmissionsError
from api.commands import risk
from tests.api.commands.planning import make_run, said


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("risk") / "run")


def pupils_of(run: Path, folder: Path, count: int) -> Path:
    names = pl.read_parquet(run / "intake" / "applicants.parquet")["applicant"].sort()[:count]
    path = folder / "own.csv"
    pl.DataFrame({"applicant": names, "school": ["Skolan"] * (count - 3) + ["Lilla skolan"] * 3}).write_csv(path)
    return path


def test_nothing_is_worked_out_unless_it_is_switched_on(run, tmp_path):
    with pytest.raises(AdmissionsError, match="switched off"):
        said(risk, "risk", str(run))
    out = tmp_path / "risks.csv"
    with pytest.raises(AdmissionsError, match=r"switched off.*name a counsellor's own"):
        said(risk, "risk", str(run), "--out", str(out))
    assert not out.exists()


def test_a_counsellor_gets_the_own_pupils_and_aggregates(run, tmp_path):
    own, out = pupils_of(run, tmp_path, 20), tmp_path / "risks.csv"
    told = said(
        risk, "risk", str(run), "--switch-on", "--runs", "3", "--calibration", "--pupils", str(own), "--out", str(out)
    )
    written = pl.read_csv(out)
    assert set(written["applicant"]) <= set(pl.read_csv(own)["applicant"])
    assert written["risk"].is_between(0, 1).all()
    assert not any(name in told for name in pl.read_csv(own)["applicant"])
    assert "Lilla skolan" in told
    small = next(line for line in told.splitlines() if line.startswith("Lilla skolan"))
    assert small.split()[2:] == ["-", "-", "-"]
    assert "Brier" in told


def test_risks_are_corrected_by_an_earlier_year(run, tmp_path):
    own = pupils_of(run, tmp_path, 20)
    plain, corrected = tmp_path / "plain.csv", tmp_path / "corrected.csv"
    common = ("risk", str(run), "--switch-on", "--runs", "4", "--pupils", str(own), "--out")
    said(risk, *common, str(plain))
    said(risk, *common, str(corrected), "--learn-from", str(run))
    before, after = (pl.read_csv(one).sort("applicant") for one in (plain, corrected))
    assert before["applicant"].equals(after["applicant"])
    assert before["competition"].equals(after["competition"])
    assert not before["risk"].equals(after["risk"])
