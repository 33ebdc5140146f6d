from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from admissions.errors import AdmissionsError, InputError
from admissions.explanations.shadow import CAUSES
from admissions.explanations.shadow_routes import ours_published
from admissions.explanations.shadow_words import _texts
from admissions.reports.published_layout import write_published
from admissions.rounds.folder import Run, write_run
from admissions.rounds.stored import read_run
from admissions.tables import write_table, write_xlsx
from admissions.tables.raw import Source
from admissions.tables.workbook import Workbook
from api.commands import compare
from tests.admissions.explanations.planting import official_of, plant
from tests.admissions.explanations.worlds import LOTTERY, ran, world

runner = CliRunner()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    intake = world(300, seats=8)
    result = ran(intake)
    folder = tmp_path_factory.mktemp("compare") / "run"
    write_run(folder, Run(intake, result.compiled.static.rulebook, LOTTERY, [result]))
    return folder


def said(*arguments: str) -> str:
    app = typer.Typer()
    compare.register(app)
    language = [] if "--lang" in arguments else ["--lang", "en"]
    result = runner.invoke(app, [*arguments, *language], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def in_points(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("merit") / 100, pl.col("grade_sum") / 100)


def test_a_run_against_its_own_decisions(run: Path, tmp_path: Path):
    write_table(in_points(official_of(read_run(run).rounds[-1])), tmp_path / "same.csv")
    assert "No difference." in said(str(run), str(tmp_path / "same.csv"))


def test_its_own_decisions_file_is_a_valid_official_file(run: Path):
    # decisions.csv carries merits in hundredths, so that only those differ; every other column is read as it is
    from admissions.explanations.official import read_official

    assert len(read_official(run / "final" / "decisions.csv")) > 0


def test_differences_are_reported_in_the_terminal_and_as_files(run: Path, tmp_path: Path):
    official, planted = plant(read_run(run).rounds[-1], "seats", 2)
    write_xlsx({"beslut": in_points(official)}, tmp_path / "official.xlsx")
    out = tmp_path / "out"
    text = said(str(run), str(tmp_path / "official.xlsx"), "--out", str(out))
    assert "seats" in text
    assert {path.name for path in out.iterdir()} == {
        *("totals.csv", "routes.csv", "persons.csv", "rows.csv", "comparison.xlsx", "comparison.html")
    }
    rows = pl.read_csv(out / "rows.csv")
    assert planted <= set(rows.select("applicant", "route_id").iter_rows())
    page = (out / "comparison.html").read_text(encoding="utf-8")
    assert page.count("<table>") == 5
    assert "<script" not in page
    with pytest.raises(AdmissionsError, match="nothing is overwritten"):
        said(str(run), str(tmp_path / "official.xlsx"), "--out", str(out))


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_published_result_is_compared_route_by_route(run: Path, tmp_path: Path, ending: str):
    ours = ours_published(read_run(run).rounds[-1])
    path = tmp_path / f"published.{ending}"
    write_published(ours, path)
    assert "No difference." in said(str(run), str(path))
    names = ours["school"].to_list(), ours["route_name"].to_list()
    first = (pl.col("school") == names[0][0]) & (pl.col("route_name") == names[1][0])
    other = ours.with_columns(pl.when(first).then(pl.col("seats") + 2).otherwise(pl.col("seats")).alias("seats"))
    write_published(other, path)
    out = tmp_path / "out"
    said(str(run), str(path), "--out", str(out))
    (line,) = pl.read_csv(out / "routes.csv").iter_rows(named=True)
    assert (line["cause"], line["seats_difference"], line["school"]) == ("seats", -2, names[0][0])


def test_a_file_that_is_neither_is_refused(run: Path, tmp_path: Path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="applicant"):
        said(str(run), str(tmp_path / "other.csv"))


def test_a_file_whose_first_reserves_come_late_is_read_as_numbers(run: Path, tmp_path: Path):
    import shutil

    late = tmp_path / "late"
    shutil.copytree(run, late)
    for name in ("decisions", "rows"):
        path = late / "final" / f"{name}.csv"
        frame = pl.read_csv(path, infer_schema=False)
        order = frame.with_columns(
            pl.read_csv(run / "final" / "decisions.csv", infer_schema=False)["reserve_position"]
            .is_not_null()
            .alias("late")
        )
        order.sort("late", maintain_order=True).drop("late").write_csv(path)
    write_table(in_points(official_of(read_run(run).rounds[-1])), tmp_path / "same.csv")
    assert "No difference." in said(str(late), str(tmp_path / "same.csv"))


def test_terminal_page_and_workbook_speak_swedish(run: Path, tmp_path: Path):
    official, _ = plant(read_run(run).rounds[-1], "merit", 2)
    write_table(in_points(official), tmp_path / "official.csv")
    out = tmp_path / "out"
    text = said(str(run), str(tmp_path / "official.csv"), "--out", str(out), "--lang", "sv")
    for word in ("Skillnader efter orsak", "meritvärde", "slutantagning", "Studievägar som"):
        assert word in text, word
    page = (out / "comparison.html").read_text(encoding="utf-8")
    for word in ('lang="sv"', "Skuggkörning", "Så klassas en skillnad", "deras status", "antagen", "oförklarad"):
        assert word in page, word
    for word in ("Differences", "their_status", "unexplained", "struck", "admitted"):
        assert word not in page, word
    assert set(pl.read_csv(out / "totals.csv")["cause"]) == set(CAUSES)  # machines read the same in both languages
    assert "Skillnader efter orsak" in Workbook(out / "comparison.xlsx", Source("comparison.xlsx")).sheets
    same = tmp_path / "same.csv"
    write_table(in_points(official_of(read_run(run).rounds[-1])), same)
    assert "Ingen skillnad." in said(str(run), str(same), "--lang", "sv")


def test_every_column_and_word_of_a_comparison_has_both_languages():
    for section, keys in _texts().items():
        for key, texts in keys.items():
            assert len(texts) == 2, (section, key)
            assert all(text.strip() for text in texts), (section, key)
            assert len({tuple(sorted(re.findall(r"{(\w*)}", text))) for text in texts}) == 1, (section, key)
    assert set(_texts()["cause"]) == set(_texts()["meaning"]) == set(CAUSES)
