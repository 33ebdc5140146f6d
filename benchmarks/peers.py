"""The matchers compared: ours, a plain Python one with heaps, and two libraries.

Each takes an instance to a result. What is timed is what a user does with a market they hold: build the matcher's own
objects and solve. Turning arrays into the dictionaries a library wants is not timed.

Run as ``python -m benchmarks.peers NAME APPLICANTS SEED``: prints seconds and a digest of the result as JSON. A process
of its own keeps a library's memory and its end to itself.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import resource
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.markets import Instance, generate

MOST_MEMORY = 12 << 30  # bytes; a library that wants more gives up instead of taking the machine with it
REPEATS = 5

Solve = Callable[[], NDArray[np.int64]]


def ours(instance: Instance) -> Solve:
    """Return the engine: market with all its checks, then the matching."""
    from admissions.matching import Market, match

    def solve() -> NDArray[np.int64]:
        market = Market(instance.indptr, instance.route, instance.rank, instance.seats)
        return match(market).route.astype(np.int64)

    return solve


def ours_certified(instance: Instance) -> Solve:
    """Return the engine from points and lottery to a certified matching with the last admitted of each programme."""
    from admissions.matching import Market, match, verify

    def solve() -> NDArray[np.int64]:
        market = Market.from_points(instance.indptr, instance.route, instance.points, instance.lottery, instance.seats)
        matching = match(market)
        granted = matching.choice[matching.choice >= 0]
        cutoff = np.full(len(instance.seats), -1, np.int64)
        np.maximum.at(cutoff, instance.route[granted], market.priority[granted])
        verify(market, matching)
        return matching.route.astype(np.int64)

    return solve


def plain_python(instance: Instance) -> Solve:
    """Return deferred acceptance with lists, dictionaries and a heap for each programme."""
    lists = _lists(instance)
    rank = [
        dict(zip(route, line, strict=True))
        for route, line in zip(lists, np.split(instance.rank, instance.indptr[1:-1]), strict=True)
    ]
    seats = instance.seats.tolist()

    def solve() -> NDArray[np.int64]:
        held: list[list[tuple[int, int]]] = [[] for _ in seats]
        asked = [0] * len(lists)
        got = [-1] * len(lists)
        waiting = list(range(len(lists)))
        while waiting:
            who = waiting.pop()
            while asked[who] < len(lists[who]):
                route = lists[who][asked[who]]
                asked[who] += 1
                entry = (-int(rank[who][route]), who)
                if len(held[route]) < seats[route]:
                    heapq.heappush(held[route], entry)
                    got[who] = route
                    break
                out = heapq.heappushpop(held[route], entry)[1] if seats[route] else who
                if out != who:
                    got[who], got[out] = route, -1
                    waiting.append(out)
                    break
        return np.array(got, np.int64)

    return solve


def matching_library(instance: Instance) -> Solve:
    """Return `matching`, the best-known library of its kind."""
    from matching.games import HospitalResident

    residents, hospitals, seats = _dictionaries(instance)

    def solve() -> NDArray[np.int64]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            game = HospitalResident.create_from_dictionaries(residents, hospitals, seats)
            solution = game.solve(optimal="resident")
        got = np.full(instance.applicants, -1, np.int64)
        for hospital, people in solution.items():
            for person in people:
                got[person.name] = hospital.name
        return got

    return solve


def algmatch_library(instance: Instance) -> Solve:
    """Return `algmatch`."""
    from algmatch import HR

    residents, hospitals, seats = _dictionaries(instance, first=1)
    data = {
        "residents": residents,
        "hospitals": {one: {"capacity": seats[one], "preferences": line} for one, line in hospitals.items()},
    }

    def solve() -> NDArray[np.int64]:
        found = HR(dictionary=data, optimised_side="residents").get_stable_matching()
        got = np.full(instance.applicants, -1, np.int64)
        for person, hospital in found["resident_sided"].items():
            if hospital:
                got[int(person[1:]) - 1] = int(hospital[1:]) - 1
        return got

    return solve


PEERS: dict[str, Callable[[Instance], Solve]] = {
    "admissions": ours,
    "admissions, points to certificate": ours_certified,
    "plain Python heaps": plain_python,
    "matching": matching_library,
    "algmatch": algmatch_library,
}


def _lists(instance: Instance) -> list[list[int]]:
    return [part.tolist() for part in np.split(instance.route, instance.indptr[1:-1])]


def _dictionaries(
    instance: Instance, first: int = 0
) -> tuple[dict[int, list[int]], dict[int, list[int]], dict[int, int]]:
    """Return lists, lines and seats as the libraries want them; programmes nobody lists are left out."""
    residents = {k + first: [r + first for r in wanted] for k, wanted in enumerate(_lists(instance))}
    owner = np.repeat(np.arange(instance.applicants), np.diff(instance.indptr))
    line = np.lexsort((instance.rank, instance.route))
    bounds = np.searchsorted(instance.route[line], np.arange(len(instance.seats) + 1))
    hospitals = {
        r + first: (owner[line[bounds[r] : bounds[r + 1]]] + first).tolist()
        for r in range(len(instance.seats))
        if bounds[r] < bounds[r + 1]
    }
    return residents, hospitals, {r: int(instance.seats[r - first]) for r in hospitals}


def measure(name: str, applicants: int, seed: int) -> dict[str, Any]:
    """Return the median seconds and a digest of the result; a slow matcher runs once."""
    instance = generate(applicants, seed)
    solve = PEERS[name](instance)
    if name.startswith("admissions"):
        solve()  # compiled kernels are loaded once for a process
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = solve()
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > 5:
            break
    digest = hashlib.sha256(result.astype("<i8").tobytes()).hexdigest()
    return {"seconds": statistics.median(seconds), "result": digest, "choices": len(instance.route)}


def main() -> None:
    """Measure what the command line names and print it."""
    try:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    except MemoryError:
        print(f"gave up: more than {MOST_MEMORY >> 30} GiB", file=sys.stderr)
    except RecursionError:
        print("gave up: recursion too deep", file=sys.stderr)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.setrecursionlimit(1_000_000)  # one of the libraries copies its objects recursively: room for that, fairly
    threading.stack_size(1 << 30)
    worker = threading.Thread(target=main)
    worker.start()
    worker.join()
