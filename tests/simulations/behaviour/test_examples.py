import doctest
import importlib
import pkgutil

import pytest

import simulations.behaviour


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(simulations.behaviour.__path__)])
def test_examples_in_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(f"simulations.behaviour.{name}")).failed == 0


def test_every_model_has_a_switch_and_a_source():
    import tomllib
    from importlib.resources import files

    shipped = tomllib.loads((files("simulations.behaviour") / "behaviour.toml").read_text(encoding="utf-8"))
    models = simulations.behaviour.parameters.load_behaviour()
    assert set(shipped) == set(vars(models))
    for name, table in shipped.items():
        assert table["on"] is True
        assert table["source"]
        assert set(table) - {"source"} == set(vars(getattr(models, name)))
