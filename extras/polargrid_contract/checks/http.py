"""HTTP: unknown paths, methods and media types, large bodies, HEAD."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from polargrid_contract.cache import cache_per_operation, cached
from polargrid_contract.checks.lifecycle_scenario import keep_models
from polargrid_contract.checks.requests import build_minimal_request, describe_status, is_missing, select, send
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import build_parameters
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Profile, Violation
from polargrid_contract.routing import methods_at
from polargrid_runtime.operation import split_path

# What is no operation of the document may be one of a server that follows the profile only, and have an effect there.
_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_UNKNOWN_SEGMENT = "/no-such-path"
_COMMON_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_TOO_LARGE = 32 * 1024 * 1024


def limits_size(operation: DocumentedOperation) -> bool:
    """Select operations that document 413 for a body in JSON or in a form with a file."""
    return operation.documents(413) and bool(operation.json_type or operation.files)


def rejects_media_types(operation: DocumentedOperation) -> bool:
    """Select operations with a body in JSON or in a form, which document 415."""
    return operation.documents(415) and bool(operation.json_type or operation.form_type)


def can_be_read(operation: DocumentedOperation) -> bool:
    """Select operations with the method GET."""
    return operation.method == "GET"


@check(
    "unknown-path-404",
    on=every_operation,
    rationale="A response from an unknown path looks like the response of an operation.",
    reference="RFC 9110, 15.5.5",
    profiles=_POLARGRID,
)
def check_unknown_path(client: ServerClient) -> Iterator[Violation]:
    """The status is 404, with a valid key."""
    for exchange in send_to_unknown_paths(client):
        if exchange.status not in (404, *_statuses_without_key(exchange)):
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))


@check(
    "unknown-method-405",
    on=every_operation,
    rationale="A client distinguishes an unsupported method from an unknown path, and the request has no effect.",
    reference="RFC 9110, 15.5.6",
    profiles=_POLARGRID,
)
def check_unknown_method(client: ServerClient) -> Iterator[Violation]:
    """Every other common method gets 405."""
    for exchange in send_unsupported_methods(client):
        if exchange.status not in (405, *_statuses_without_key(exchange)):
            yield client.violation(exchange, expected="status 405", actual=describe_status(exchange))


@check(
    "allow-lists-methods",
    on=every_operation,
    rationale="A 405 lists the supported methods in Allow.",
    reference="RFC 9110, 15.5.6 and 10.2.1",
    profiles=_POLARGRID,
)
def check_allow(client: ServerClient) -> Iterator[Violation]:
    """Allow contains the method of the operation and not the rejected one."""
    for exchange in send_unsupported_methods(client):
        allow = exchange.response_headers.get("allow")
        methods = {method.strip() for method in (allow or "").split(",")}
        supported = client.operations[exchange.operation].method
        if exchange.status == 405 and (supported not in methods or exchange.method in methods):
            actual = "no Allow header" if allow is None else f"Allow: {allow}"
            yield client.violation(exchange, expected=f"Allow: {supported}", actual=actual)


@check(
    "unsupported-media-type-415",
    on=rejects_media_types,
    rationale="A server that ignores Content-Type permits cross-site requests.",
    reference="openapi.yaml, UnsupportedMediaType; RFC 9110, 15.5.16",
    profiles=_POLARGRID,
)
def check_media_type(client: ServerClient) -> Iterator[Violation]:
    """JSON sent as text, a form instead of JSON, and JSON instead of a form get 415."""
    for exchange in send_wrong_media_types(client):
        if exchange.status != 415:
            yield client.violation(exchange, expected="status 415", actual=describe_status(exchange))


@check(
    "too-large-413",
    on=limits_size,
    rationale="A body without a size limit exhausts the memory of the edge.",
    reference="openapi.yaml, ContentTooLarge; RFC 9110, 15.5.14",
)
def check_size_limit(client: ServerClient) -> Iterator[Violation]:
    """A body of 32 MiB is rejected, or accepted if the profile allows it; the server works afterwards."""
    for operation in select(client, limits_size):
        exchange = send(client, operation.name, **_enlarge(client, operation))
        if is_missing(client, exchange):
            continue
        # A server that closes the connection during the upload may be noticed by the reset only.
        accepted = exchange.status == 413 or (exchange.status == 0 and exchange.error)
        if client.target.profile == "openai":
            accepted = accepted or exchange.status < 500
        if not accepted:
            yield client.violation(exchange, expected="status 413", actual=describe_status(exchange))
    for operation in select(client.base, lambda it: can_be_read(it) and "{" not in it.key)[:1]:
        after = send(client, operation.name)
        if after.status != 200 and not is_missing(client, after):
            expected = "status 200 after a body that is too large"
            yield client.violation(after, expected=expected, actual=describe_status(after))


@check(
    "head-has-no-body",
    on=can_be_read,
    rationale="A client reads a body after HEAD as the next response on the connection.",
    reference="RFC 9110, 9.3.2",
)
def check_head(client: ServerClient) -> Iterator[Violation]:
    """HEAD is accepted or rejected without a body, and the next response is complete."""
    for operation in select(client, can_be_read):
        exchange = send(client, operation.name, method="HEAD")
        if exchange.error or exchange.body or (exchange.status >= 500 and exchange.status != 501):
            expected = "a status below 500 and no body"
            yield client.violation(exchange, expected=expected, actual=describe_status(exchange))
        after = send(client, operation.name)
        if after.status >= 500 or after.error:
            expected = "a complete response after HEAD"
            yield client.violation(after, expected=expected, actual=describe_status(after))


@cache_per_operation
def send_to_unknown_paths(client: ServerClient) -> list[Exchange]:
    """Send valid requests to paths that no operation has; none if the server may have more than the document."""
    exchanges: list[Exchange] = []
    if client.target.profile != "polargrid":
        return exchanges
    for operation in select(client, every_operation):
        path = split_path(operation.build_target(build_parameters(operation)))[0] + _UNKNOWN_SEGMENT
        while methods_at(client.operations, path):
            path += _UNKNOWN_SEGMENT
        exchanges.append(send(client, operation.name, path=path, **build_minimal_request(client, operation)))
    return exchanges


@cache_per_operation
def send_unsupported_methods(client: ServerClient) -> list[Exchange]:
    """Send every method that no operation has to every path; none if the server may have more than the document.

    A path with a template gets the document's example. Operations with one path share the responses.
    """
    exchanges: list[Exchange] = []
    if client.target.profile != "polargrid":
        return exchanges
    with keep_models(client):
        for operation in select(client, every_operation):
            path = split_path(operation.build_target(build_parameters(operation)))[0]
            for method in _COMMON_METHODS:
                if method not in methods_at(client.operations, path):
                    name = ("unsupported method", method, path, operation.requires_key)
                    request = partial(send, client, operation.name, method=method, path=path)
                    exchange = cached(client.base, name, request)
                    exchanges.append(client.record(replace(exchange, operation=operation.name)))
    return exchanges


@cache_per_operation
def send_wrong_media_types(client: ServerClient) -> list[Exchange]:
    """Send valid bodies with a media type that the operation does not accept."""
    exchanges = []
    for operation in select(client, rejects_media_types):
        request = build_minimal_request(client, operation)
        fields = request.get("body", request.get("form", {}))
        content = json.dumps(fields).encode()
        for media_type in ("text/plain", "application/json"):
            if not _accepts(operation, media_type):
                headers = {**request.get("headers", {}), "content-type": media_type}
                exchanges.append(send(client, operation.name, content=content, headers=headers))
        if operation.form_type is None and isinstance(fields, dict):
            form = {name: str(value) for name, value in fields.items()} or {"field": "value"}
            exchanges.append(send(client, operation.name, form=form))
    return exchanges


def _statuses_without_key(exchange: Exchange) -> tuple[int, ...]:
    """Other statuses that a server may send: a path without an operation may need a key, which the request lacks."""
    return (401,) if exchange.key == "none" else ()


def _accepts(operation: DocumentedOperation, media_type: str) -> bool:
    kind = media_type.partition("/")[0]
    return any(name.partition(";")[0].strip() in (media_type, f"{kind}/*", "*/*") for name in operation.contents)


def _enlarge(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """A valid request with 32 MiB of white space, or with a file of that size."""
    request = build_minimal_request(client, operation)
    if operation.json_type is None:
        uploads = tuple(_extend(upload) for upload in request.get("uploads", ()))
        return {**request, "uploads": uploads}
    content = json.dumps(request.pop("body")).encode().ljust(_TOO_LARGE)
    return {**request, "content": content, "headers": {"content-type": operation.json_type}}


def _extend(upload: Upload) -> Upload:
    return replace(upload, data=upload.data.ljust(_TOO_LARGE, b"\0"))
