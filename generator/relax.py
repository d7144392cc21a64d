"""What a server must keep is strict; what a client takes is not.

openapi.yaml describes answers as strictly as a server must keep them. A client must outlive a newer server, so
the types of answers are made from a looser view: any enum or constant may also be another string, no bound, pattern
or condition is checked, and of a component with conditions on it the component is left. Requests stay as strict as
they are written, but for bounds inside a branch of `anyOf`: datamodel-code-generator would make a class of its own
of such a branch. A server checks those.
"""

from __future__ import annotations

import copy
from typing import Any

from generator.spec import Spec

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern"}
_BOUNDS |= {"minItems", "maxItems", "uniqueItems", "if", "then", "else", "not"}


def relaxed(spec: Spec) -> Spec:
    """A copy of the document in which every schema that an answer reaches is loosened."""
    loose = copy.deepcopy(spec)
    schemas = loose["components"]["schemas"]
    answers = [operation["responses"] for operation in _operations(loose)]
    answers.append(loose["components"].get("responses", {}))
    for name in _reached(answers, schemas):
        schemas[name] = _loosened(schemas[name])
    for response in _responses(answers):
        for content in response.get("content", {}).values():
            content["schema"] = _loosened(content.get("schema", {}))
    loose["components"]["schemas"] = _with_bare_branches(schemas)
    return loose


def _operations(spec: Spec) -> list[dict[str, Any]]:
    return [item for path in spec["paths"].values() for item in path.values() if "operationId" in item]


def _responses(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [response for named in answers for response in named.values()]


def _reached(start: Any, schemas: Spec) -> set[str]:
    """The names of the component schemas that a part of the document leads to."""
    names: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in names and name in schemas:
                names.add(name)
                waiting.append(schemas[name])
    return names


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"].rsplit("/", 1)[-1]] if isinstance(node.get("$ref"), str) else []
        return here + [name for value in node.values() for name in _references(value)]
    if isinstance(node, list):
        return [name for value in node for name in _references(value)]
    return []


def _loosened(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_loosened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema is not (named := unconditional(schema)):
        return named
    loose = {key: _loosened(value) for key, value in schema.items() if key not in _BOUNDS}
    values = loose.pop("enum", None) or ([loose.pop("const")] if "const" in loose else None)
    return _opened(loose, values) if values else loose


def unconditional(schema: dict[str, Any]) -> dict[str, Any]:
    """The component that a schema sets conditions on, which make no type of their own; else the schema."""
    first, *others = schema.get("allOf") or [{}]
    return first if "$ref" in first and others and not _references(others) else schema


def _with_bare_branches(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_bare_branches(item) for item in node]
    if not isinstance(node, dict):
        return node
    bare = {key: _with_bare_branches(value) for key, value in node.items()}
    if "anyOf" in bare:
        bare["anyOf"] = [{k: v for k, v in branch.items() if k not in _BOUNDS} for branch in bare["anyOf"]]
    return bare


def _opened(schema: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    """One of these values, or any other of the same type."""
    types = schema.pop("type", "string")
    optional = [{"type": "null"}] if "null" in types or None in values else []
    known = {"type": "string", "enum": [value for value in values if value is not None]}
    return {**schema, "anyOf": [known, {"type": "string"}, *optional]}
