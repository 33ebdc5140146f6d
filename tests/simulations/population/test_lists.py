import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.population.lists import Lists, pressure, settle


@st.composite
def small_markets(draw):
    people, routes = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    route = np.full((people, 4), -1, dtype=np.int32)
    for person in range(people):
        size = rng.integers(0, routes + 1)
        route[person, :size] = rng.choice(routes, size, replace=False)
    lists = Lists(route, np.where(route >= 0, rng.integers(0, 3, route.shape) * 400, 0))
    allowed = (route >= 0) & (rng.random(route.shape) < 0.8)
    return lists, allowed, rng.integers(0, 6, people) * 250, rng.random(people), rng.integers(0, 3, routes)


@settings(max_examples=60, deadline=None)
@given(small_markets())
def test_demand_at_the_cut_offs_of_a_matching_is_the_matching(market):
    """Azevedo and Leshno 2016: a stable matching is demand at its own cut-offs (here without ties at them)."""
    lists, allowed, merit, lottery, seats = market
    merit = merit * 100 + 2 * np.arange(len(merit)) + 2  # nobody tied, nobody just below a cut-off
    settled = settle(lists, allowed, merit, lottery, seats)
    cut = np.where(seats == 0, np.iinfo(np.int64).max, settled.lowest)
    cut = np.where(settled.lowest > 0, settled.lowest - 1, cut)  # the last admitted stands above the bar
    found = pressure(lists, allowed, merit, lottery, cut)
    assert found.rank.tolist() == settled.rank.tolist()
    assert found.admitted.tolist() == settled.admitted.tolist()
    assert found.reserves.tolist() == settled.reserves.tolist()


def test_half_of_those_tied_at_a_cut_off_count():
    people = 1000
    lists = Lists(np.zeros((people, 1), dtype=np.int32), np.zeros((people, 1), dtype=np.int64))
    allowed = np.ones((people, 1), dtype=bool)
    merit = np.full(people, 20_000)
    lottery = (np.arange(people) + 0.5) / people
    assert pressure(lists, allowed, merit, lottery, np.array([20_000])).admitted.tolist() == [people // 2]
