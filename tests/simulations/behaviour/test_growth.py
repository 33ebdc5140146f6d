import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.behaviour.growth import Growth, grow

STEPS = st.lists(st.lists(st.integers(-1, 5), min_size=17, max_size=17), min_size=1, max_size=20)


@settings(deadline=None)
@given(STEPS, st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2**32))
def test_growth_stays_on_the_scale_and_keeps_passes(steps, rises, falls, passes, seed):
    autumn = np.array(steps, dtype=np.int8)
    keys = np.random.default_rng(seed).integers(0, 2**63, len(autumn), dtype=np.uint64)
    final = grow(autumn, keys, Growth(rises, falls, passes))
    assert final.min() >= -1
    assert final.max() <= 5
    assert (np.abs(final.astype(int) - autumn) <= 1).all()
    assert ((autumn < 1) | (final >= 1)).all(), "a passed subject stays passed"
    assert (final[autumn == -1] == -1).all(), "no grade stays no grade"


def test_switched_off_nothing_grows():
    autumn = np.array([[0, 1, 5]], dtype=np.int8)
    keys = np.array([1], dtype=np.uint64)
    assert (grow(autumn, keys, Growth(1, 0, 1, on=False)) == autumn).all()
    assert (grow(autumn, keys, Growth(1, 0, 1)) != autumn).any()
