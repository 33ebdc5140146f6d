import numpy as np

from simulations.streams import generator, normal, person_keys, uniform


def test_draws_of_a_person_depend_on_nobody_else():
    alone = person_keys(["B"], 1, "window")
    together = person_keys(["A", "B", "C"], 1, "window")
    assert together[1] == alone[0]
    assert person_keys(["B"], 2, "window")[0] != alone[0]
    assert person_keys(["B"], 1, "growth")[0] != alone[0]


def test_purposes_have_streams_of_their_own():
    assert generator(1, "homes").integers(0, 2**32) != generator(1, "ids").integers(0, 2**32)


def test_uniform_and_normal_have_the_moments_they_promise():
    keys = person_keys([str(number) for number in range(20_000)], 3, "moments")
    chances = np.array([uniform(key, 5) for key in keys])
    assert chances.min() > 0
    assert chances.max() < 1
    assert abs(chances.mean() - 0.5) < 0.01
    draws = np.array([normal(key, 5) for key in keys])
    assert abs(draws.mean()) < 0.03
    assert abs(draws.std() - 1) < 0.03
