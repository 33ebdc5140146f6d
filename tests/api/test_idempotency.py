"""At once and again: one key has one effect, edits lose nothing, one round runs, on both databases."""

import json
import threading

import pytest
from sqlalchemy import func, select

from api.store.models import AuditEvent, Base, Job, Run, Seat, SeatChange
from tests.api import stages
from tests.api.world import World, canary_published, creating

NOT_COUNTED = {"idempotency_key"}


def at_once(times, act):
    """Do something in so many threads that start together; give what each came to."""
    found, ready = [], threading.Barrier(times)

    def run():
        ready.wait()
        found.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def rows_of(service):
    """Count the rows of every table."""
    with service.store.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_COUNTED
        }


@pytest.mark.full
@pytest.mark.timeout(600)
def test_twenty_equal_posts_to_every_creating_operation_have_one_effect(at_stage):
    """Whatever twenty requests with one key leave behind, one request leaves behind the same."""
    service = at_stage(canary_published)
    office = service.as_("office", name="asker")
    created = []
    for path, method in creating(service.app):
        world = World(service).look_up()
        content = world.body(path, method)
        before = rows_of(service)
        key = {"Idempotency-Key": f"key of {path}"}

        def post(path=path, method=method, world=world, content=content, key=key):
            return world.ask(office, path, method, headers=key, content=content)

        answers = at_once(20, post)
        after = rows_of(service)
        codes = {answer.status_code for answer in answers}
        assert codes <= {201, 202}, (path, codes, next(one.text for one in answers if one.status_code >= 300))
        told = [without_secrets(answer.json()) for answer in answers]
        assert all(one == told[0] for one in told), path
        assert sum(answer.headers.get("idempotency-replayed") == "true" for answer in answers) == 19, path
        grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
        assert grown.get("audit_event", 0) <= 2, (path, grown)
        assert grown.get("job", 0) <= 1, (path, grown)
        again = post()
        assert without_secrets(again.json()) == told[0], path
        assert rows_of(service) == after, path
        created.append(path)
        service.work()
    assert len(created) >= 10


def without_secrets(content):
    return {name: value for name, value in content.items() if name != "secret"}


@pytest.mark.full
def test_fifty_parallel_seat_edits_lose_nothing(at_stage):
    """Each editor reads, changes and sends the version; who is late reads again: as people do."""
    service = at_stage(stages.filled)
    office = service.as_("office")
    with service.store.read() as session:
        seat = session.scalars(select(Seat.id).where(Seat.pool_id == "r0000").order_by(Seat.id)).first()
    path = f"/api/v1/intakes/i/seats/{seat}"
    first = office.get(path).json()
    codes = []

    def add_one():
        shown = office.get(path).json()
        while True:
            tag = {"If-Match": f'"v{shown["version"]}"'}
            answer = office.patch(path, json={"seats": shown["seats"] + 1}, headers=tag)
            codes.append(answer.status_code)
            if answer.status_code == 200:
                return answer.json()["version"]
            assert answer.json()["code"] == "stale_edit", answer.text
            shown = answer.json()["current"]

    versions = at_once(50, add_one)
    assert sorted(versions) == list(range(first["version"] + 1, first["version"] + 51))
    assert office.get(path).json()["seats"] == first["seats"] + 50
    assert set(codes) <= {200, 409}
    with service.store.read() as session:
        of_seat = select(func.count()).select_from(SeatChange).where(SeatChange.seat_id == seat)
        assert session.scalar(of_seat.where(SeatChange.version > first["version"])) == 50


def test_fifty_parallel_edits_of_one_version_are_one_edit_and_49_refusals(at_stage):
    service = at_stage(stages.filled)
    office = service.as_("office")
    with service.store.read() as session:
        seat = session.scalars(select(Seat).order_by(Seat.id)).first()
    path = f"/api/v1/intakes/i/seats/{seat.id}"
    numbers = iter(range(100, 150))
    answers = at_once(
        50, lambda: office.patch(path, json={"seats": next(numbers)}, headers={"If-Match": f'"v{seat.version}"'})
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert all(answer.json()["current"]["seats"] >= 100 for answer in answers if answer.status_code == 409)


def test_a_hundred_simultaneous_starts_of_a_round_are_one_run(at_stage):
    service = at_stage(stages.filled)
    office = service.as_("office")
    answers = at_once(100, lambda: stages.start(office))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 99
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"job_running"}
    with service.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1
        assert session.scalar(select(func.count()).select_from(Job)) == 1
        started = select(func.count()).select_from(AuditEvent).where(AuditEvent.kind == "run.started")
        assert session.scalar(started) == 1
    service.work()
    with service.store.read() as session:
        assert json.dumps(session.scalars(select(Run.state)).all()) == '["verified"]'
