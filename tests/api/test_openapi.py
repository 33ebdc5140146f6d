"""The OpenAPI document is complete: every body and answer has an example, and each example is a valid one."""

import json

import jsonschema
import pytest

from api.app import create_app
from api.openapi_examples import example_of


@pytest.fixture
def backend():
    return "sqlite"


@pytest.fixture
def document(settings, store, clock):
    return create_app(settings, store=store, clock=clock).openapi()


def json_contents(document):
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for media, content in body.get("content", {}).items():
                    if media.endswith("json"):
                        yield f"{method.upper()} {path}", content


def test_every_example_is_valid(document):
    wrong = []
    for place, content in json_contents(document):
        schema = {**content["schema"], "components": document["components"]}
        shown = [content["example"]] if "example" in content else []
        shown += [one["value"] for one in content.get("examples", {}).values()]
        for example in shown:
            wrong += [
                f"{place}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(example)
            ]
    assert not wrong, "\n".join(wrong)


def test_every_body_and_answer_has_an_example(document):
    without = [
        place
        for place, content in json_contents(document)
        if not {"example", "examples"} & set(content) and "ProblemDocument" not in json.dumps(content)
    ]
    assert not without, "\n".join(without)


def test_every_operation_says_what_it_does(document):
    unsaid = [
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not operation.get("summary") or not operation.get("description") or not operation.get("tags")
    ]
    assert not unsaid, "\n".join(unsaid)


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"type": "array", "items": {"type": "integer", "minimum": 2}}, [2]),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "2026-04-01"),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "object", "properties": {"kept": {"default": 3}, "left": {"type": "integer"}}}, {"kept": 3}),
    ],
)
def test_an_example_is_made_of_what_the_schema_says(schema, example):
    assert example_of(schema, {}) == example
