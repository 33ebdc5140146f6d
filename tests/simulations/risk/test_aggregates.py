from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from admissions.errors import AdmissionsError
from simulations.risk import Risk, RiskSettings, by_group

SETTINGS = RiskSettings(on=True)


def risks(*sizes: int, high: int = 0) -> tuple[Risk, pl.DataFrame]:
    count = sum(sizes)
    names = tuple(f"A{k:03}" for k in range(count))
    without = np.zeros(count, np.int32)
    without[:high] = 10
    groups = [chr(97 + k) for k, size in enumerate(sizes) for _ in range(size)]
    return Risk(names, without, 0 * without, without, 10), pl.DataFrame({"applicant": names, "school": groups})


def test_few_persons_are_not_shown_nor_to_be_worked_out():
    table = by_group(*risks(20, 4, 9, 30), "school", SETTINGS)
    assert table["persons"].to_list() == [20, None, None, 30]
    assert table["mean_risk"].to_list() == [0.0, None, None, 0.0]
    two = by_group(*risks(20, 4, 3), "school", SETTINGS)
    assert two["persons"].to_list() == [20, None, None]


@pytest.mark.parametrize(("high", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (15, 15), (16, None), (20, 20)])
def test_a_part_of_a_few_is_not_shown_either(high, shown):
    assert by_group(*risks(20, high=high), "school", SETTINGS)["high_risk"].to_list() == [shown]


def test_a_table_that_cannot_be_used_is_refused():
    risk, groups = risks(6)
    with pytest.raises(AdmissionsError, match="no column 'municipality'"):
        by_group(risk, groups, "municipality", SETTINGS)
    with pytest.raises(AdmissionsError, match="A000 stands in the table of groups twice"):
        by_group(risk, pl.concat([groups, groups[:1]]), "school", SETTINGS)
