"""The stream of a response is the response: its parts join to a documented one, which equals the plain one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.errors import has_json, send_invalid_fields, send_unknown_models
from polargrid_contract.checks.requests import (
    TEXT_OPERATIONS,
    TextResponse,
    ask_cached,
    ask_fresh,
    select,
    send,
)
from polargrid_contract.checks.stream_forms import Form, list_forms
from polargrid_contract.checks.streamed_client import (
    UnjoinedStreamError,
    can_stream,
    stream_texts,
    to_assembled,
    to_streamed,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.consistency import find_inconsistencies
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.readers.response_difference import find_difference
from polargrid_contract.registry import check, has_stream
from polargrid_contract.results import Violation

STREAM_ONLY = "stream_completion"
_JOINED = "chunks that join to a documented response"


def is_streamed_text(operation: DocumentedOperation) -> bool:
    """Select operations with a stream that is a form of the response to chat_completion or completion."""
    return has_stream(operation) and operation.name in (*TEXT_OPERATIONS, STREAM_ONLY)


def has_both_forms(operation: DocumentedOperation) -> bool:
    """Select operations with a JSON body that respond with a stream if its field `stream` is true, else at once."""
    return has_stream(operation) and has_json(operation) and can_stream(operation) and operation.name != STREAM_ONLY


@check(
    "stream-joins-to-response",
    on=TEXT_OPERATIONS,
    rationale="A client that reads a stream to its end holds the response, with all that is promised of it.",
    reference="openapi.yaml, ChatCompletionResponse and CompletionResponse, and x-agreement",
    profiles=("polargrid",),
)
def check_joined(client: ServerClient) -> Iterator[Violation]:
    """The joined chunks are of the documented shape, and agree with the request."""
    for operation in select(client, lambda it: it.name in TEXT_OPERATIONS):
        rules = operation.response(200)["content"]["application/json"].get("x-agreement", ())
        for form in list_forms(client, operation.name):
            try:
                streamed = ask_cached(stream_texts(client), operation.name, form.prompt, **form.fields)
            except UnjoinedStreamError as error:
                yield client.violation(error.exchange, expected=_JOINED, actual=error.error)
                continue
            for inconsistency in find_inconsistencies(rules, streamed.exchange.request, streamed.body):
                yield client.violation(streamed.exchange, expected=_JOINED, actual=inconsistency)


@check(
    "stream-equals-plain",
    on=(*TEXT_OPERATIONS, STREAM_ONLY),
    rationale="A program gives the same result whether it shows the text while it is generated or not.",
    reference="openapi.yaml, seed; API overview, Streaming",
    profiles=("polargrid",),
)
def check_equal(client: ServerClient) -> Iterator[Violation]:
    """The joined chunks have the text, tool calls, log probabilities, finish reasons and usage of a plain response."""
    for operation in select(client, is_streamed_text):
        is_only_streamed = operation.name == STREAM_ONLY
        plain_operation = "completion" if is_only_streamed else operation.name
        forms = list(list_forms(client, plain_operation))
        for form in forms[:2] if is_only_streamed else forms:  # the other fields are compared at the other operation
            plain = ask_cached(client, plain_operation, form.prompt, **form.fields)
            streamed = _ask_streamed(client, operation.name, plain, form)
            if difference := find_difference(plain.body, streamed.body):
                again = ask_fresh(client, plain_operation, form.prompt, **form.fields)
                if find_difference(plain.body, again.body):
                    continue  # the seed has no effect, which other checks report
                expected = f"as in the plain response, {difference[0]}"
                yield client.violation(streamed.exchange, expected=expected, actual=difference[1])


@check(
    "stream-rejected-as-plain",
    on=has_both_forms,
    rationale="A program handles the error of a request in one way, whether it asked for a stream or not.",
    reference="openapi.yaml, BadRequest and NotFound",
)
def check_rejections(client: ServerClient) -> Iterator[Violation]:
    """A request that is rejected gets the same status, type, code and param with `stream: true`, before any event."""
    for plain in _list_rejected(client):
        body = {**plain.request, "stream": True}
        streamed = send(client, plain.operation, body=body, parameters=_list_parameters(plain))
        if (expected := _read_error(client, plain)) != (actual := _read_error(client, streamed)):
            described = f"{actual}: {streamed.text[:120]}"
            yield client.violation(streamed, expected=f"{expected}, as without `stream`", actual=described)


def _ask_streamed(client: ServerClient, operation: str, plain: TextResponse, form: Form) -> TextResponse:
    """Request a form as a stream; the operation that only streams gets the same request as the plain one."""
    if operation != STREAM_ONLY:
        return ask_cached(stream_texts(client), operation, form.prompt, **form.fields)
    request = to_streamed("completion", plain.exchange.request)
    exchange = to_assembled(send(client, operation, body={**request, "stream": None}))
    return TextResponse(exchange, read_object(client, exchange))


def _list_rejected(client: ServerClient) -> Iterator[Exchange]:
    """One rejected request for each field of an operation with both forms, and one for an unknown model."""
    operations = {it.name for it in select(client, has_both_forms)}
    is_polargrid = client.target.profile == "polargrid"
    exchanges = [it.exchange for it in send_invalid_fields(client) if is_polargrid or it.is_essential]
    exchanges += send_unknown_models(client) if is_polargrid else []
    seen = set()
    for exchange in exchanges:
        key = (exchange.operation, frozenset(exchange.request), str(_read_error(client, exchange)))
        is_rejected = exchange.operation in operations and 400 <= exchange.status < 500
        if is_rejected and "stream" not in exchange.request and key not in seen:
            seen.add(key)
            yield exchange


def _list_parameters(exchange: Exchange) -> dict[str, Any]:
    return {name: value for values in exchange.parameters.values() for name, value in values.items()}


def _read_error(client: ServerClient, exchange: Exchange) -> Any:
    """What a program reads of an error: only PolarGrid promises more than the status."""
    body = exchange.json()
    error = body.get("error") if isinstance(body, dict) else None
    fields = error if isinstance(error, dict) and client.target.profile == "polargrid" else {}
    return {"status": exchange.status, **{name: fields[name] for name in ("type", "code", "param") if name in fields}}
