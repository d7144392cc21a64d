"""What the checks of the wire send to every operation: right requests, harmless ones, wrong ones, HEAD and OPTIONS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from polargrid_contract.cache import cached
from polargrid_contract.checks.invalid_bodies import (
    derive_invalid_fields,
    derive_invalid_form_fields,
    remove_missing,
)
from polargrid_contract.checks.requests import TEXT_OPERATIONS, build_minimal_request, prompt_fields, stream_request
from polargrid_contract.checks.wire_requests import build_raw, send_raw
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import build_parameters, set_fields, set_model
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.routing import methods_at
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import RawRequest

UNKNOWN_MODEL = "no-such-model-1"
#: Characters of two, three and four bytes; the last one is beyond the basic plane, a surrogate pair in JSON escapes.
WIDE_TEXT = "\u00e9\u4e2d\U0001f600"
_UNKNOWN_SEGMENT = "/no-such-path"
_METHODS = ("PATCH", "PUT", "DELETE", "POST", "GET")


def build_harmless_request(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any] | None:
    """Build a request that runs no model and changes nothing: a right one, or one that must be rejected.

    It is rejected for its content, so that the server must have understood the rest; where nothing of it can be wrong,
    for its missing key. None if there is no such request.
    """
    request = build_minimal_request(client, operation)
    if operation.method == "GET" or (operation.model is None and not operation.has_effect):
        return request
    if operation.model is not None:
        return set_model(operation, request, UNKNOWN_MODEL)
    if "body" in request and isinstance(request["body"], dict):
        for change in derive_invalid_fields(operation, request["body"]):
            return {**request, "body": remove_missing({**request["body"], **change})}
    if "form" in request:
        for change in derive_invalid_form_fields(operation, request["form"]):
            return {**request, "form": remove_missing({**request["form"], **change})}
    return {**request, "key": None} if operation.requires_key else None


def build_right_request(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """Build the shortest right request; where it has a prompt, one with characters of several bytes."""
    request = build_minimal_request(client, operation)
    return (
        set_fields(request, prompt_fields(client, operation.name, WIDE_TEXT))
        if operation.name in TEXT_OPERATIONS
        else request
    )


def send_valid(client: ServerClient, operation: DocumentedOperation) -> WireExchange | None:
    """Send the shortest right request; None for an operation with an effect."""

    def send() -> WireExchange | None:
        if operation.has_effect:
            return None
        request = build_raw(client, operation, **build_right_request(client, operation))
        return send_raw(client, operation, request, linger=1.0, is_quick=False)

    return cached(client.base, ("raw", "valid", operation.name), send)


def send_plain(client: ServerClient, operation: DocumentedOperation) -> WireExchange | None:
    """Send the harmless request, spelled as most clients do."""

    def send() -> WireExchange | None:
        request = build_harmless_request(client, operation)
        if request is None:
            return None
        return send_raw(client, operation, build_raw(client, operation, **request), linger=1.0)

    return cached(client.base, ("raw", "plain", operation.name), send)


def send_wide(client: ServerClient, operation: DocumentedOperation) -> WireExchange | None:
    """Send the harmless request with characters of several bytes in its JSON; None if it names no model there."""

    def send() -> WireExchange | None:
        request = build_harmless_request(client, operation)
        if request is None or operation.model is None or "body" not in request:
            return None
        request = set_model(operation, request, f"{UNKNOWN_MODEL}-{WIDE_TEXT}")
        return send_raw(client, operation, build_raw(client, operation, **request), linger=1.0)

    return cached(client.base, ("raw", "wide", operation.name), send)


def send_probes(client: ServerClient, operation: DocumentedOperation) -> list[WireExchange]:
    """Send requests of every kind, each on a connection that it closes: right ones, wrong ones, HEAD, OPTIONS."""

    def send() -> list[WireExchange]:
        first = [send_valid(client, operation), send_plain(client, operation), send_wide(client, operation)]
        exchanges = [wire for wire in first if wire is not None]
        streams = list(_build_streams(client, operation))
        for request in (*streams, *_build_probes(client, operation)):
            # Where the server leaves connections open, nothing is gained by waiting for each of them.
            linger = 1.0 if all(wire.is_closed for wire in exchanges) else 0.05
            exchanges.append(send_raw(client, operation, request, linger=linger, is_quick=request not in streams))
        return exchanges

    return cached(client.base, ("raw", "probes", operation.name), send)


def _build_streams(client: ServerClient, operation: DocumentedOperation) -> Iterator[RawRequest]:
    """The request for a stream, for a client of HTTP/1.0 as well."""
    right = build_minimal_request(client, operation)
    stream = None if operation.has_effect else stream_request(operation, right)
    if stream is not None:
        if stream != right:
            yield build_raw(client, operation, **stream)
        yield replace(build_raw(client, operation, **stream), version="1.0")


def _build_probes(client: ServerClient, operation: DocumentedOperation) -> Iterator[RawRequest]:
    right = build_minimal_request(client, operation)
    harmless = build_harmless_request(client, operation)
    if harmless is not None:
        yield build_raw(client, operation, **harmless).with_headers(("Accept-Encoding", "gzip"))
        yield replace(build_raw(client, operation, **harmless), version="1.0")
    if operation.requires_key and operation.method != "HEAD":
        yield build_raw(client, operation, **{**(harmless or right), "key": None})
    if operation.contents:
        media_type = operation.json_type or "multipart/form-data; boundary=b"
        yield build_raw(client, operation, content=b"{", headers={"Content-Type": media_type})
    is_whole = client.target.profile == "polargrid"  # another server may have more operations at any path
    path = urlsplit(operation.build_target({**build_parameters(operation), **right.get("parameters", {})})).path
    supported = methods_at(client.operations, path)
    if "HEAD" not in supported and (is_whole or operation.method == "GET"):
        yield build_raw(client, operation, method="HEAD", path=None if operation.method == "GET" else path)
    if "OPTIONS" not in supported:
        yield build_raw(client, operation, method="OPTIONS", path=path)
    if is_whole:
        yield build_raw(client, operation, method="GET", path=path + _UNKNOWN_SEGMENT)
        method = next(method for method in _METHODS if method not in supported)
        yield build_raw(client, operation, method=method, path=path)


def find_other(client: ServerClient, operation: DocumentedOperation, plain: WireExchange) -> WireExchange:
    """Return the exchange of a request whose response differs from that to the plain one, if there is any."""
    for wire in send_probes(client, operation):
        if wire.requests[0].method == "OPTIONS" or wire.requests[0].target.endswith(_UNKNOWN_SEGMENT):
            return wire
    return plain
