"""An example of every body and answer in the OpenAPI document, made of the examples and bounds of its fields."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
MOMENT = "2026-04-01T12:00:00Z"
BY_FORMAT = {"date-time": MOMENT, "date": "2026-04-01", "uuid": "0" * 32}
BY_TYPE: Mapping[str, Any] = {"string": "text", "boolean": True, "null": None}
DEEPEST = 8


def add_examples(document: dict[str, Any]) -> None:
    """Give an example to each JSON body and answer that has none of its own."""
    known = document.get("components", {}).get("schemas", {})
    for operations in document["paths"].values():
        for operation in operations.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (kind for body in bodies for kind in body.get("content", {}).items()):
                media, shown = content
                if media == "application/json" and "schema" in shown and not {"example", "examples"} & set(shown):
                    shown["example"] = example_of(shown["schema"], known)


def example_of(schema: Schema, known: Mapping[str, Schema], depth: int = 0) -> Any:
    """Make a value that a schema takes.

    Examples
    --------
    >>> fields = {"round": {"type": "string", "examples": ["final"]}, "seats": {"type": "integer", "minimum": 3}}
    >>> example_of({"type": "object", "properties": fields}, {})
    {'round': 'final', 'seats': 3}
    """
    if "$ref" in schema:
        schema = known[str(schema["$ref"]).rpartition("/")[2]]
    for stated in ("examples", "enum"):
        if schema.get(stated):
            return _completed(schema[stated][0], schema, known, depth)
    for stated in ("example", "const", "default"):
        if schema.get(stated) is not None:
            return _completed(schema[stated], schema, known, depth)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example_of(schema[choice][0], known, depth)
    return _by_type(schema, known, depth)


def _completed(example: Any, schema: Schema, known: Mapping[str, Schema], depth: int) -> Any:
    """Add to a stated example the fields that are needed and that it leaves out, at any depth."""
    schema = known[str(schema["$ref"]).rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(example, list):
        return [_completed(one, schema.get("items", {}), known, depth) for one in example]
    fields = schema.get("properties", {})
    if not isinstance(example, Mapping) or not fields:
        return example
    given = {name: _completed(value, fields.get(name, {}), known, depth) for name, value in example.items()}
    left_out = [name for name in schema.get("required", ()) if name not in example and name in fields]
    return given | {name: example_of(fields[name], known, depth + 1) for name in left_out}


def _says(schema: Schema) -> bool:
    """Say whether a field that may be left out names a value of its own, or is an object that might."""
    stated = ("examples", "example", "const", "enum", "$ref", "properties")
    return any(name in schema for name in stated) or schema.get("default") is not None


def _by_type(schema: Schema, known: Mapping[str, Schema], depth: int) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if depth > DEEPEST:
        return None
    if kind == "object":
        needed = schema.get("required", ())
        fields = {name: inner for name, inner in schema.get("properties", {}).items() if name in needed or _says(inner)}
        return {name: example_of(inner, known, depth + 1) for name, inner in fields.items()}
    if kind == "array":
        return [example_of(schema.get("items", {}), known, depth + 1)]
    if kind in {"integer", "number"}:
        return int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    value = BY_TYPE.get(str(kind))
    return str(value).ljust(schema.get("minLength", 0), "x") if kind == "string" else value
