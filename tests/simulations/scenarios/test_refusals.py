from pathlib import Path

import pytest

from admissions.errors import InputError
from simulations.population import generate_intake
from simulations.scenarios.applying import apply_overlays, lay
from simulations.scenarios.costs import read_prices
from simulations.scenarios.overlay import Overlay, Seats
from simulations.scenarios.parsing import build_overlay, load_overlays
from simulations.scenarios.running import run_scenario
from simulations.scenarios.world import World
from simulations.sweeps.draws import Seeds
from tests.simulations.sweeps.worlds import behaviour, intake, rules


@pytest.fixture(scope="module")
def world():
    return World.of(intake(), rules(), behaviour())


def route(world, number=0):
    return world.intake.routes["route_id"][number]


def test_all_problems_of_all_files_are_told_at_once_and_nothing_runs(world, tmp_path, monkeypatch):
    (tmp_path / "one.toml").write_text(
        f"""
        name = "one"
        [[seats]]
        route = "nowhere"
        change = 5
        [[seats]]
        route = "{route(world)}"
        change = -10000
        [[cohort]]
        municipality = "Atlantis"
        growth = 0.1
        [[closed_route]]
        route = "lost"
        [[new_route]]
        route = "{route(world)}"
        like = "missing"
        seats = -1
        listed_by = 2.0
        [[merged_municipalities]]
        municipalities = ["Atlantis", "Solna"]
        name = "Nya Solna"
        [[joining_municipality]]
        municipality = "Solna"
        [behaviour.rechoice]
        switching_costs = 1.0
        [rules]
        rulebook = "nobody"
        """,
        encoding="utf-8",
    )
    (tmp_path / "prices.csv").write_text("programme,per_seat,per_pupil\nNA,1,2\n", encoding="utf-8")
    overlays = load_overlays([tmp_path / "one.toml"])
    monkeypatch.setattr("simulations.scenarios.running.run_sweep", None)
    with pytest.raises(InputError) as refused:
        run_scenario(
            world,
            overlays,
            seeds=Seeds(),
            years=2,
            prices=read_prices(tmp_path / "prices.csv"),
            prices_file="prices.csv",
        )
    told = "\n".join(map(str, refused.value.problems))
    for said in (
        "no route 'nowhere'",
        "would have -",
        "'Atlantis'",
        "no route 'lost'",
        "there is a route or pool",
        "no route 'missing'",
        "-1 seats",
        "listed_by is 2.0",
        "Solna belongs to the area 'region' already",
        "switching_costs",
        "nobody",
        "prices.csv: no price for programme 'EK'",
    ):
        assert said in told, said
    assert "one.toml" in told


def test_seats_may_not_fall_below_zero_over_several_overlays(world):
    seats = int(world.intake.seats.filter(world.intake.seats["route_or_pool"] == route(world))["seats"].min())
    step = Overlay("step", seats=(Seats(route(world), change=-(seats // 2 + 1)),))
    apply_overlays(world, [step])
    with pytest.raises(InputError, match="would have -"):
        apply_overlays(world, [step, step])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"seat": []}, "there is no 'seat'"),
        ({"seats": {"route": "a"}}, r"write seats as \[\[seats\]\]"),
        ({"seats": [{"route": "a"}]}, "either change or seats"),
        ({"seats": [{"route": "a", "change": 1, "seats": 2}]}, "either change or seats"),
        ({"seats": [{"route": "a", "change": 1.5}]}, "change is 1.5, expected a whole number"),
        ({"seats": [{"route": "a", "change": True}]}, "expected a whole number"),
        ({"seats": [{"change": 1}]}, "route is missing"),
        ({"seats": [{"route": "a", "change": 1, "color": "red"}]}, "unknown key 'color'"),
        (
            {"new_route": [{"route": "a", "like": "b", "seats": 1, "listed_by": 0.5, "place": "beside"}]},
            "'before' or 'after'",
        ),
        ({"merged_municipalities": [{"municipalities": "A", "name": "B"}]}, "a list of texts"),
        ({"rules": "sjuharad"}, r"\[rules\]"),
        ({"behaviour": {"rechoice": 1}}, r"\[behaviour.model\]"),
        ({"name": 3}, "name must be a text"),
    ],
)
def test_what_an_overlay_cannot_say_is_refused_by_name(text, said):
    problems: list[str] = []
    build_overlay(text, "a.toml", problems)
    with pytest.raises(InputError, match=said):
        raise InputError(problems)


def test_an_unreadable_file_and_a_broken_one_are_both_named(tmp_path):
    (tmp_path / "broken.toml").write_text("seats = [", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_overlays([tmp_path / "none.toml", tmp_path / "broken.toml"])
    assert len(refused.value.problems) == 2


def test_the_examples_that_come_along_can_be_laid_over_the_catalogue():
    world = World.of(generate_intake(2023, 600, seed=1), rules(), behaviour())
    folder = Path(__file__).parents[3] / "sample_data" / "scenarios"
    paths = sorted(folder.glob("*.toml"))
    assert len(paths) >= 4
    for path in paths:
        problems: list[str] = []
        lay(world, load_overlays([path]), problems)
        assert not problems, path
