import numpy as np
import polars as pl
import pytest

from simulations.sweeps.chunks import Years
from simulations.sweeps.plan import Plan, catalogue
from simulations.sweeps.running import run_sweep
from simulations.sweeps.summaries import grouped_table, homes_table, routes_table, spread
from simulations.sweeps.tally import ROUTE_MEASURES
from tests.simulations.sweeps.worlds import model


@pytest.fixture(scope="module")
def plan():
    return Plan(model(), 12)


def pool_of(plan):
    return plan.model.static.route_table.pool


@pytest.fixture(scope="module")
def years(plan):
    return run_sweep(plan)


def test_an_interval_holds_the_stated_share():
    values = np.random.default_rng(1).permutation(100)[:, None]
    one = spread(values, 0.8)
    inside = ((values >= one.low) & (values <= one.high)).mean()
    assert inside == 0.8
    assert one.low[0] <= one.middle[0] <= one.high[0]


def test_one_year_has_an_interval_of_one_point():
    one = spread(np.array([[7]]))
    assert (one.low[0], one.middle[0], one.high[0], one.mean[0]) == (7, 7, 7, 7.0)


def test_every_route_and_round_has_its_row_with_intervals(plan, years):
    table = routes_table(years, catalogue(plan), pool_of(plan))
    assert len(table) == 2 * len(catalogue(plan))
    for name in [*ROUTE_MEASURES, "first_choice_shortage"]:
        low, high = table[f"{name}_low"], table[f"{name}_high"]
        assert (low <= high).all()
        assert (
            table.filter(pl.col(name) < low).height <= table.height
        )  # means may leave an interval, ends may not cross
    final = table.filter(pl.col("round") == "final")
    assert final["better_off"].null_count() == 0
    assert table.filter(pl.col("round") == "preliminary")["better_off"].null_count() == len(final)


def test_roll_ups_sum_year_by_year_and_never_net(plan, years):
    whole = grouped_table(years, catalogue(plan), pool_of(plan), None)
    for at, name in enumerate(("preliminary", "final")):
        row = whole.filter(pl.col("round") == name)
        admitted = years.by_route[:, at, ROUTE_MEASURES.index("admitted")].sum(axis=1)
        assert row["admitted"][0] == pytest.approx(admitted.mean(), abs=1e-3)
        assert row["admitted_high"][0] <= admitted.max()
        assert row["first_choice_shortage"][0] >= 0
        assert row["first_choice_surplus"][0] >= 0
    by_programme = grouped_table(years, catalogue(plan), pool_of(plan), "programme")
    total = by_programme.filter(pl.col("round") == "final")["admitted"].sum()
    assert total == pytest.approx(whole.filter(pl.col("round") == "final")["admitted"][0], abs=0.01)


def test_homes_add_up_to_the_region(plan, years):
    homes = homes_table(years, plan.model.homes)
    final = homes.filter(pl.col("round") == "final")
    whole = grouped_table(years, catalogue(plan), pool_of(plan), None).filter(pl.col("round") == "final")
    assert final["without_seat"].sum() == pytest.approx(whole["without_seat"][0], abs=0.01)


def test_routes_that_share_a_pool_have_their_seats_once_and_their_gap_together():
    by_route = np.zeros((1, 2, len(ROUTE_MEASURES), 3), np.int32)
    by_route[:, :, ROUTE_MEASURES.index("seats")] = [10, 10, 5]  # the first two draw on one pool of ten
    by_route[:, :, ROUTE_MEASURES.index("vacancies")] = [2, 2, 0]
    by_route[:, :, ROUTE_MEASURES.index("first_choices")] = [8, 6, 1]
    none = np.zeros((1, 0), np.int16)
    years = Years(by_route, np.zeros((1, 2, 4, 1), np.int32), np.zeros((1, 2, 0), np.int32), none, none)
    names = pl.DataFrame({"route_id": ["a", "b", "c"], "programme": ["NA", "EK", "NA"]})
    pool = np.array([0, 0, 1], np.int32)
    whole = grouped_table(years, names, pool, None).row(0, named=True)
    assert (whole["seats"], whole["vacancies"]) == (15, 2)
    assert (whole["first_choice_shortage"], whole["first_choice_surplus"]) == (4, 4)
    programmes = grouped_table(years, names, pool, "programme").filter(pl.col("round") == "final")
    assert programmes["seats"].to_list() == [10, 15]
    assert programmes["first_choice_shortage"].to_list() == [4, 4]
    assert routes_table(years, names, pool)["first_choice_shortage"].to_list()[:3] == [4, 4, 0]
