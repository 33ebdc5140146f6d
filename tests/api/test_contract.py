"""The OpenAPI document keeps its word: generated requests as every role, no 5xx, every answer as declared.

Requests name what is there more often than not: ids of the world they run in stand beside generated ones.
"""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.access.permissions import Role
from api.problems import MEDIA_TYPE, ProblemDocument
from tests.api.world import World, furnished

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ASKERS = ("stranger", *Role)
QUICK, LONG = 2, 12
"""Generated requests of each operation and asker."""
COSTLY = frozenset({"/api/v1/forecasts", "/api/v1/rulebooks"})
"""Operations that take long to answer: a fourth of the requests."""


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def service(at_stage):
    return at_stage(furnished)


def from_here(app):
    """Let the generated requests come from this machine, by its name, as demo mode wants them."""

    async def wrapped(scope, receive, send):
        if scope["type"] == "http":
            headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope = {**scope, "client": ("127.0.0.1", 1), "headers": [*headers, (b"host", b"127.0.0.1")]}
        await app(scope, receive, send)

    return wrapped


def one_shape_of_error(answer):
    """Every error is a problem document with a code, whoever refuses."""
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].partition(";")[0] == MEDIA_TYPE, answer.headers
        problem = ProblemDocument.model_validate_json(answer.content)
        assert problem.status == answer.status_code
        assert problem.code
        assert problem.remedy


def sweep(service, asker, examples):
    """Send generated requests to every operation; give what went against the document."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app=from_here(service.app))
    world = World(service).look_up()
    headers = {}
    if asker != "stranger":
        headers = {"Authorization": f"Bearer {service.token(service.user(str(asker), name=f'asker {asker}'))}"}
    failures = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue  # a stream; tests/api/resources asks for it
        some = max(1, examples // 4) if operation.path in COSTLY else examples
        check = checked(operation, world, headers, some)
        try:
            check()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all failures are shown, of every operation
            failures.append(f"{asker}: {operation.method} {operation.path}: {error}"[:2000])
    return failures


def checked(operation, world, headers, examples):
    """Give a function that sends generated requests for an operation."""
    known = {parameter.name: world.value(operation.path, parameter.name) for parameter in operation.path_parameters}

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), there=st.integers(0, 3))
    def check(case, there):
        if there and case.path_parameters:
            case.path_parameters = {**case.path_parameters, **known}
        answer = case.call(headers=headers)
        one_shape_of_error(answer)
        case.validate_response(answer, checks=CHECKS)

    return check


@pytest.mark.parametrize("asker", ASKERS)
def test_a_few_generated_requests_of_every_asker(service, asker):
    failures = sweep(service, asker, QUICK)
    assert not failures, "\n\n".join(failures)


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("asker", ASKERS)
def test_many_generated_requests_of_every_asker(service, asker):
    failures = sweep(service, asker, LONG)
    assert not failures, "\n\n".join(failures)
