"""The errors of the engine: a small tree under one root, each saying where and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class AdmissionsError(Exception):
    """Root of every error the engine raises on purpose; its text is meant to be shown to the user."""


class MarketError(AdmissionsError, ValueError):
    """A market that cannot be matched as given: the message names the first offending applicant and route."""


class VerificationError(AdmissionsError):
    """A result that violates a verified property.

    Parameters
    ----------
    property_name
        The numbered property, e.g. ``"P4 no justified envy"``.
    place
        Where it is violated, in the words of the data (applicant, route, pool, group).
    message
        What was found there.
    """

    def __init__(self, property_name: str, place: str, message: str) -> None:
        super().__init__(f"{property_name} violated at {place}: {message}")
        self.property_name = property_name
        self.place = place


class InputError(AdmissionsError, ValueError):
    """Input that was refused as a whole: carries every problem found, never only the first.

    Parameters
    ----------
    problems
        Printable problems, each with its place and its remedy.
    """

    def __init__(self, problems: Sequence[object]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"  {problem}" for problem in self.problems[:50])
        more = "" if len(self.problems) <= 50 else f"\n  ... and {len(self.problems) - 50} more"
        noun = "problem" if len(self.problems) == 1 else "problems"
        super().__init__(f"{len(self.problems)} {noun}; nothing was changed\n{shown}{more}")
