"""What a sweep is: its model, how many years, and the identity that lets it resume and lets a figure be traced."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from admissions.rules import rulebook_text
from simulations.sweeps.chunks import CHUNK, Wanted
from simulations.sweeps.year import YearModel

if TYPE_CHECKING:
    import polars as pl

    from admissions.intake import Intake


@dataclass(frozen=True, eq=False)
class Plan:
    """A sweep to be run.

    Attributes
    ----------
    model
        The compiled year.
    years
        How many years to simulate, from number 0.
    wanted
        What to keep of each.
    run
        Id of the run folder the intake came from, empty if it came from none.
    chunk
        Years a chunk.
    """

    model: YearModel
    years: int
    wanted: Wanted = field(default_factory=Wanted)
    run: str = ""
    chunk: int = CHUNK

    @property
    def firsts(self) -> list[int]:
        """First year of each chunk."""
        return list(range(0, self.years, self.chunk))

    def size(self, first: int) -> int:
        """Return how many years the chunk that begins with `first` has."""
        return min(self.chunk, self.years - first)

    def identity(self) -> dict[str, Any]:
        """Return what the numbers depend on; two sweeps with one identity have the same years."""
        model = self.model
        static = model.static
        lists = model.window.compiled.static.intake
        return {
            "format": 1,
            "run": self.run,
            "year": static.intake.year,
            "rules": static.rulebook.name,
            "rulebook_sha256": hashlib.sha256(rulebook_text(static.rulebook).encode()).hexdigest(),
            "intake_sha256": static.intake.digest(),
            "lists_of_sha256": "" if lists is static.intake else lists.digest(),
            "behaviour": asdict(model.behaviour),
            "seeds": model.seeds.as_dict(),
            "keeps": asdict(self.wanted),
            "chunk": self.chunk,
            "routes": static.routes.series.to_list(),
            "homes": list(model.homes),
        }

    def describe(self) -> str:
        """Return the identity as the text of ``sweep.json``."""
        return json.dumps(self.identity(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def about(identity: dict[str, Any], years: int) -> dict[str, Any]:
    """Return what every figure of a sweep says: run, rules, seeds, number of simulated years."""
    switched_off = [name for name, model in identity["behaviour"].items() if not model["on"]]
    return {
        "run": identity["run"] or identity["intake_sha256"][:12],
        "rules": identity["rules"],
        "rulebook_sha256": identity["rulebook_sha256"],
        "intake_sha256": identity["intake_sha256"],
        "year": identity["year"],
        "seed_behaviour": identity["seeds"]["behaviour"],
        "seed_lottery": identity["seeds"]["lottery"],
        "years": years,
        "switched_off": ", ".join(switched_off),
    }


def catalogue(plan: Plan) -> pl.DataFrame:
    """Return the naming columns of the routes, in the order of the arrays."""
    return catalogue_of(plan.model.static.intake)


def catalogue_of(intake: Intake) -> pl.DataFrame:
    """Return the naming columns of an intake's routes, sorted by id."""
    columns = ["route_id", "municipality", "school", "organiser", "route_code", "route_name", "programme", "mode"]
    return intake.routes.sort("route_id").select(columns)
