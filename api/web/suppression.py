"""Small counts of persons: hidden, and with them whatever a sum would give away.

Source: the usual protection of frequency tables (handbook on statistical disclosure control, chapter 5): primary
suppression of small counts, complementary suppression along rows and columns.
"""

from collections.abc import Iterator, Sequence

import polars as pl

SMALLEST = 5
HIDDEN = -1
"""Stands for a count that is not told."""
Cell = tuple[int, int]


def suppressed(table: Sequence[Sequence[int]]) -> list[list[int]]:
    """Hide small counts of a table whose last row and last column are sums.

    After it no hidden count follows from the sum of its row or column.

    Parameters
    ----------
    table
        Counts, at least one row and one column beside the sums.

    Examples
    --------
    >>> suppressed([[2, 10, 12], [30, 40, 70], [32, 50, 82]])
    [[-1, -1, 12], [-1, -1, 70], [32, 50, 82]]
    """
    height, width = len(table), len(table[0])
    hidden = {(i, j) for i in range(height) for j in range(width) if 0 < table[i][j] < SMALLEST}
    lines = [[(i, j) for j in range(width)] for i in range(height)]
    lines += [[(i, j) for i in range(height)] for j in range(width)]
    found = True
    while found:
        found = False
        for line in lines:
            if _given_away(table, line, hidden):
                more = next(_next_to_hide(table, line, hidden), None)
                if more is not None:
                    hidden.add(more)
                    found = True
    return [[HIDDEN if (i, j) in hidden else table[i][j] for j in range(width)] for i in range(height)]


def _given_away(table: Sequence[Sequence[int]], line: Sequence[Cell], hidden: set[Cell]) -> bool:
    """Say whether the sum of a line tells what is hidden in it."""
    gone = [cell for cell in line if cell in hidden]
    if not gone:
        return False
    if line[-1] in hidden:
        return len(gone) == 1  # the sum alone is hidden
    return len(gone) == 1 or sum(table[i][j] for i, j in gone) == len(gone)


def _next_to_hide(table: Sequence[Sequence[int]], line: Sequence[Cell], hidden: set[Cell]) -> Iterator[Cell]:
    """Give what to hide next: the smallest count that is not nought, the sum last."""
    shown = [cell for cell in line[:-1] if cell not in hidden and table[cell[0]][cell[1]] > 0]
    yield from sorted(shown, key=lambda cell: (table[cell[0]][cell[1]], cell))
    if line[-1] not in hidden:
        yield line[-1]


def suppressed_frame(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Hide small counts in columns of a frame; the last column and the last row are the sums."""
    counts = [list(row) for row in frame.select(columns).iter_rows()]
    if not counts:
        return frame
    safe = suppressed(counts)
    return frame.with_columns(
        pl.Series(name, [row[place] for row in safe], dtype=pl.Int64) for place, name in enumerate(columns)
    )


def suppressed_line(counts: Sequence[int]) -> list[int]:
    """Hide small counts of one line whose sum is known from elsewhere.

    Examples
    --------
    >>> suppressed_line([0, 3, 12, 20])
    [0, -1, -1, 20]
    """
    hidden = {(0, place) for place, count in enumerate(counts) if 0 < count < SMALLEST}
    table = [[*counts, sum(counts)]]
    line = [(0, place) for place in range(len(counts) + 1)]
    while _given_away(table, line, hidden):
        more = next((cell for cell in _next_to_hide(table, line, hidden) if cell != line[-1]), None)
        if more is None:
            break
        hidden.add(more)
    return [HIDDEN if (0, place) in hidden else count for place, count in enumerate(counts)]
