"""Bodies of responses, as the document describes them: what differs, and the object in a body that does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from polargrid_contract.checks.requests import describe_status
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.consistency import find_inconsistencies, find_media_type_error
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import UnexpectedResponse
from polargrid_contract.schemas import find_error


def read_object(client: ServerClient, exchange: Exchange) -> dict[str, Any]:
    """Return the JSON object of a successful response.

    Raises UnexpectedResponse, which is a violation of the operation of this exchange, if the response is not a
    documented success: another status, media type or shape.
    """
    actual = find_undocumented(client, exchange)
    body = exchange.json()
    if not actual and not (200 <= exchange.status < 300 and isinstance(body, dict)):
        actual = describe_status(exchange)
    if actual:
        raise UnexpectedResponse(client.violation(exchange, expected="a success as documented", actual=actual))
    return cast("dict[str, Any]", body)


def find_undocumented(client: ServerClient, exchange: Exchange) -> str:
    """Describe what about a response is not documented; empty if all of it is."""
    operation = client.operations[exchange.operation]
    has_example_id = any(item["in"] == "path" for item in operation.parameters) and operation.model is None
    if has_example_id and exchange.status == 404 and operation.documents(404):
        return ""  # only the server knows which ids exist
    if not 200 <= exchange.status < 300 or exchange.error:
        return describe_status(exchange)
    response = operation.response(exchange.status)
    if not response:
        return f"status {exchange.status}, which is not documented"
    content = response.get("content", {})
    if not content:
        return "a body, although none is documented" if exchange.body else ""
    return _find_undocumented_body(operation, content, exchange)


def _find_undocumented_body(
    operation: DocumentedOperation, content: Mapping[str, Mapping[str, Any]], exchange: Exchange
) -> str:
    media_type = exchange.media_type
    exact = (it for name, it in content.items() if _essence(name) == media_type)
    declared = next(exact, None) or next((it for name, it in content.items() if _matches(name, media_type)), None)
    if declared is None:
        return f"content-type {media_type or '(none)'}; documented are {', '.join(content)}"
    if error := find_media_type_error(content, exchange.request, media_type):
        return error
    if not media_type.endswith(("/json", "+json")):
        return ""
    body = exchange.json()
    if error := find_error(operation.document, declared.get("schema", True), body):
        return f"{error} in {exchange.text[:120]!r}"
    rules = declared.get("x-agreement", ())
    return next(find_inconsistencies(rules, exchange.request, body, exchange.parameters), "")


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _matches(pattern: str, media_type: str) -> bool:
    kind, _, subtype = _essence(pattern).partition("/")
    return subtype == "*" and (kind in ("*", media_type.partition("/")[0]))
