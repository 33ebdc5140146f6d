"""Take up a finished run: the intake it was made from, its rules and its lottery, compiled again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from admissions.errors import AdmissionsError
from admissions.intake import Intake, read_intake
from admissions.matching import Matching, match
from admissions.rules import CompiledRound, Lottery, Rulebook, compile_round, compile_static, load_rulebook


@dataclass(frozen=True, eq=False)
class RunInputs:
    """What a run was made from.

    Attributes
    ----------
    about
        The content of ``run.json``.
    """

    about: dict[str, Any]
    intake: Intake
    rulebook: Rulebook
    lottery: Lottery

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.about["id"])

    def compiled(self, round_name: str = "final") -> tuple[CompiledRound, Matching]:
        """Return a round of the run, compiled and matched again."""
        if round_name not in self.about["rounds"]:
            raise AdmissionsError(f"The run has no round {round_name!r}; it has {', '.join(self.about['rounds'])}.")
        if round_name.startswith("reserve"):
            raise AdmissionsError("A reserve round depends on who holds which seat; look at the final round instead.")
        compiled = compile_round(compile_static(self.intake, self.rulebook), round_name, lottery=self.lottery)
        return compiled, match(compiled.market)


def open_run(run: Path) -> RunInputs:
    """Read what a run folder was made from.

    Raises
    ------
    AdmissionsError
        If the folder is no run, keeps no intake, or its intake is another than the run's.
    """
    try:
        about = json.loads((run / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AdmissionsError(f"{run} is not a finished run: {error}. Make one with `admissions replay`.") from error
    if not (run / "intake").is_dir():
        raise AdmissionsError(
            f"{run} keeps no intake to simulate with; make the run with `admissions replay`, which writes {run}/intake."
        )
    intake = read_intake(run / "intake")
    if intake.digest() != about["intake_sha256"]:
        raise AdmissionsError(f"{run / 'intake'} is not the intake the run was made from: it was changed since.")
    lottery = about["lottery"]
    return RunInputs(
        about,
        intake,
        load_rulebook(run / "rulebook.toml", int(about["year"])),
        Lottery(lottery["seed_phrase"], lottery["public_value"]),
    )
