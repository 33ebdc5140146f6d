import numpy as np

from simulations.population.anchors import anchor
from simulations.population.generate import populate, tried_rows
from simulations.population.lists import pressure
from simulations.population.published import levels_passed, rules


def test_anchoring_lowers_few_merits_and_nobodys_eligibility():
    found = populate(2023, 4000, 1)
    cut = found.published.cut
    rows = tried_rows(found, found.lists)
    before = pressure(found.lists, rows, found.cohort.merit, found.persons.lottery, cut)
    cohort, lists = anchor(found.cohort, found.published, found.lists, before)
    moved = cohort.merit != found.cohort.merit
    assert 0 < moved.sum() < 800
    assert (cohort.merit <= found.cohort.merit).all()
    assert (lists.test <= found.lists.test).all()
    same = levels_passed(cohort.final, rules(2023)) == levels_passed(found.cohort.final, rules(2023))
    assert same.all()
    got = np.flatnonzero(moved & (before.rank >= 0))
    route = lists.route[got, before.rank[got]]
    assert (cohort.merit[got] + lists.test[got, before.rank[got]] == cut[route]).all(), "exactly the published merit"
    assert (before.rank[moved] >= 0).all(), "only admitted ones are moved"
