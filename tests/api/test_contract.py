"""The OpenAPI document keeps its word: generated requests as every role, no 5xx, every answer as declared."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.access.permissions import Role
from tests.api import stages

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def from_here(app):
    """Let the generated requests come from this machine, by its name, as demo mode wants them."""

    async def wrapped(scope, receive, send):
        if scope["type"] == "http":
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {**scope, "client": ("127.0.0.1", 1), "headers": [*headers, (b"host", b"127.0.0.1")]}
        await app(scope, receive, send)

    return wrapped


def sweep(service, role, examples):
    """Send generated requests to every operation; give what went against the document."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app=from_here(service.app))
    headers = {"Authorization": f"Bearer {service.token(service.user(str(role)))}"}
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case):
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS)

        try:
            check()
        except Exception as error:  # noqa: BLE001 - every operation is tried, all failures are shown
            failures.append(f"{operation.method} {operation.path}: {error}"[:2000])
    return failures


def test_generated_requests_of_the_office(published):
    failures = sweep(published, Role.OFFICE, 8)
    assert not failures, "\n\n".join(failures)


@pytest.mark.full
@pytest.mark.parametrize("role", list(Role))
def test_generated_requests_of_every_role(published, role):
    failures = sweep(published, role, 100)
    assert not failures, "\n\n".join(failures)
