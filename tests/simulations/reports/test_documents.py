from dataclasses import replace

import polars as pl
import pytest

from simulations.from_run import RunInputs
from simulations.reports.document import Document, Section, grid
from simulations.reports.pictures import bands, flow_matrix, seat_curves
from simulations.reports.scenario_report import scenario_document
from simulations.reports.seats_report import seats_document
from simulations.reports.sweep_report import sweep_document
from simulations.reports.writing import html, narrow, stamp, write_document
from simulations.scenarios.costs import Price
from simulations.scenarios.overlay import ClosedRoute, Overlay, Seats
from simulations.scenarios.running import run_scenario
from simulations.scenarios.world import World
from simulations.seat_value.report import seat_report
from simulations.sweeps.draws import Seeds
from simulations.sweeps.plan import Plan
from simulations.sweeps.running import run_sweep
from tests.simulations.sweeps.worlds import LOTTERY, behaviour, intake, model, rules


@pytest.fixture(scope="module")
def swept():
    plan = Plan(model(), 4, run="abc")
    return plan, run_sweep(plan)


@pytest.fixture(scope="module")
def comparison():
    routes = intake().choices["route_id"].value_counts().sort("count", "route_id", descending=True)["route_id"]
    overlay = Overlay("more <b>seats</b>", seats=(Seats(routes[0], change=3),), closed_route=(ClosedRoute(routes[1]),))
    prices = dict.fromkeys(intake().routes["programme"].unique().to_list(), Price(100, 1050))
    world = World.of(intake(), rules(), behaviour())
    return run_scenario(world, [overlay], seeds=Seeds(3, 4), years=3, prices=prices, run="abc")


def documents(swept, comparison, language):
    run = RunInputs(
        {"id": "abc", "rounds": ["final"], "rulebook_sha256": "0", "intake_sha256": "1"}, intake(), rules(), LOTTERY
    )
    found = seat_report(run, lotteries=10, top=3, curve_samples=2)
    package = (pl.DataFrame({"route_id": ["a"], "extra_seats": [3]}), {"package": "3 seats; proved best"})
    return [
        sweep_document(*swept, language),
        scenario_document(comparison, language),
        seats_document(found, language, package=package),
    ]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_report_stands_alone_and_every_figure_says_where_it_comes_from(swept, comparison, language):
    for document in documents(swept, comparison, language):
        page = html(document, language)
        assert "abc" in stamp(document.about, language)
        assert page.count("<caption>") == page.count(stamp(document.about, language)) - page.count("<figcaption>")
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page
        assert "<script" not in page
        assert "<b>seats</b>" not in page
        for section in document.sections:
            assert f'id="{section.name}"' in page


def test_files_are_equal_byte_for_byte_when_written_twice(comparison, tmp_path):
    document = scenario_document(comparison)
    for name in ("one", "two"):
        write_document(document, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert {"report.html", "report.xlsx", "about.json", "totals.csv", "totals.parquet"} <= set(files)
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    totals = pl.read_csv(tmp_path / "one" / "totals.csv")
    assert totals.equals(pl.read_parquet(tmp_path / "one" / "totals.parquet").cast(totals.schema))


def test_whether_lists_were_fixed_or_reacted_is_said(comparison):
    assert "hållna fasta" in html(scenario_document(comparison))
    other = replace(comparison, about={**comparison.about, "lists": "react"})
    assert "får reagera" in html(scenario_document(other))


def test_costs_are_shown_in_kronor_to_the_ore(comparison):
    totals = comparison.tables["totals"]
    cost = totals.filter(totals["measure"] == "cost_ore")
    assert cost["baseline_low"].item() % 50 == 0
    shown = grid(cost, "en").rows[0]
    assert shown[0] == "Cost, kronor"
    assert "." in shown[1] or shown[1].replace(",", "").isdigit()


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ((3.0, 3, 3, 3), "3"),
        ((2.5, 1, 2, 5), "2,5 (1–5)"),
        ((-1.5, -3, -1, 0), "−1,5 (−3 till 0)"),
        ((None, None, None, None), "–"),
        ((1234.4, 1000, 1200, 1400), "1\u00a0234 (1\u00a0000–1\u00a0400)"),
    ],
)
def test_a_cell_shows_mean_and_interval(row, shown):
    names = ["placed", "placed_low", "placed_middle", "placed_high"]
    table = pl.DataFrame([row], schema=dict.fromkeys(names, pl.Float64), orient="row")
    assert grid(table, "sv").rows[0][0] == shown


def test_the_terminal_shows_differences_only():
    names = ["x_baseline", "x_scenario", "x_difference"]
    data = {"programme": ["A", "B"]} | {f"{n}{e}": [1, 0] for n in names for e in ("", "_low", "_middle", "_high")}
    small = narrow(pl.DataFrame(data))
    assert small["programme"].to_list() == ["A"]
    assert small.columns[1] == "x_difference"


def test_pictures_are_drawn_and_empty_tables_draw_nothing(comparison):
    flow = comparison.tables["flows_programme"]
    assert flow_matrix(flow, "sv").startswith("<svg")
    assert flow_matrix(flow.clear(), "sv") == ""
    assert bands(flow.clear(), "from", "persons", "sv") == ""
    assert bands(flow, "from", "persons", "sv").startswith("<svg")
    assert seat_curves(pl.DataFrame(), "sv") == ""


def test_an_empty_section_says_so():
    empty = Section("Nothing", "None.", "nothing", pl.DataFrame(schema={"programme": pl.String}))
    assert "Nothing to show." in html(Document("T", "L", {"run": "x"}, [empty]), "en")
