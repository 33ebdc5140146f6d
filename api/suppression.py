"""Small counts of people: hidden once, over a whole table with its margins, before anybody asks.

Counts from 1 to 4 are hidden (primary). Then more cells are hidden (complementary) until nothing hidden can be worked
out: in no line do the hidden cells add up to 1 to 4, and no hidden cell is a bridge of the graph whose nodes are the
rows and columns and whose edges are the hidden cells. The rest of a two-way table determines a cell exactly if its edge
is a bridge; every hidden cell is positive, so along a cycle each can be one more or one less.

Source: Gusfield, A graph theoretic approach to statistical data security, SIAM J. Comput. 17 (1988).
"""

import networkx as nx
import numpy as np
import numpy.typing as npt
import polars as pl

LEAST_SHOWN = 5
ALL = ""
"""Stands for the margin of a dimension."""

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Node = tuple[str, int]


def with_margins(inner: Counts) -> Counts:
    """Add the sums: the last row and the last column."""
    rows = np.vstack((inner, inner.sum(axis=0)))
    return np.hstack((rows, rows.sum(axis=1)[:, None]))


def hidden(counts: Counts) -> Mask:
    """Say which cells of a table with margins are hidden.

    Examples
    --------
    >>> hidden(with_margins(np.array([[9, 2, 30], [8, 20, 12]]))).astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    """
    mask: Mask = (counts > 0) & (counts < LEAST_SHOWN)
    while _hide_lines(counts, mask) or _hide_bridges(counts, mask):
        pass
    return mask


def _hide_lines(counts: Counts, mask: Mask) -> bool:
    """Hide one more cell of each line whose hidden cells would add up to a small count, or stand alone."""
    changed = False
    for values, line in (*zip(counts, mask, strict=True), *zip(counts.T, mask.T, strict=True)):
        inner = line[:-1]
        total = int(values[:-1][inner].sum())
        alone = int(line.sum()) == 1
        small = not line[-1] and 0 < total < LEAST_SHOWN
        if (alone or small) and _hide_smallest(values, line):
            changed = True
    return changed


def _hide_smallest(values: Counts, line: Mask) -> bool:
    """Hide the smallest shown positive cell of a line, its sum last."""
    shown = np.flatnonzero(~line[:-1] & (values[:-1] > 0))
    if len(shown):
        line[shown[np.argmin(values[shown])]] = True
        return True
    if not line[-1] and values[-1] > 0:
        line[-1] = True
        return True
    return False


def _hide_bridges(counts: Counts, mask: Mask) -> bool:
    """Hide one more cell for the first hidden cell that the rest of the table determines."""
    graph = nx.Graph((("row", int(row)), ("column", int(column))) for row, column in np.argwhere(mask))
    for one, other in nx.bridges(graph):
        graph.remove_edge(one, other)
        side = nx.node_connected_component(graph, one)
        graph.add_edge(one, other)
        reached = side | nx.node_connected_component(graph, one)
        shown = [(int(row), int(column)) for row, column in np.argwhere(~mask & (counts > 0))]
        across = [cell for cell in shown if _spans(cell, side, reached - side)]
        beside = [cell for cell in shown if ("row", cell[0]) in reached or ("column", cell[1]) in reached]
        if across or beside:
            # a cell across closes a cycle through the bridge; else the part that is reached grows until one does
            mask[min(across or beside, key=lambda cell: (_is_margin(cell, counts), counts[cell], cell))] = True
            return True
    return False


def _spans(cell: tuple[int, int], side: set[Node], other: set[Node]) -> bool:
    ends = {("row", cell[0]), ("column", cell[1])}
    return bool(ends & side) and bool(ends & other)


def _is_margin(cell: tuple[int, int], counts: Counts) -> bool:
    return cell[0] == len(counts) - 1 or cell[1] == len(counts.T) - 1


def suppressed_table(frame: pl.DataFrame, rows: str, columns: str, value: str) -> pl.DataFrame:
    """Give the declared table of a count over two dimensions, margins included, small counts hidden.

    Parameters
    ----------
    frame
        Counts, one row for each combination or finer.
    rows, columns
        The two dimensions; ``""`` in either stands for all.
    value
        The count; missing where it is hidden.
    """
    sums = frame.group_by(rows, columns).agg(pl.col(value).sum())
    names = [sorted(sums[name].unique().to_list()) for name in (rows, columns)]
    inner = np.zeros((len(names[0]), len(names[1])), dtype=np.int64)
    for row, column, count in sums.iter_rows():
        inner[names[0].index(row), names[1].index(column)] = count
    counts = with_margins(inner)
    mask = hidden(counts)
    cells = [
        (row, column, None if mask[i, j] else int(counts[i, j]), bool(mask[i, j]))
        for i, row in enumerate((*names[0], ALL))
        for j, column in enumerate((*names[1], ALL))
    ]
    schema = {rows: pl.String, columns: pl.String, value: pl.Int64, "hidden": pl.Boolean}
    return pl.DataFrame(cells, schema=schema, orient="row")
