from dataclasses import replace

import numpy as np
import pytest

from admissions.matching import Market, match
from admissions.matching.redraws import redraw
from admissions.rules import compile_round, compile_static
from simulations.from_run import RunInputs
from simulations.seat_value.curves import STEPS, Values, curves
from simulations.seat_value.gains import chains, gains
from simulations.seat_value.report import seat_report
from simulations.seat_value.samples import lottery_source, over_samples, tied_rows, year_source
from simulations.sweeps.plan import catalogue_of
from tests.simulations.sweeps.worlds import LOTTERY, intake, model, rules


@pytest.fixture(scope="module")
def compiled():
    return compile_round(compile_static(intake(), rules()), "final", lottery=LOTTERY)


@pytest.fixture(scope="module")
def catalogue():
    return catalogue_of(intake())


@pytest.fixture(scope="module")
def values(compiled):
    return Values.of_samples(lottery_source(compiled, 1), 6)


def again(sample, route, seats):
    """Match anew with more seats: persons better off and newly placed."""
    market = sample.market
    pools = np.asarray(market.seats).copy()
    pools[market.pool[route]] += seats
    more = match(
        Market.from_points(market.indptr, market.route, market.points, market.lottery, pools, pool=market.pool)
    )
    before, after = sample.matching.choice, more.choice
    better = (after >= 0) & ((before < 0) | (after < before))
    return int(better.sum()), int(((before < 0) & (after >= 0)).sum())


def test_values_and_curves_equal_matching_anew_in_every_sample(compiled, catalogue, values):
    source = lottery_source(compiled, 1)
    best = values.best(3)
    table = curves(source, 1, best, catalogue)
    one = source(0)
    for route in best:
        assert (values.better_off[0, route], values.newly_placed[0, route]) == again(one, route, 1)
        own = table.filter(table["route_id"] == catalogue["route_id"][route])
        assert own["seats"].to_list() == list(STEPS)
        for seats, better, placed in own.select("seats", "better_off", "newly_placed").iter_rows():
            assert (better, placed) == again(one, route, seats)


def test_samples_do_not_depend_on_threads_and_differ_by_the_lottery_only(compiled):
    source = lottery_source(compiled, 1)
    assert tied_rows(compiled) > 0
    one, many = (
        [m.tolist() for m in over_samples(source, 5, lambda sample: sample.matching.route, threads=threads)]
        for threads in (1, 3)
    )
    assert one == many
    assert (source(0).market.points == source(1).market.points).all()
    assert (source(0).market.lottery != source(1).market.lottery).any()


def test_redraws_of_the_engine_and_own_lotteries_agree_on_the_whole(compiled):
    engine = Values.of_redraws(redraw(compiled.market, 60, seed=2))
    own = Values.of_samples(lottery_source(compiled, 2), 60)
    assert engine.better_off.sum() == pytest.approx(own.better_off.sum(), rel=0.05)
    assert engine.newly_placed.sum() == pytest.approx(own.newly_placed.sum(), rel=0.15)


def test_who_gains_adds_up_to_the_value(compiled, catalogue, values):
    source = lottery_source(compiled, 1)
    best = values.best(3)
    who = gains(source, 6, best, catalogue, compiled)
    for route in best:
        name = catalogue["route_id"][route]
        mean = values.better_off[:, route].mean()
        for table in (who.homes, who.bands):
            assert table.filter(table["route_id"] == name)["better_off"].sum() == pytest.approx(mean, abs=0.01)
        length = who.lengths.filter(who.lengths["route_id"] == name)
        assert length["persons_moving"].item() == pytest.approx(mean, abs=0.01)
        assert length["persons_moving_low"].item() >= values.better_off[:, route].min()


def test_a_chain_is_a_chain(compiled, catalogue, values):
    source = lottery_source(compiled, 1)
    one = source(0)
    best = [route for route in values.best(10) if values.better_off[0, route]]
    table = chains(one, best, catalogue)
    for route in best:
        own = table.filter(table["route_id"] == catalogue["route_id"][route])
        assert len(own) == values.better_off[0, route]
        assert own["to_route"][0] == catalogue["route_id"][route]
        assert sorted(own["step"].to_list()) == list(range(1, len(own) + 1))


def test_the_report_answers_from_a_run_with_and_without_simulated_years(compiled):
    run = RunInputs(
        {"id": "abc", "rounds": ["preliminary", "final"], "rulebook_sha256": "0", "intake_sha256": "1"},
        intake(),
        rules(),
        LOTTERY,
    )
    told = []
    report = seat_report(
        run, lotteries=150, top=4, curve_samples=3, progress=lambda step, done, of: told.append((step, done, of))
    )
    assert len(report.tables["values"]) == len(intake().routes)
    assert ("lotteries", 150, 150) in told
    assert report.about["run"] == "abc"
    assert "values_years" not in report.tables
    own = seat_report(run, lotteries=20, top=2, curve_samples=2, model=model(), years=3)
    swept = Values.of_samples(year_source(model()), 3)
    assert own.tables["values_years"].equals(swept.table(catalogue_of(intake())))
    assert own.about["seed_behaviour"] == 3


def test_nothing_is_worth_anything_where_seats_abound(catalogue):
    plenty = replace(intake(), seats=intake().seats.with_columns(seats=intake().seats["seats"] + 900))
    round_ = compile_round(compile_static(plenty, rules()), "final", lottery=LOTTERY)
    values = Values.of_samples(lottery_source(round_, 1), 2)
    assert values.best(5) == []
    assert curves(lottery_source(round_, 1), 2, [], catalogue).is_empty()
    assert gains(lottery_source(round_, 1), 2, [], catalogue, round_).homes.is_empty()
