"""A small HTTP client and load generator: keep-alive connections, latencies from the moment a request was due.

A request that has to wait for a free connection counts its waiting (no coordinated omission): what a person would have
waited is what is measured.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Read the body as JSON."""
        return json.loads(self.body)


class Connection:
    """One keep-alive connection, one request at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Send a request and wait for the whole answer."""
        if self._pipe is None:
            self._pipe = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._pipe
        given = {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(body)), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        content = await reader.readexactly(int(found.get("content-length", 0)))
        if found.get("connection") == "close":
            writer.close()
            self._pipe = None
        return Answer(int(head[0].split(" ")[1]), found, content)


@dataclass
class Latencies:
    """What a load gave: milliseconds of each answer, and the answers that were not 200."""

    milliseconds: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def note(self, answer: Answer, milliseconds: float) -> None:
        """Count an answer."""
        self.milliseconds.append(milliseconds)
        if answer.status != 200:
            self.refused[answer.status] = self.refused.get(answer.status, 0) + 1

    def percentile(self, share: float) -> float:
        """Give the least number of milliseconds that a share of the answers kept within."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds if self.seconds else float("nan")


async def one_after_another(port: int, requests: Iterator[tuple[str, dict[str, str]]], count: int) -> Latencies:
    """Ask for paths one after another, on one connection."""
    found, connection, began = Latencies(), Connection(port), perf_counter()
    for _ in range(count):
        path, headers = next(requests)
        due = perf_counter()
        found.note(await connection.ask("GET", path, headers), (perf_counter() - due) * 1000)
    found.seconds = perf_counter() - began
    return found


async def at_rate(
    port: int, requests: Iterator[tuple[str, dict[str, str]]], rate: float, seconds: float, connections: int = 64
) -> Latencies:
    """Ask at a fixed rate, whether or not the answers keep up."""
    found = Latencies()
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(Connection(port))

    async def ask(due: float) -> None:
        connection = await free.get()
        path, headers = next(requests)
        answer = await connection.ask("GET", path, headers)
        found.note(answer, (perf_counter() - due) * 1000)
        free.put_nowait(connection)

    began = perf_counter()
    asked = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - perf_counter()))
        asked.append(asyncio.create_task(ask(due)))
    await asyncio.gather(*asked)
    found.seconds = perf_counter() - began
    return found


async def as_fast_as_it_goes(
    port: int, requests: Iterator[tuple[str, dict[str, str]]], seconds: float, connections: int = 32
) -> Latencies:
    """Ask on several connections, each again as soon as it has its answer."""
    found, began = Latencies(), perf_counter()

    async def keep_asking() -> None:
        connection = Connection(port)
        while perf_counter() - began < seconds:
            path, headers = next(requests)
            due = perf_counter()
            found.note(await connection.ask("GET", path, headers), (perf_counter() - due) * 1000)

    await asyncio.gather(*(keep_asking() for _ in range(connections)))
    found.seconds = perf_counter() - began
    return found
