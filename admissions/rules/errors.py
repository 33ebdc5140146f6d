"""A refused rulebook: every problem with its file, line, key, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from admissions.errors import InputError


@dataclass(frozen=True, slots=True)
class RulebookProblem:
    """One thing wrong in a rulebook.

    Examples
    --------
    >>> print(RulebookProblem("my.toml", 7, "late.counts", "unknown value 'sen'", "Write one of: new."))
    my.toml, line 7, key late.counts: unknown value 'sen'. Write one of: new.
    """

    file: str
    line: int | None
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        key = f", key {self.key}" if self.key else ""
        return f"{place}{key}: {self.message}. {self.remedy}"


class RulebookError(InputError):
    """A rulebook, or a rulebook together with an intake, that was refused; carries every problem.

    Parameters
    ----------
    problems
        All problems found, in the order of the file.
    """

    def __init__(self, problems: Sequence[RulebookProblem]) -> None:
        super().__init__(problems)
