"""Objects that are in a list: each is found by its id, and is the object that the list shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.checks.requests import describe_status, is_missing, select, send
from polargrid_contract.checks.shapes import build_unexpected, read_field
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import is_equal, resolve
from polargrid_contract.kinds import find_root
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_MAX_OBJECTS = 20  # of a list that are retrieved
_MAX_ALIASES = 2  # of a model that are retrieved


def is_listed(operation: DocumentedOperation) -> bool:
    """Select operations that return an object by its id, while the path above returns a list of such objects."""
    return find_list(operation) is not None


def find_list(operation: DocumentedOperation) -> tuple[str, str, str] | None:
    """Return the name of the operation that lists the objects of this one, the parameter with their id, and its field.

    The document says so if the list is the path without the id, its items have the schema of the object, and the id in
    the response is that of the path by `x-agreement`. None if there is no such list.
    """
    document = operation.document
    path, _, last = operation.key.rpartition("/")
    definition = document["paths"].get(path, {}).get("get")
    rules = _read_json(operation.document, operation.definition).get("x-agreement", ())
    for first, second in (rule["same"] for rule in rules if "same" in rule):
        field, parameter = first.removeprefix("$response.body#/"), second.removeprefix("$request.path.")
        if operation.method == "GET" and definition and last == f"{{{parameter}}}":
            schema = _read_schema(document, operation.definition)
            if schema and any(item is schema for item in _iter_item_schemas(document, definition)):
                return definition["operationId"], parameter, field
    return None


@check(
    "listed-objects-found",
    on=is_listed,
    rationale="A client chooses from a list, and then asks for what it chose.",
    reference="openapi.yaml, the lists, and the operations that return one of their objects",
)
def check_listed_objects(client: ServerClient) -> Iterator[Violation]:
    """Each object of a list is found by its id, with the same values, except for those that change by themselves."""
    for operation in select(client, is_listed):
        name, parameter, field = find_list(operation) or ("", "", "")
        if not client.operations[name].is_in(client.target.profile):
            continue
        listed = client.require(send(client, name))
        objects = [it for it in _read_items(listed) if isinstance(it.get(field), str)]
        exchanges = [send(client, operation.name, parameters={parameter: it[field]}) for it in objects[:_MAX_OBJECTS]]
        if exchanges and all(is_missing(client, exchange) for exchange in exchanges):
            raise OperationMissing(
                f"{exchanges[0].method} {exchanges[0].url} returns {exchanges[0].status}", operation.name
            )
        for expected, exchange in zip(objects, exchanges, strict=False):
            if exchange.status != 200:
                wanted = f"the object {expected[field]!r} of the list"
                yield client.violation(exchange, expected=wanted, actual=describe_status(exchange))
                continue
            if names := _find_differences(expected, read_field(exchange, kind=dict)):
                yield from _check_again(client, name, field, exchange, names)


@check(
    "model-aliases-found",
    on=("retrieve_model",),
    rationale="A client that knows a model by another name asks for it by that name.",
    reference="openapi.yaml, retrieve_model and ModelInfo.pg_aliases",
    profiles=("polargrid",),
)
def check_aliases(client: ServerClient) -> Iterator[Violation]:
    """A model that is retrieved by another of its names is that model, with this name as its id."""
    for model in client.models[:_MAX_OBJECTS]:
        for alias in (model.get("pg_aliases") or [])[:_MAX_ALIASES]:
            exchange = send(client, "retrieve_model", parameters={"model": alias})
            retrieved = read_field(exchange, kind=dict)
            # Other models are other objects; figures of use may change in between.
            names = ("created", "owned_by", "root", "pg_model_type", "pg_parameters", "pg_max_tokens")
            expected, actual = ({name: it.get(name) for name in names} for it in (model, retrieved))
            if retrieved.get("id") != alias or expected != actual:
                yield client.violation(
                    exchange,
                    expected=f"{model['id']} by the id {alias!r}: {expected}",
                    actual=f"{retrieved.get('id')}: {actual}",
                )


@check(
    "listed-models-have-state",
    on=("list_models", "get_model_status"),
    rationale="A program that shows the models shows whether each is loaded.",
    reference="openapi.yaml, ModelStatusResponse.loading_status",
    profiles=("polargrid",),
    together=True,
)
def check_states(client: ServerClient) -> Iterator[Violation]:
    """The status has the state of each model of the list; a name that stands for a model has none."""
    if not {"list_models", "get_model_status"} <= {operation.name for operation in client.profile_operations}:
        return
    listed, status = send(client, "list_models"), send(client, "get_model_status")
    states = read_field(status, "loading_status", kind=dict)
    models = [it for it in _read_items(listed) if isinstance(it.get("id"), str)]
    names = sorted({find_root(models, it) for it in models})
    if missing := [name for name in names if name not in states]:
        actual = f"none of {', '.join(map(repr, missing[:5]))}"
        yield client.violation(status, expected="the state of each model of the list", actual=actual)


def _check_again(
    client: ServerClient, name: str, field: str, exchange: Exchange, names: list[str]
) -> Iterator[Violation]:
    """Report fields that differ from those of the list in a second pair of responses as well, and have not changed."""
    (parameter,) = exchange.parameters["path"]
    identifier = exchange.parameters["path"][parameter]
    first = read_field(exchange, kind=dict)
    listed = _read_items(send(client, name))
    again = send(client, exchange.operation, parameters={parameter: identifier})
    second = read_field(again, kind=dict)
    expected = next((it for it in listed if it.get(field) == identifier), None)
    if expected is None:
        return  # it is gone
    differing = [it for it in _find_differences(expected, second) if it in names and first.get(it) == second.get(it)]
    for it in differing[:1]:
        yield client.violation(
            again, expected=f"{it} = {expected.get(it)!r}, as in the list", actual=f"{second.get(it)!r}"
        )


def _find_differences(listed: Mapping[str, Any], retrieved: Mapping[str, Any]) -> list[str]:
    """The fields of an object of a list that have another value in the object itself, which may have more of them."""
    return [name for name, value in listed.items() if value is not None and not is_equal(retrieved.get(name), value)]


def _read_items(exchange: Exchange) -> list[dict[str, Any]]:
    """The objects of a list, which is the body or a field of it. Raises UnexpectedResponse."""
    body = read_field(exchange, kind=(list, dict))
    items = next((it for it in ([body] if isinstance(body, list) else body.values()) if isinstance(it, list)), None)
    if exchange.status != 200 or items is None:
        raise build_unexpected(exchange, "a list of objects", exchange.text[:120])
    return [it for it in items if isinstance(it, dict)]


def _read_json(document: Mapping[str, Any], definition: Mapping[str, Any]) -> Mapping[str, Any]:
    response = resolve(document, definition.get("responses", {}).get("200", {}))
    content: Mapping[str, Any] = response.get("content", {}).get("application/json", {})
    return content


def _read_schema(document: Mapping[str, Any], definition: Mapping[str, Any]) -> Mapping[str, Any]:
    return resolve(document, _read_json(document, definition).get("schema", {}))


def _iter_item_schemas(document: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of the items of a list, which is the body or a field of it."""
    schema = _read_schema(document, definition)
    for node in (schema, *schema.get("properties", {}).values()):
        candidate = resolve(document, node)
        if "items" in candidate:
            yield resolve(document, candidate["items"])
