"""A client that requests each text as a stream, and reads the stream as the response that it is a form of.

So a rule of plain responses is applied to streams as it is: the check gets this client, and nothing in it is written
twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from polargrid_contract.checks.requests import TEXT_OPERATIONS
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import EVENT_STREAM, DocumentedOperation
from polargrid_contract.readers.assembled_stream import AssembledExchange, Json
from polargrid_contract.registry import CheckSkipped
from polargrid_contract.schemas import find_error, flatten_object

_STREAM = {"stream": True}
_WITH_USAGE = {"stream_options": {"include_usage": True}}


def stream_texts(client: ServerClient) -> ServerClient:
    """Return a client of the same server that requests streams; those of all views share responses.

    Its `send` raises UnjoinedStreamError, which skips a check, for a stream that is none: that is a violation of one
    rule of streams, not of each rule of responses.
    """
    return _StreamedClient(client)


def can_stream(operation: DocumentedOperation) -> bool:
    """Select operations with a JSON body that has the field `stream`."""
    return "stream" in flatten_object(operation.document, operation.json_schema)[0]


def to_streamed(operation: str, body: Mapping[str, Any]) -> Json:
    """Return the request for a stream with its usage, unless the body says something else."""
    others = {} if body.get("stream") is None else {"stream": body["stream"]}
    usage = _WITH_USAGE if operation in TEXT_OPERATIONS and body.get("stream_options") is None else {}
    return {**body, **_STREAM, **usage, **others}


def to_assembled(exchange: Exchange) -> AssembledExchange:
    """Return the exchange with the assembled response as its JSON."""
    return AssembledExchange(**{field.name: getattr(exchange, field.name) for field in fields(exchange)})


def find_assembly_error(client: ServerClient, exchange: AssembledExchange) -> str:
    """Describe why the joined chunks of a stream are no documented response; empty if they are one."""
    return find_error(client.target.document, *build_plain_schema(client, exchange))


def build_plain_schema(client: ServerClient, exchange: AssembledExchange) -> tuple[Any, Json]:
    """Return the schema of the plain response to the operation, and the assembled response with its `object`."""
    operation = client.operations[exchange.operation]
    content = operation.response(exchange.status).get("content", {})
    schema = next((it.get("schema", True) for name, it in content.items() if name.endswith("json")), True)
    kind = flatten_object(operation.document, schema)[0].get("object", {})
    return schema, {**exchange.json(), **({"object": kind["const"]} if "const" in kind else {})}


class UnjoinedStreamError(CheckSkipped):
    """A response that is no stream, or a stream that joins to no documented response: no rule of responses applies."""

    def __init__(self, exchange: Exchange, error: str) -> None:
        super().__init__(f"{error}; the checks of streams report it")
        self.exchange = exchange
        self.error = error


class _StreamedClient(ServerClient):
    """Sends on the connections of another client, and caches what it reads apart from it."""

    def __init__(self, client: ServerClient) -> None:
        vars(self).update(vars(client))
        self.namespace = "streams"

    def send(self, operation: str, body: Any = None, **options: Any) -> Exchange:
        """Send like `ServerClient.send`, but request a stream."""
        if not isinstance(body, dict) or not can_stream(self.operations[operation]):
            return super().send(operation, body, **options)
        exchange = super().send(operation, to_streamed(operation, body), **options)
        return self._read(exchange) if operation in TEXT_OPERATIONS and exchange.status == 200 else exchange

    def _read(self, exchange: Exchange) -> Exchange:
        if exchange.media_type != EVENT_STREAM:
            raise UnjoinedStreamError(exchange, f"the response to `stream: true` is {exchange.media_type or 'untyped'}")
        assembled = to_assembled(exchange)
        if error := find_assembly_error(self, assembled):
            raise UnjoinedStreamError(exchange, f"the stream joins to no documented response: {error}")
        return assembled
