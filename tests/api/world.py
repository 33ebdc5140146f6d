"""A service in the middle of its year, and how to ask each of its operations for something that is there.

Generic over the OpenAPI document: ids come out of the lists, bodies out of the document's examples with the ids of this
world in them. A new resource is covered without a line here, unless it takes a file (`FILES`) or an id that no list
gives (`World.known`).
"""

import io
import re
import zipfile
from dataclasses import replace

import polars as pl
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from admissions.intake import write_intake
from api.access.allow import declared
from api.store.models import Applicant, Route, Run, RunResult, Seat, User
from tests.api import stages
from tests.api.intakes import make_intake
from tests.api.resources.test_planning import forecast_files

HOME, SCHOOL, BIRTH_YEAR, NUMBER = "Kanariby", "Kanarieskolan", 1987, "19870230-1234"
"""What only the protected person has: a home, a school, a year of birth, an identity number (of no day there is)."""
KEEPER = "keeper"
"""Who looks up what there is: somebody whom no test disturbs."""
OWN = "Stockholm"
"""Organiser and municipality that hold what the world's ids name."""
ELSEWHERE = "Nowhere"
STREAMS = frozenset({"/api/v1/jobs/{job_id}/events"})
REASON = {"X-Access-Reason": "a reason to look"}
WINDOWS = {name: {"opens": "2026-01-01", "closes": "2026-12-31"} for name in ("choices", "seats", "cases")}
PARAMETER = re.compile(r"\{(\w+)\}")


def with_canary(intake, id_="a000007"):
    """Make one person of an intake a protected one whom nobody may find."""
    mine = pl.col("applicant") == id_
    flags = pl.when(mine).then(pl.lit("protected")).otherwise(pl.lit(None, pl.String))
    home = pl.when(mine).then(pl.lit(HOME)).otherwise("home_municipality")
    year = pl.when(mine).then(BIRTH_YEAR).otherwise("birth_year")
    changed = {"flags": flags, "home_municipality": home, "birth_year": year}
    typed = [one.cast(intake.applicants.schema[name]).alias(name) for name, one in changed.items()]
    return replace(intake, applicants=intake.applicants.with_columns(typed))


def packed(intake, folder):
    """Write an intake as a zip of CSV files."""
    write_intake(intake, folder, "csv")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return content.getvalue()


def canary_published(service):
    """Publish a round in which one person is protected."""
    stages.filled(service)
    with service.store.write() as session:
        from api.store.models import Intake
        from api.store.repositories.importing import save_intake

        changed = with_canary(make_intake(200, 8, 4, protected=0))
        save_intake(session, session.get_one(Intake, "i"), changed, "u", service.clock())
        person = session.scalars(select(Applicant).where(Applicant.protected)).one()
        person.sending_school = SCHOOL
    stages.delegate(service)
    for round_name in ("preliminary", "final"):
        started = stages.start(service.as_("office"), round_name)
        assert started.status_code == 202, started.text
        service.work()
        run = f"/api/v1/runs/{started.json()['id']}"
        digest = service.as_("office").get(run).json()["result_digest"]
        assert service.as_("second_signer").post(f"{run}/sign", json={"result_digest": digest}).status_code == 200
        assert service.as_("office").post(f"{run}/publish").status_code == 200


def furnished(service):
    """Add something of every kind that can be created."""
    canary_published(service)
    service.user("planner", name="somebody")
    office = service.as_("office", name=KEEPER)
    intake = office.get("/api/v1/intakes/i")
    edit = office.patch("/api/v1/intakes/i", json={"windows": WINDOWS}, headers={"If-Match": intake.headers["etag"]})
    assert edit.status_code == 200, edit.text
    answers = "/api/v1/intakes/{intake_id}/answers/{round}/{applicant}"
    departures = "/api/v1/intakes/{intake_id}/departures/{applicant}"
    for path, method in ((answers, "PUT"), *creating(service.app), (departures, "PUT")):
        World(service).ask(office, path, method)  # tests/api/test_idempotency.py sees that each one creates
        service.work()
        service.clock.forward(seconds=1)  # lists are in the order of creation, the same each time


def creating(app):
    """Give the operations that create something: a POST answered with 201 or 202."""
    document = app.openapi()
    return [
        (path, "POST")
        for path, operations in document["paths"].items()
        if {"201", "202"} & set(operations.get("post", {}).get("responses", {}))
    ]


class World:
    """Knows the ids of a service, and makes requests for its operations."""

    def __init__(self, service):
        self.service = service
        self.document = service.app.openapi()
        with service.store.read() as session:
            seat = select(Seat.id).where(Seat.pool_id == "r0000").order_by(Seat.round)
            published = select(Run).where(Run.state == "published", Run.round == "final")
            run = session.scalars(published).first()
            offered = select(RunResult.applicant).where(
                RunResult.run_id == (run.id if run else ""),
                RunResult.body.like('%"route_id":"r0000"%"status":"admitted"%'),
            )
            person = select(Applicant.applicant).where(
                Applicant.home_municipality == OWN, Applicant.applicant.in_(offered), Applicant.protected.is_(False)
            )
            protected = session.scalars(select(Applicant).where(Applicant.protected)).first()
            self.known = {
                "intake_id": "i",
                "route_id": "r0000",
                "route": "r0000",
                "seat_id": session.scalars(seat).first(),
                "applicant": session.scalars(person.order_by(Applicant.applicant)).first(),
                "alias": protected.alias if protected else "0",
                "run_id": run.id if run else "0",
                "rulebook_id": run.rulebook_id if run else "0",
                "user_id": session.scalar(select(User.id).where(User.name == "somebody")),
                "result_digest": run.result_digest if run else "0" * 64,
                "round": "final",
                "term": "final",
                "organiser": OWN,
                "school": session.scalar(select(Route.school).where(Route.route_id == "r0000")) or "",
                "home_municipality": OWN,
            }
        self.canary = protected.applicant if protected else None
        self._found, self._addresses = {}, {}

    def look_up(self):
        """Fill in every address now, before anything that a test does changes the lists."""
        self._addresses = {path: self.address(path) for (path, _), _ in operations(self.service.app)}
        return self

    def value(self, path, name):
        """Give what stands for a parameter of a path: known, or of the first row of the list that it lies under."""
        if name in self.known:
            return self.known[name]
        parent = path.partition("/{" + name + "}")[0]
        if name == "name" and parent.endswith("/tables"):
            tables = self.service.as_("office", name=KEEPER).get(self.address(parent.removesuffix("/tables"))).json()
            return next((table["name"] for table in tables.get("tables", ())), "0")
        row = self._first_row(parent)
        if row is None:  # a page: look under the resource of the same name
            same = (one for one in self.document["paths"] if one.endswith("/{" + name + "}") and one != path)
            row = next((found for one in same if (found := self._first_row(one.rpartition("/")[0]))), None)
        return str((row or {}).get(name, (row or {}).get("id", "0")))

    def _first_row(self, parent):
        """Give the first row of a list, or of the next one above it with what lies between as filters."""
        if parent not in self._found:
            above, _, last = parent.rpartition("/")
            if "get" in self.document["paths"].get(parent, {}):
                mine = {name: value for name, value in self.known.items() if name == "applicant"}
                answer = self.service.as_("office", name=KEEPER).get(self.address(parent), params={"limit": 1, **mine})
                content = answer.json() if answer.status_code == 200 else []
                rows = content.get("data", []) if isinstance(content, dict) else content
                self._found[parent] = rows[0] if rows else None
            else:
                self._found[parent] = self._first_row(above) if last.startswith("{") else None
        return self._found[parent]

    def address(self, path):
        """Fill in the parameters of a path."""
        if path in self._addresses:
            return self._addresses[path]
        return PARAMETER.sub(lambda found: str(self.value(path, found[1])), path)

    def body(self, path, method):
        """Give what a request carries: a file, a form, or the document's example with this world's ids."""
        if (method, path) in FILES:
            return FILES[method, path](self)
        operation = self.document["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        return {"json": self._filled(content["example"])} if "example" in content else {}

    def _filled(self, value):
        if isinstance(value, dict):
            return {name: self._field(name, inner) for name, inner in value.items()}
        return [self._filled(one) for one in value] if isinstance(value, list) else value

    def _field(self, name, value):
        if name == "routes" and isinstance(value, list) and all(isinstance(one, str) for one in value):
            return ["r0000"]
        if name in {"seats", "closed_route"} and isinstance(value, list):
            return [self._filled(one) for one in value[:1]]
        if name in self.known and isinstance(value, str):
            return self.known[name]
        return self._filled(value)

    def ask(self, client, path, method, **more):
        """Send a request for an operation."""
        headers = {"If-Match": '"v1"', **REASON, "Accept": "*/*", **more.pop("headers", {})}
        content = more.pop("content", None)
        if content is None:
            content = self.body(path, method)
        asked = {**content, **more}
        return client.request(method, self.address(path), headers=headers, follow_redirects=False, **asked)


def _sample(world):
    return {"files": {"file": ("sample.zip", _zip())}}


def _zip():
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return packed(make_intake(60, 8, 4, protected=0), Path(folder) / "intake")


def _cases(world):
    rows = f"applicant,value\n{world.known['applicant']},100\n".encode()
    asked = {"route_id": "r0000", "kind": "test_points"}
    return {"files": {"file": ("cases.csv", rows)}, "params": asked}


def _answers(world):
    rows = f"applicant,round,answer,route_id\n{world.known['applicant']},final,yes,r0000\n"
    return {"files": {"file": ("answers.csv", rows.encode())}}


def _call(world):
    """Call for the seat of somebody who did not come, on a route with a queue."""
    office, run = world.service.as_("office", name=KEEPER), f"/api/v1/runs/{world.known['run_id']}"
    queue = office.get(f"{run}/decisions", params={"status": "reserve", "sort": "route_id", "limit": 1})
    route = queue.json()["data"][0]["route_id"]
    seated = office.get(f"{run}/decisions", params={"status": "admitted", "route_id": route, "sort": "applicant"})
    person = seated.json()["data"][0]["applicant"]
    office.put(f"/api/v1/intakes/i/departures/{person}", json={"kind": "no_show"})
    return {"json": {"route_id": route}}


def _run(world):
    return {"json": {"round": "preliminary", "lottery": stages.LOTTERY}}


def _scenario(world):
    overlay = {"seats": [{"route": "r0000", "change": 5}]}
    return {"json": {"run_id": world.known["run_id"], "name": "More seats", "overlay": overlay}}


def _official(world):
    rows = f"applicant,route_id,status\n{world.known['applicant']},r0000,admitted\n"
    return {"files": {"file": ("official.csv", rows.encode())}}


def _comparison(world):
    found = world.value("/api/v1/runs/{run_id}/comparisons/{comparison_id}", "comparison_id")
    return {"params": {"run": "i", "round": "final", "comparison": found}}


FILES = {
    ("POST", "/api/v1/intakes/{intake_id}/imports"): _sample,
    ("POST", "/desk/{intake_id}/imports"): _sample,
    ("POST", "/api/v1/intakes/{intake_id}/cases/tables"): _cases,
    ("POST", "/api/v1/forecasts"): lambda world: {"files": forecast_files()},  # noqa: ARG005 - as the others
    ("POST", "/api/v1/intakes/{intake_id}/answers"): _answers,
    ("POST", "/api/v1/runs/{run_id}/calls"): _call,
    ("POST", "/api/v1/tokens"): lambda world: {"json": {"name": "n", "permissions": ["match.run"]}},  # noqa: ARG005
    ("POST", "/api/v1/intakes/{intake_id}/runs"): _run,
    ("POST", "/api/v1/scenarios"): _scenario,
    ("POST", "/api/v1/runs/{run_id}/comparisons"): _official,
    ("POST", "/reserve/calls"): lambda world: {"data": {"run_id": world.known["run_id"], "route_id": "r0000"}},
    ("GET", "/round/comparison"): _comparison,
    ("GET", "/worklists/handover"): lambda world: {"params": {"intake": "i", "run": "i", "round": "final"}},  # noqa: ARG005
    ("POST", "/round/correct"): lambda world: {"data": {"run_id": world.known["run_id"]}},
    ("POST", "/round/sign"): lambda world: {"data": {"run_id": world.known["run_id"]}},
    ("POST", "/round/publish"): lambda world: {"data": {"run_id": world.known["run_id"]}},
    ("PUT", "/api/v1/intakes/{intake_id}/departures/{applicant}"): lambda world: {"json": {"kind": "no_show"}},  # noqa: ARG005
    ("PUT", "/api/v1/intakes/{intake_id}/answers/{round}/{applicant}"): lambda world: {"json": {"answer": "yes"}},  # noqa: ARG005
}


def operations(app):
    """Give every operation in the order of its declaration, with its rule."""
    order = {(route.path, method): place for place, route in enumerate(iter_route_contexts(app.routes))
             for method in route.methods or ()}  # fmt: skip
    return sorted(declared(app).items(), key=lambda item: order[item[0]])
