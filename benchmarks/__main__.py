"""Compare the engine with other matchers on the same generated markets, in one run: ``python -m benchmarks``.

Prints seconds and ratios, and writes them as CSV and as a chart of how the cost grows. Markets, seeds and the rules of
the comparison are in `markets` and `peers`. A matcher that gives up, or needs longer than the limit, is skipped from
that size on, and the table says so. Absolute times depend on the machine; the ratios much less.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS

SIZES = (1_000, 5_000, 28_000, 280_000, 1_000_000)
PREPARING = 120  # seconds for a child to start and to build its input, on top of the limit


def run(name: str, applicants: int, seed: int, limit: float) -> dict[str, Any]:
    """Run one matcher on one market in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.peers", name, str(applicants), str(seed)]
    line: dict[str, Any] = {"matcher": name, "applicants": applicants, "seconds": None, "result": None, "note": ""}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit + PREPARING, check=False)
    except subprocess.TimeoutExpired:
        return line | {"note": f"more than {limit:.0f} s"}
    if not done.stdout:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return line | {"note": reason if reason.startswith("gave up") else f"gave up: {reason[:80]}"}
    found = json.loads(done.stdout.splitlines()[-1])
    return line | {"seconds": found["seconds"], "result": found["result"]}


def shortcuts(sizes: list[int], seed: int, out: Path) -> None:
    """Measure seat values, redraws and thresholds against re-runs."""
    from benchmarks.shortcuts import measure

    found = [line for applicants in sizes for line in measure(applicants, seed)]
    print(f"{'applicants':>10}  {'shortcut':40} {'seconds':>10}  re-runs it stands for, and how much longer they take")
    for line in found:
        what = f"{line['task']:40} {line['seconds']:10.4f}"
        print(f"{line['applicants']:10}  {what}  {line['re_runs']:>9} {line['ratio']:10.1f}x")
    _write(out / "shortcuts.csv", ["task", "applicants", "seconds", "re_runs", "ratio"], found)


def _write(path: Path, columns: list[str], lines: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of applicants")
    parser.add_argument("--limit", type=float, default=60, help="seconds after which a matcher is skipped")
    parser.add_argument(
        "--shortcuts", type=int, nargs="*", default=[1_000, 5_000, 28_000], help="the same, for what-ifs"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/benchmarks"), help="where table and chart go")
    given = parser.parse_args()
    lines: list[dict[str, Any]] = []
    out_of_race: dict[str, str] = {}
    last: dict[str, tuple[int, float]] = {}
    agree = True
    print(f"{'applicants':>10}  {'matcher':34} {'seconds':>10} {'times ours':>11}")
    for applicants in given.sizes:
        ours: dict[str, Any] = {}
        for name in PEERS:
            size, took = last.get(name, (applicants, 0.0))
            if took * applicants / size > given.limit:  # growth in proportion alone would pass the limit
                out_of_race.setdefault(name, f"{took:.0f} s at {size} already")
            if name in out_of_race:
                line = {"matcher": name, "applicants": applicants, "seconds": None, "result": None}
                line["note"] = f"skipped: {out_of_race[name]}"
            else:
                line = run(name, applicants, given.seed, given.limit)
            ours = ours or line
            seconds = line["seconds"]
            line["ratio"] = seconds / ours["seconds"] if seconds and ours["seconds"] else None
            if seconds is None or seconds > given.limit:
                why = line["note"] or f"more than {given.limit:.0f} s"
                out_of_race.setdefault(name, f"{why} at {applicants}")
            else:
                last[name] = (applicants, seconds)
            same = line["result"] in {None, ours["result"]}
            agree &= same
            lines.append(line)
            shown = f"{seconds:10.4f} {line['ratio']:10.1f}x" if seconds else f"{'-':>10} {line['note']}"
            print(f"{applicants:10}  {name:34} {shown}{'' if same else '  ANOTHER RESULT'}", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    _write(given.out / "matchers.csv", ["matcher", "applicants", "seconds", "ratio", "note"], lines)
    shortcuts(given.shortcuts, given.seed, given.out)
    from benchmarks.chart import draw

    draw(lines, given.out / "matchers.svg")
    print(f"tables and chart: {given.out}/matchers.csv, shortcuts.csv, matchers.svg")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
