"""Operations that return a list in pages (`x-pages`), and ones that start a job (`x-job`); pure.

Both name values of a response by runtime expressions, like `$response.body#/last_id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.schemas import Schema, join_types, json_type, resolve, success_responses
from generator.spec import Spec, SpecError
from generator.unions import all_properties
from polargrid_runtime.operation import Job, Pages

_EXPRESSION = re.compile(r"\$response\.body#((?:/[^/]+)*)")
_RUNNING = "202"


@dataclass(frozen=True)
class PagedItems:
    """The pages of an operation, and the type of an item."""

    pages: Pages
    type: str


@dataclass(frozen=True)
class Polling:
    """The job of an operation, and the type of its result."""

    job: Job
    type: str


def parse_pages(spec: Spec, context: str, operation: dict[str, Any], arguments: Mapping[str, str]) -> PagedItems | None:
    """Return the pages of an operation; `arguments` are those of its parameters and fields, by name on the wire.

    Raises SpecError for an unknown key, argument or field.
    """
    if "x-pages" not in operation:
        return None
    try:
        return _parse_pages(spec, context, operation, arguments)
    except SpecError as error:
        raise SpecError(error.message, location=("x-pages",)) from error


def _parse_pages(spec: Spec, context: str, operation: dict[str, Any], arguments: Mapping[str, str]) -> PagedItems:
    rules = operation["x-pages"]
    _check_keys(f"{context}: x-pages", rules, required=("items", "parameter", "next"), optional=("more",))
    bodies = _json_schemas(spec, operation)
    items, lists = _find(spec, f"{context}: x-pages: items", bodies, rules["items"])
    if rules["parameter"] not in arguments:
        raise SpecError(
            f"{context}: x-pages: unknown parameter {rules['parameter']!r}; expected an argument or a field"
        )
    lists = [resolve(spec, schema) for schema in lists]
    types = {json_type(spec, context, schema.get("items", {})) for schema in lists if schema.get("type") == "array"}
    if len(types) != 1:
        raise SpecError(f"{context}: x-pages: items: {rules['items']} is not a list")
    following = _find(spec, f"{context}: x-pages: next", bodies, rules["next"])[0]
    has_more = _find(spec, f"{context}: x-pages: more", bodies, rules["more"])[0] if "more" in rules else None
    return PagedItems(Pages(items, arguments[rules["parameter"]], following, has_more), types.pop())


def parse_job(
    spec: Spec, context: str, operation: dict[str, Any], operations: Mapping[str, dict[str, Any]]
) -> Polling | None:
    """Return the job that an operation starts; `operations` are all of the document, by operationId.

    Raises SpecError for an unknown key, operation or field, or a polling operation without a result.
    """
    if "x-job" not in operation:
        return None
    try:
        return _parse_job(spec, context, operation, operations)
    except SpecError as error:
        raise SpecError(error.message, location=("x-job",)) from error


def _parse_job(
    spec: Spec, context: str, operation: dict[str, Any], operations: Mapping[str, dict[str, Any]]
) -> Polling:
    rules = operation["x-job"]
    name = f"{context}: x-job"
    _check_keys(name, rules, required=("poll", "id", "parameter"), optional=("interval", "failed", "running"))
    poll = operations.get(rules["poll"])
    if poll is None:
        raise SpecError(f"{name}: unknown operation {rules['poll']!r}; expected an operationId")
    required = [item["name"] for item in poll["parameters"] if item.get("required")]
    if required != [rules["parameter"]]:
        message = f"{name}: {rules['poll']} must have the required parameter {rules['parameter']!r} and no other"
        raise SpecError(message)
    started, polled = _json_schemas(spec, operation), _json_schemas(spec, poll)
    results = _json_schemas(spec, poll, without=_RUNNING)
    is_known = _RUNNING in success_responses(poll) or "running" in rules
    if not results or not is_known:
        raise SpecError(f"{name}: {rules['poll']} needs a result, beside status 202 while the job runs, or `running`")
    interval = _find(spec, f"{name}: interval", polled, rules["interval"])[0] if "interval" in rules else None
    job = Job(
        poll=rules["poll"],
        id=_find(spec, f"{name}: id", started, rules["id"])[0],
        parameter=str(PythonIdentifier(rules["parameter"], prefix="param")),
        interval=interval,
        failed=_find_values(spec, f"{name}: failed", polled, rules.get("failed", {})),
        running=_find_values(spec, f"{name}: running", polled, rules.get("running", {})),
    )
    return Polling(job, join_types(json_type(spec, context, schema) for schema in results))


def _check_keys(context: str, rules: Any, *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    keys = set(rules) if isinstance(rules, dict) else set()
    missing = [key for key in required if key not in keys]
    if missing or keys - {*required, *optional}:
        problem = f"without {missing[0]!r}" if missing else f"with {min(keys - {*required, *optional})!r}"
        expected = f"{', '.join(required)}; optional are {', '.join(optional)}"
        raise SpecError(f"{context}: {problem}; expected the keys {expected}")


def _json_schemas(spec: Spec, operation: dict[str, Any], *, without: str = "") -> list[Schema]:
    """Return the schemas of the JSON responses of a success, except for one status."""
    responses = [item for status, item in success_responses(operation).items() if status != without]
    contents = [pair for item in responses for pair in resolve(spec, item).get("content", {}).items()]
    return [content["schema"] for name, content in contents if "json" in name and "schema" in content]


def _find(spec: Spec, context: str, schemas: list[Schema], expression: Any) -> tuple[tuple[str, ...], list[Schema]]:
    """Return the path that an expression names, and what the responses have there."""
    match = _EXPRESSION.fullmatch(str(expression))
    if match is None:
        raise SpecError(f"{context}: {expression!r} is not an expression like $response.body#/data")
    path = tuple(part.replace("~1", "/").replace("~0", "~") for part in match[1].split("/")[1:])
    targets = [target for schema in schemas for target in _follow(spec, schema, path)]
    if not targets:
        raise SpecError(f"{context}: no response has {expression}")
    return path, targets


def _follow(spec: Spec, schema: Schema, path: tuple[str, ...]) -> list[Schema]:
    if not path:
        return [schema]
    target = resolve(spec, schema)
    branches = target.get("anyOf") or target.get("oneOf")
    if branches:
        return [item for branch in branches for item in _follow(spec, branch, path)]
    if re.fullmatch("-?[0-9]+", path[0]) and "items" in target:
        return _follow(spec, target["items"], path[1:])
    properties = all_properties(spec, target)
    return _follow(spec, properties[path[0]], path[1:]) if path[0] in properties else []


def _find_values(
    spec: Spec, context: str, schemas: list[Schema], rules: Any
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    if not isinstance(rules, dict) or not all(isinstance(values, list) for values in rules.values()):
        raise SpecError(f"{context}: expected lists of values by expression, like {{$response.body#/status: [failed]}}")
    return tuple((_find(spec, context, schemas, expression)[0], tuple(values)) for expression, values in rules.items())
