"""The identities a scenario engine must keep, on everybody's result in every simulated year."""

from dataclasses import replace

import numpy as np
import pytest

from simulations.scenarios.applying import apply_overlays
from simulations.scenarios.comparing import compare
from simulations.scenarios.overlay import ClosedRoute, Cohort, NewRoute, Overlay, Seats
from simulations.scenarios.people_moves import Outcomes, Pairing, better_and_worse
from simulations.scenarios.running import run_scenario
from simulations.scenarios.sides import Side
from simulations.scenarios.world import World
from simulations.sweeps.chunks import Wanted
from simulations.sweeps.draws import Seeds
from simulations.sweeps.plan import Plan
from simulations.sweeps.running import run_sweep
from simulations.sweeps.tally import ROUTE_MEASURES
from tests.simulations.sweeps.worlds import behaviour, intake, rules

YEARS = 4
SEEDS = Seeds(3, 4)


@pytest.fixture(scope="module")
def world():
    return World.of(intake(), rules(), behaviour())


def swept(world, *, react=False):
    plan = Plan(world.model(SEEDS, react=react), YEARS, Wanted(seat_values=True, people=True))
    return Side.of(plan, run_sweep(plan))


@pytest.fixture(scope="module")
def baseline(world):
    return swept(world)


@pytest.fixture(scope="module")
def short(baseline):
    """Return the routes with most reserves: where a seat more or less matters."""
    reserves = baseline.years.by_route[:, 1, ROUTE_MEASURES.index("reserves")].sum(axis=0)
    ids = baseline.names("route_id").tolist()
    return [ids[at] for at in np.argsort(-reserves, kind="stable")[:6]]


@pytest.mark.parametrize("react", [False, True])
def test_an_empty_overlay_changes_nothing_bit_for_bit(world, baseline, react):
    changed = apply_overlays(world, [Overlay("nothing"), Overlay("nothing more")])
    assert changed.intake.digest() == world.intake.digest()
    assert swept(changed, react=react).years.equals(baseline.years)


@pytest.mark.parametrize("react", [False, True])
def test_seats_added_and_taken_away_again_are_the_baseline(world, baseline, short, react):
    plus = Overlay("plus", seats=tuple(Seats(route, change=5) for route in short))
    minus = Overlay("minus", seats=tuple(Seats(route, change=-5) for route in short))
    assert not swept(apply_overlays(world, [plus])).years.equals(baseline.years)
    back = apply_overlays(world, [plus, minus])
    assert back.intake.digest() == world.intake.digest()
    assert swept(back, react=react).years.equals(baseline.years)


def test_one_more_seat_harms_nobody_while_lists_are_fixed(world, baseline, short):
    for route in short[:3]:
        more = swept(apply_overlays(world, [Overlay("one", seats=(Seats(route, change=1),))]))
        pairing = Pairing.of(baseline, more)
        before, after = Outcomes.of(baseline.years, pairing.before), Outcomes.of(more.years, pairing.after)
        better, worse = better_and_worse(before, after)
        assert not worse.any()
        # and as many are better off as the exact value of the seat says
        at = baseline.names("route_id").tolist().index(route)
        assert better.sum(axis=1).tolist() == baseline.years.seat_values[:, 0, at].tolist()
        newly = ((before.route < 0) & (after.route >= 0)).sum(axis=1)
        assert newly.tolist() == baseline.years.seat_values[:, 1, at].tolist()


def test_one_seat_less_helps_nobody_while_lists_are_fixed(world, baseline, short):
    less = swept(apply_overlays(world, [Overlay("one", seats=(Seats(short[0], change=-1),))]))
    pairing = Pairing.of(baseline, less)
    better, worse = better_and_worse(
        Outcomes.of(baseline.years, pairing.before), Outcomes.of(less.years, pairing.after)
    )
    assert not better.any()
    assert worse.any()


@pytest.mark.parametrize("react", [False, True])
def test_scenarios_that_touch_different_routes_commute(world, short, react):
    one = Overlay("one", seats=(Seats(short[0], change=4),), closed_route=(ClosedRoute(short[1]),))
    other = Overlay("other", seats=(Seats(short[2], change=-2), Seats(short[3], seats=20)))
    there, back = (swept(apply_overlays(world, order), react=react) for order in ([one, other], [other, one]))
    assert there.years.equals(back.years)


def test_the_order_of_overlays_counts_where_they_touch_the_same_route(world, short):
    more, fixed = (Overlay("a", seats=(Seats(short[0], change=4),)), Overlay("b", seats=(Seats(short[0], seats=20),)))
    first, last = (apply_overlays(world, order).intake.digest() for order in ([more, fixed], [fixed, more]))
    assert first != last


def test_lists_fixed_are_the_lists_of_the_baseline_and_lists_that_react_are_not(world, baseline, short):
    overlay = Overlay("more", seats=tuple(Seats(route, change=30) for route in short))
    changed = apply_overlays(world, [overlay])
    own = world.model(SEEDS, react=True).simulate(0).compiled
    fixed = changed.model(SEEDS, react=False).simulate(0).compiled
    free = changed.model(SEEDS, react=True).simulate(0).compiled
    assert (fixed.route == own.route).all()
    assert (fixed.indptr == own.indptr).all()
    assert len(free.route) != len(own.route) or (free.route != own.route).any()


def test_what_nobody_touched_is_common_to_baseline_and_scenario(world, baseline):
    """A cohort that grows gives newcomers draws of their own: nobody else's grades or lists change."""
    municipality = intake().applicants["home_municipality"].mode()[0]
    grown = apply_overlays(world, [Overlay("more", cohort=(Cohort(municipality, 0.1),))])
    model = grown.model(SEEDS, react=False)
    one, two = world.model(SEEDS, react=True).simulate(1).compiled, model.simulate(1).compiled
    assert len(two.applicants) > len(one.applicants)
    first = two.static.applicants.codes(one.static.applicants.series)
    assert (two.static.people.age[first] == one.static.people.age).all()
    graded = [c.grade_sum[np.minimum(c.indptr[:-1], len(c.route) - 1)] for c in (one, two)]
    listed = [np.diff(c.indptr) > 0 for c in (one, two)]
    both = listed[0] & listed[1][first]
    assert (graded[0][both] == graded[1][first][both]).all()


def test_a_comparison_with_nothing_shows_no_difference(world):
    same = run_scenario(world, [], seeds=SEEDS, years=YEARS)
    for table in same.tables.values():
        for name in table.columns:
            if "_difference" in name:
                assert (table[name] == 0).all(), name
    assert same.tables["flows_programme"].is_empty()
    assert same.tables["movers"].is_empty()
    assert same.about["lists"] == "fixed"


def test_flows_and_totals_tell_one_story(world, baseline, short):
    overlay = Overlay("close", closed_route=(ClosedRoute(short[0]),), seats=(Seats(short[1], change=10),))
    shown = run_scenario(world, [overlay], seeds=SEEDS, years=YEARS).tables
    totals = dict(shown["totals"].select("measure", "difference").iter_rows())
    flow = shown["flows_programme"]
    newly = flow.filter(flow["from"] == "(without a seat)")["persons"].sum()
    lost = flow.filter(flow["to"].is_in(["(without a seat)", "(not tried)"]))["persons"].sum()
    came = flow.filter(flow["from"] == "(not tried)")["persons"].sum()
    assert totals["placed"] == pytest.approx(newly + came - lost, abs=0.01)
    assert flow["persons"].sum() == pytest.approx(totals["moved"], abs=0.01)
    homes = shown["homes"]
    assert homes["without_seat_difference"].sum() == pytest.approx(totals["without_seat"], abs=0.01)
    assert shown["routes"].filter(shown["routes"]["route_id"] == short[0])["admitted_scenario_high"].item() == 0


def test_a_new_route_is_listed_by_the_share_that_was_said(world, baseline, short):
    new = NewRoute("new-1", like=short[0], seats=8, listed_by=1.0, place="before", school="Nya skolan")
    changed = apply_overlays(world, [Overlay("new", new_route=(new,))])
    assert len(changed.intake.routes) == len(world.intake.routes) + 1
    listing = set(changed.intake.choices.filter(changed.intake.choices["route_id"] == short[0])["applicant"])
    own = set(changed.intake.choices.filter(changed.intake.choices["route_id"] == "new-1")["applicant"])
    assert own == listing
    none = apply_overlays(world, [Overlay("new", new_route=(replace(new, listed_by=0.0),))])
    side = compare(baseline, swept(none), {}, react=False).tables["totals"]
    assert side.filter(side["measure"] == "moved")["difference"].item() == 0
    taken = compare(baseline, swept(changed), {}, react=False)
    row = taken.tables["routes"].filter(taken.tables["routes"]["route_id"] == "new-1")
    assert row["admitted_scenario"].item() > 0
    assert row["admitted_baseline_high"].item() == 0
