"""The permission matrix: every operation x every role x everything, own and other scope, against a stored table.

`permissions.csv` is what reviewers read: ``all / own / other`` for each role. A new operation fails the build until
``UPDATE_PERMISSIONS=1 pytest tests/api/test_permissions.py`` has written it there and somebody has looked at it.
"""

import csv
import difflib
import os

import pytest

from api.access.allow import Allow, Open, declared
from api.access.permissions import ROLES, Role
from tests.api.matrix import BROKEN, NO, SIGN_IN, TABLE, YES, Matrix, outcome, written
from tests.api.world import STREAMS, World, furnished, operations

NEVER_THERE = {
    ("DELETE", "/api/v1/tokens/{token_id}"): "one's own tokens only",
    ("POST", "/account/tokens/{token_id}/revoke"): "one's own tokens only",
    ("POST", "/scenarios/{scenario_id}/cancel"): "nothing runs",
    ("POST", "/seats/cancel"): "nothing runs",
}


@pytest.fixture
def backend():
    return "sqlite"  # who may do what does not depend on the database


@pytest.fixture
def service(at_stage):
    return at_stage(furnished)


@pytest.fixture
def matrix(service, stages, tmp_path, clock):
    return Matrix(stages["sqlite", "furnished"], tmp_path, service.app, clock)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_every_role_gets_what_the_stored_table_says(matrix):
    rows = list(matrix.table())
    text = written(rows)
    if os.environ.get("UPDATE_PERMISSIONS"):
        TABLE.write_text(text, encoding="utf-8")
    assert [row[:2] for row in rows if any(BROKEN in word for word in row)] == []
    stored = TABLE.read_text(encoding="utf-8")
    changed = difflib.unified_diff(stored.splitlines(), text.splitlines(), "permissions.csv", "the service", n=0)
    assert stored == text, "\n".join(changed)


def stored_rows():
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_stored_table_has_every_operation_and_no_other(service):
    wanted = {(method, path) for (path, method), _ in operations(service.app) if path not in STREAMS}
    assert {(row["method"], row["path"]) for row in stored_rows()} == wanted


def test_the_stored_table_agrees_with_the_declared_permissions(service):
    rules = declared(service.app)
    for row in stored_rows():
        rule = rules[row["path"], row["method"]]
        assert (row["stranger"] == SIGN_IN) == isinstance(rule, Allow), row
        if isinstance(rule, Allow):
            for role in Role:
                assert (row[role] == NO) == (rule.permission not in ROLES[role]), (row, role)


def test_somebody_may_do_everything_that_is_there(service):
    for row in stored_rows():
        if (row["method"], row["path"]) not in NEVER_THERE and row["permission"] != "open":
            assert any(YES in row[role] for role in Role), row


def test_a_role_over_something_else_never_gets_more_than_over_its_own():
    order = [NO, "-", YES]
    for row in stored_rows():
        for role in Role:
            words = row[role].split(" / ") * (1 if "/" in row[role] else 3)
            if row["permission"] != "open":
                everything, own, other = (order.index(word) for word in words)
                assert everything >= own >= other, (row, role)


def test_somebody_without_a_role_gets_nowhere(service):
    world, client = World(service).look_up(), service.as_(name="nobody")
    for (path, method), rule in declared(service.app).items():
        if not isinstance(rule, Open):
            assert outcome(world.ask(client, path, method)) == NO, (path, method)


def test_a_token_narrowed_to_nothing_gets_nowhere(service):
    client = service.stranger(headers={"Authorization": f"Bearer {service.token(service.user('office'), ())}"})
    world = World(service).look_up()
    for (path, method), rule in declared(service.app).items():
        if not isinstance(rule, Open):
            assert outcome(world.ask(client, path, method)) == NO, (path, method)
