"""The parameters of the behaviour models, read from ``behaviour.toml`` or a file with the same keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from admissions.errors import AdmissionsError
from simulations.behaviour.answers import Answers
from simulations.behaviour.closures import Closures
from simulations.behaviour.growth import Growth
from simulations.behaviour.late import Late
from simulations.behaviour.newcomers import Newcomers
from simulations.behaviour.rechoice import Rechoice
from simulations.behaviour.seats import SeatChanges
from simulations.behaviour.summer_school import SummerSchool

_MODELS = {
    "growth": Growth,
    "rechoice": Rechoice,
    "newcomers": Newcomers,
    "seats": SeatChanges,
    "closures": Closures,
    "summer_school": SummerSchool,
    "late": Late,
    "answers": Answers,
}


@dataclass(frozen=True)
class Behaviour:
    """All behaviour models of a simulation."""

    growth: Growth
    rechoice: Rechoice
    newcomers: Newcomers
    seats: SeatChanges
    closures: Closures
    summer_school: SummerSchool
    late: Late
    answers: Answers

    def without(self, *names: str) -> Behaviour:
        """Return the models with the named ones switched off.

        Examples
        --------
        >>> load_behaviour().without("rechoice").rechoice.on
        False
        """
        return replace(self, **{name: replace(getattr(self, name), on=False) for name in names})


def load_behaviour(path: str | Path | None = None) -> Behaviour:
    """Return the shipped models, or those of a TOML file; a table or key the file leaves out keeps its shipped value.

    Raises
    ------
    AdmissionsError
        Naming every unknown table or key and every value of the wrong type.
    """
    shipped = tomllib.loads((files("simulations.behaviour") / "behaviour.toml").read_text(encoding="utf-8"))
    if path is None:
        return build_behaviour({}, shipped)
    try:
        own = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise AdmissionsError(f"The behaviour file {path} cannot be read: {error}.") from error
    return build_behaviour(own, shipped)


def build_behaviour(own: Mapping[str, Any], shipped: Mapping[str, Any]) -> Behaviour:
    """Return the models of `own` laid over `shipped`."""
    problems = [f"there is no behaviour {name!r}" for name in own if name not in _MODELS]
    models = {}
    for name, model in _MODELS.items():
        known = {item.name for item in fields(model)}
        part = own.get(name, {})
        if not isinstance(part, dict):
            problems.append(f"{name} is a table, [{name}]")
            continue
        problems += [f"{name} has no key {key!r}" for key in part if key not in known | {"source"}]
        values = {key: value for key, value in {**shipped[name], **part}.items() if key in known}
        problems += [
            f"{name}.{key} is {value!r}, expected a {'yes/no value' if key == 'on' else 'number'} of at least 0"
            for key, value in values.items()
            if isinstance(value, bool) != (key == "on") or not isinstance(value, int | float) or value < 0
        ]
        models[name] = values
    if problems:
        raise AdmissionsError("The behaviour file cannot be used: " + "; ".join(problems) + ".")
    return Behaviour(**{name: _MODELS[name](**values) for name, values in models.items()})
