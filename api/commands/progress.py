"""Progress bars for the commands: one line a step, on standard error, only where somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, int, int], None]
"""Called with a step, how much of it is done and how much there is."""


@contextmanager
def steps(*, quiet: bool = False, time_left: bool = False) -> Iterator[Tell]:
    """Show the steps of a command while it works.

    Parameters
    ----------
    quiet
        Show nothing.
    time_left
        Show how long it will still take beside how long it has taken.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, quiet=quiet)
    with Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        *([TimeRemainingColumn()] if time_left else []),
        console=console,
        disable=quiet,
    ) as progress:
        tasks: dict[str, int] = {}

        def tell(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=of)
            progress.update(tasks[step], completed=done, total=of)  # type: ignore[arg-type]  # rich's TaskID is an int

        yield tell
