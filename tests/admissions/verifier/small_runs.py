"""Small finished runs, written column by column by code that only the tests have."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from admissions.matching import Market, SeatGroups, match, verify
from admissions.verifier.receipts import seal_round

SEED, PUBLIC = "a long secret phrase", "07 11 23 35 40"


def number(draw: str, applicant: str) -> str:
    return hashlib.sha256(f"{SEED}|{PUBLIC}|{draw}|{applicant}".encode()).hexdigest()


def write_small_run(folder: Path, seed: int, applicants: int = 40) -> Path:
    """Write a run of a preliminary and a final round with pools, seat groups, tiers and rows that are not tried."""
    rng = np.random.default_rng(seed)
    names = sorted(f"p{value:08x}" for value in rng.choice(1 << 32, applicants, replace=False).tolist())
    folder.mkdir(parents=True)
    (folder / "rulebook.toml").write_text('name = "test"\n')
    rounds = ["preliminary", "final"]
    roots = {name: write_round(folder / name, name, rng, names) for name in rounds}
    digest = hashlib.sha256("".join(f"{name}\n" for name in names).encode()).hexdigest()
    run = {
        "format": 1,
        "rules": "test",
        "rulebook_sha256": hashlib.sha256((folder / "rulebook.toml").read_bytes()).hexdigest(),
        "lottery": {
            "seed_phrase": SEED,
            "public_value": PUBLIC,
            "per_row": False,
            "ids_digest": digest,
            "commitment": hashlib.sha256(f"{SEED}|{digest}".encode()).hexdigest(),
        },
        "rounds": rounds,
        "draws": {name: name for name in rounds},
        "roots": roots,
    }
    (folder / "run.json").write_text(json.dumps(run, indent=2))
    return folder


def write_round(folder: Path, name: str, rng: np.random.Generator, names: list[str]) -> str:
    folder.mkdir()
    pool_of = {"r1": "k1", "r2": "k1", "r3": "k2", "r4": "k3", "r5": "r5", "r6": "r6"}
    seats = [  # pool, group, order, seats, reverts
        ("k1", "", 0, 4, 0),
        ("k2", "free_quota", 0, 2, 1),
        ("k2", "", 1, 3, 0),
        ("k3", "test", 0, 3, 1),
        ("k3", "sport", 1, 1, 0),
        ("k3", "", 2, 1, 0),
        ("r5", "", 0, 3, 0),
        ("r6", "", 0, 40, 0),
    ]
    order = {hexes: k for k, hexes in enumerate(sorted(number(name, one) for one in names))}
    rows: list[dict[str, Any]] = []
    for one in names:
        wanted = rng.permutation(list(pool_of))[: int(rng.integers(1, 5))]
        merit = int(rng.integers(0, 8)) * 1000 + 20000
        for rank, route in enumerate(wanted.tolist(), 1):
            tier = int(rng.random() < 0.2)
            groups = []
            if pool_of[route] == "k2":
                groups = [f"free_quota:{len(rows)}"] * (rng.random() < 0.3) + ["-"] * (rng.random() < 0.2)
                if "-" not in groups:
                    groups.append(f":{(merit * 7919 + len(rows)) % 100003}")  # open seats with an order of their own
                    groups = groups[:: int(rng.choice([1, -1]))]  # asked after the quota or before it
            if pool_of[route] == "k3":
                groups = ["test"] * (rng.random() < 0.5) + ["sport"] * (rng.random() < 0.3)
                groups = [":"] * (bool(groups) and rng.random() < 0.3) + groups  # open seats asked for first
            rows.append({
                "applicant": one, "route_id": route, "pool": pool_of[route], "rank": rank,
                "status": "tried" if rng.random() < 0.9 else "not_eligible", "tier": tier, "merit": merit,
                "grade_sum": merit, "points": ((63 - tier) << 57) | (merit << 37), "lottery": number(name, one),
                "lottery_order": order[number(name, one)], "groups": " ".join(groups), "holds": 0,
            })  # fmt: skip
    tried = [row for row in rows if row["status"] == "tried"]
    market = market_of(tried, seats, pool_of)
    matching = match(market)
    certificate = verify(market, matching)

    group_lines = [line for line in seats if is_grouped(line[0], seats)]
    granted = {}
    for choice, group in zip(matching.choice.tolist(), matching.group.tolist(), strict=True):
        if choice >= 0:
            row = tried[choice]
            plain = not is_grouped(row["pool"], seats)
            granted[row["applicant"]] = row, "" if plain else "reverted" if group < 0 else group_lines[group][1]
    decisions = [decision(row, granted.get(row["applicant"])) for row in rows]
    positions(rows, decisions)
    write(folder / "rows.csv", rows)
    write(folder / "decisions.csv", decisions)
    routes = {pool: " ".join(sorted(r for r, p in pool_of.items() if p == pool)) for pool in pool_of.values()}
    columns = ("pool", "group", "order", "seats", "reverts")
    write(
        folder / "seats.csv",
        [{**dict(zip(columns, line, strict=True)), "routes": routes[line[0]]} for line in seats],
    )
    write_cutoffs(folder / "cutoffs.csv", rows, decisions)
    admitted = [row["route_id"] for row, _ in granted.values()]
    total = {pool: sum(line[3] for line in seats if line[0] == pool) for pool in pool_of.values()}
    write(
        folder / "routes.csv",
        [{"route_id": r, "pool": p, "seats": total[p], "admitted": admitted.count(r)} for r, p in pool_of.items()],
    )
    return seal_round(folder, name, certificate)


def is_grouped(pool: str, seats: list[tuple]) -> bool:
    return pool in {"k2", "k3"}


def market_of(tried: list[dict[str, Any]], seats: list[tuple], pool_of: dict[str, str]) -> Market:
    people = sorted({row["applicant"] for row in tried})
    routes, pools = sorted(pool_of), sorted(set(pool_of.values()))
    count = [sum(row["applicant"] == one for row in tried) for one in people]
    lines = [line for line in seats if is_grouped(line[0], seats)]
    line_order = sorted(
        range(len(tried)), key=lambda k: (-tried[k]["points"], tried[k]["lottery_order"], tried[k]["rank"])
    )
    place = {k: at for at, k in enumerate(line_order)}
    members = []
    for g, (pool, group, *_) in enumerate(lines):
        for k, row in enumerate(tried):
            tokens = dict(token.partition(":")[::2] for token in row["groups"].split())
            if row["pool"] == pool and (group in tokens if group else "-" not in tokens):
                ask = list(tokens).index(group) if "" in tokens else g
                members.append((g, k, int(tokens[group]) if tokens.get(group) else place[k], ask))
    groups = SeatGroups(
        np.array([pools.index(line[0]) for line in lines], np.int32), np.array([line[3] for line in lines], np.int64),
        np.array([line[2] for line in lines], np.int32), np.array([line[4] for line in lines], bool),
        np.array([m[0] for m in members], np.int32), np.array([m[1] for m in members], np.int64),
        np.array([m[2] for m in members], np.int64), np.array([m[3] for m in members], np.int32),
    )  # fmt: skip
    return Market.from_points(
        np.cumsum([0, *count]),
        np.array([routes.index(row["route_id"]) for row in tried], np.int32),
        np.array([row["points"] for row in tried], np.int64),
        np.array([row["lottery_order"] for row in tried], np.uint64),
        np.array([sum(line[3] for line in seats if line[0] == pool) for pool in pools], np.int64),
        pool=np.array([pools.index(pool_of[route]) for route in routes], np.int32),
        groups=groups,
    )


def decision(row: dict[str, Any], granted: tuple[dict[str, Any], str] | None) -> dict[str, Any]:
    status = row["status"]
    if status == "tried":
        status = "reserve" if granted is None or row["rank"] < granted[0]["rank"] else "struck"
    if granted is not None and row is granted[0]:
        status = "admitted"
    return {
        "applicant": row["applicant"], "route_id": row["route_id"], "rank": row["rank"], "status": status,
        "group": granted[1] if status == "admitted" and granted else "", "reserve_position": "",
    }  # fmt: skip


def own_place(row: dict[str, Any]) -> int:
    return next((int(token[1:]) for token in row["groups"].split() if token[0] == ":" and token[1:]), 0)


def positions(rows: list[dict[str, Any]], decisions: list[dict[str, Any]]) -> None:
    """Give the reserves of each pool's open seats their positions, counting persons."""
    waiting = [k for k, d in enumerate(decisions) if d["status"] == "reserve" and "-" not in rows[k]["groups"].split()]
    waiting.sort(key=lambda k: (own_place(rows[k]), -rows[k]["points"], rows[k]["lottery"], rows[k]["rank"]))
    for k in waiting:
        ahead = {rows[j]["applicant"] for j in waiting[: waiting.index(k)] if rows[j]["pool"] == rows[k]["pool"]} - {
            rows[k]["applicant"]
        }
        decisions[k]["reserve_position"] = len(ahead) + 1


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(lines)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_cutoffs(path: Path, rows: list[dict[str, Any]], decisions: list[dict[str, Any]]) -> None:
    """Write the last admitted of the best tier in which somebody was refused, for pools without groups."""
    lines = []
    both = list(zip(rows, decisions, strict=True))
    for pool in sorted({row["pool"] for row in rows} - {"k2", "k3"}):
        refused = [row["tier"] for row, d in both if row["pool"] == pool and d["status"] == "reserve"]
        if refused:
            best = min(refused)
            inside = [
                row for row, d in both if row["pool"] == pool and d["status"] == "admitted" and row["tier"] == best
            ]
            last = max(inside, key=lambda row: (-row["points"], row["lottery_order"]), default={})
            key = {"points": last.get("points", ""), "lottery": last.get("lottery_order", "")}
            lines.append({"pool": pool, "group": "", "tier": best, **key})
    write(path, lines)
