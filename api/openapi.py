"""The OpenAPI document: who may call each operation, and one shape of error for all."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access.allow import Open, declared
from api.access.authenticate import cookie_name
from api.openapi_examples import add_examples
from api.problems import MEDIA_TYPE, ProblemDocument

SCHEMA = {"$ref": "#/components/schemas/ProblemDocument"}


def describe(app: FastAPI) -> dict[str, Any]:
    """Make the document."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    rules = declared(app)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ProblemDocument"] = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(app.state.settings)},
    }
    document["security"] = [{"token": []}, {"session": []}]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            rule = rules[path, method.upper()]
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem document (RFC 9457).",
                "content": {MEDIA_TYPE: {"schema": SCHEMA}},
            }
            if isinstance(rule, Open):
                operation["security"] = []
                operation["x-open-because"] = rule.reason
            else:
                operation["x-permission"] = str(rule.permission)
    add_examples(document)
    return document
