"""Small counts in the planners' tables: hidden before anything is kept, so that nobody and no format shows them.

The tables say of each count a mean and an interval over simulated years or lotteries, for the baseline, the scenario
and their difference. A count is hidden in all of them where any one is from 1 to 4, and with it whatever a sum would
give away: along a home municipality (placed and without a seat make those tried) and down the municipalities.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from api.suppression import LEAST_SHOWN, Mask, hidden, with_margins

ENDS = ("", "_low", "_middle", "_high")
SIDES = ("_baseline", "_scenario")
REST = "(fewer than five)"
HOME = "home_municipality"


def suppressed_comparison(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Give the tables of a comparison with small counts of people hidden; figures about seats and routes stay."""
    found = dict(tables)
    if "homes" in found:
        found["homes"] = suppressed_homes(found["homes"])
    if "movers" in found:
        found["movers"] = suppressed_columns(found["movers"])
    for name in ("flows_programme", "flows_municipality"):
        if name in found:
            found[name] = merged_flows(found[name])
    return found


def suppressed_homes(frame: pl.DataFrame) -> pl.DataFrame:
    """Hide small counts of those tried, placed, without a seat and placed on their first choice, by home."""
    if frame.is_empty():
        return frame
    split = np.zeros((len(frame), 3), dtype=np.bool_)  # placed, without a seat, tried
    first = np.zeros((len(frame), 3), dtype=np.bool_)  # first choice, another choice, placed
    for ending in _versions(SIDES):
        placed, without, best = (_counts(frame, f"{name}{ending}") for name in ("placed", "without_seat", "first"))
        split |= hidden(with_margins(np.stack((placed, without), axis=1)))[:-1]
        first |= hidden(with_margins(np.stack((best, np.maximum(placed - best, 0)), axis=1)))[:-1]
    masks = {
        "tried": split[:, 2],
        "placed": split[:, 0] | first[:, 2],
        "without_seat": split[:, 1],
        "first": first[:, 0] | first[:, 1],
    }
    while _widened(frame, masks):
        pass
    frame = frame.with_columns([one for name, mask in masks.items() for one in _hide(frame, name, mask)])
    return frame.with_columns([one for name in masks for one in _hide_changes(frame, name)])


def _widened(frame: pl.DataFrame, masks: dict[str, Mask]) -> bool:
    """Hide what a sum would give away, in place: one step; say whether there was one."""
    before = sum(int(mask.sum()) for mask in masks.values())
    # along a home: where two of three that make a sum are known, so is the third
    masks["without_seat"] |= masks["placed"] & ~masks["tried"]
    masks["placed"] |= masks["without_seat"] & ~masks["tried"]
    for name in ("tried", "placed", "without_seat"):  # down the homes: the region's sum is known
        for ending in _versions(SIDES):
            _line(_counts(frame, f"{name}{ending}"), masks[name])
    return sum(int(mask.sum()) for mask in masks.values()) > before


def _hide_changes(frame: pl.DataFrame, measure: str) -> list[pl.Expr]:
    """Hide what a scenario changes for one to four persons of a home: the baseline alone stays."""
    mask = np.zeros(len(frame), dtype=np.bool_)
    for ending in ENDS:
        mask |= _line(np.abs(_counts(frame.fill_null(0), f"{measure}_difference{ending}")))
    names = [f"{measure}{kind}{end}" for kind in ("_scenario", "_difference") for end in ENDS]
    return [pl.when(pl.Series(mask)).then(None).otherwise(pl.col(name)).alias(name) for name in names]


def suppressed_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Hide small counts of a table with one row a home, each measure on its own, one more where one stood alone."""
    names = [name for name in frame.columns if f"{name}_low" in frame.columns]
    for name in names:
        mask = np.zeros(len(frame), dtype=np.bool_)
        for ending in ENDS:
            mask |= _line(_counts(frame, f"{name}{ending}"))
        frame = frame.with_columns(_hide(frame, name, mask))
    return frame


def merged_flows(frame: pl.DataFrame) -> pl.DataFrame:
    """Put the flows of fewer than five persons together in one row, without an interval."""
    ordered = frame.sort("persons", "from", "to", descending=[True, False, False])
    small = _line(np.maximum(_counts(ordered, "persons"), _counts(ordered, "persons_high")))
    if not small.any():
        return ordered
    kept, rest = ordered.filter(pl.Series(~small)), ordered.filter(pl.Series(small))
    total = float(rest["persons"].sum())
    if total < LEAST_SHOWN:
        return kept
    last = {"from": REST, "to": REST, "persons": round(total, 4)}
    return pl.concat([kept, pl.DataFrame([last], schema_overrides={"persons": pl.Float64})], how="diagonal_relaxed")


def _versions(sides: Sequence[str]) -> list[str]:
    return [side + end for side in sides for end in ENDS]


def _counts(frame: pl.DataFrame, name: str) -> npt.NDArray[np.int64]:
    """Give a column as counts: a mean of 0.3 persons is told as little as one person is."""
    return np.asarray(
        frame.select((pl.col(name).sign() * pl.col(name).abs().ceil()).cast(pl.Int64))[name].to_numpy(), dtype=np.int64
    )


def _line(counts: npt.NDArray[np.int64], mask: Mask | None = None) -> Mask:
    """Say what to hide of counts whose sum is known: the small ones, and more until they make five or are two.

    Widens `mask`, if given, in place. Where too few people are left to hide among, everything is hidden, zeros too.
    """
    mask = (counts > 0) & (counts < LEAST_SHOWN) if mask is None else mask
    while not mask.all():
        among = counts[mask & (counts > 0)]
        if not len(among) or (len(among) > 1 and among.sum() >= LEAST_SHOWN):
            break
        left = np.flatnonzero(~mask & (counts > 0))
        mask[left[np.argmin(counts[left])] if len(left) else slice(None)] = True
    return mask


def _hide(frame: pl.DataFrame, measure: str, mask: Mask) -> list[pl.Expr]:
    hide = pl.Series(mask)
    names = [f"{measure}{kind}{end}" for kind in ("", *SIDES, "_difference") for end in ENDS]
    return [pl.when(hide).then(None).otherwise(pl.col(name)).alias(name) for name in names if name in frame.columns]
