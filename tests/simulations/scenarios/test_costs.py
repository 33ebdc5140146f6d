from decimal import Decimal
from importlib.resources import files

import numpy as np
import pytest

from admissions.errors import InputError
from sample_data import programmes
from simulations.scenarios.costs import Price, costs, missing_prices, read_prices


def write(tmp_path, text):
    (tmp_path / "p.csv").write_text(text, encoding="utf-8")
    return tmp_path / "p.csv"


def test_costs_are_exact_to_the_ore(tmp_path):
    prices = read_prices(write(tmp_path, "programme;per_seat;per_pupil\nNA;0,10;98 765,43\nEK;12000;0.07\n"))
    assert prices == {"NA": Price(10, 9876543), "EK": Price(1200000, 7)}
    seats, pupils = np.array([[3, 30], [0, 1]]), np.array([[7, 11], [1, 0]])
    wanted = [
        int(
            Decimal(100) * (s[0] * Decimal("0.10") + p[0] * Decimal("98765.43") + s[1] * 12000 + p[1] * Decimal("0.07"))
        )
        for s, p in zip(seats.tolist(), pupils.tolist(), strict=True)
    ]
    assert costs(prices, np.array(["NA", "EK"]), seats, pupils).tolist() == wanted


def test_every_faulty_line_is_told(tmp_path):
    with pytest.raises(InputError) as refused:
        read_prices(write(tmp_path, "programme,per_seat,per_pupil\nNA,1.005,2\nNA,1,2\nEK,x,-1\n,1,1\n"))
    assert len(refused.value.problems) == 5
    with pytest.raises(InputError, match="per_pupil"):
        read_prices(write(tmp_path, "programme,per_seat\nNA,1\n"))


def test_the_example_list_names_every_programme_and_says_it_is_invented():
    path = files("sample_data") / "prices_example.csv"
    prices = read_prices(str(path))
    assert not missing_prices(prices, programmes()["programme"].to_numpy().astype(str), "example")
    assert all(price.per_seat % 100_000 == 0 and price.per_pupil % 100_000 == 0 for price in prices.values())
    sources = (files("sample_data") / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert "invented" in sources
