"""HTTP: unknown paths, methods and media types, large bodies, HEAD."""

from __future__ import annotations

import json
from collections.abc import Iterator

from polargrid_contract.cache import cache_per_client
from polargrid_contract.checks.authentication import ALL_OPERATIONS
from polargrid_contract.checks.requests import (
    MUTATING_OPERATIONS,
    UPLOAD_OPERATIONS,
    build_minimal_request,
    describe_status,
    send,
    silent_upload,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import check
from polargrid_contract.results import Violation

_WITH_BODY = tuple(
    name for name in ALL_OPERATIONS if name != "unload_all_models" and not name.startswith(("list", "get", "health"))
)
_UNKNOWN_PATHS = (
    ("list_models", "/v1/no-such-path"),
    ("chat_completion", "/v1/chat/completions/no-such-path"),
    ("load_model", "/v1/models/load/no-such-path"),
)
_TOO_LARGE = 32 * 1024 * 1024


@check(
    "unknown-path-404",
    on=("list_models", "chat_completion", "load_model"),
    rationale="A response from an unknown path looks like the response of an operation.",
    reference="RFC 9110, 15.5.5",
)
def check_unknown_path(client: ServerClient) -> Iterator[Violation]:
    """The status is 404, with a valid key."""
    for exchange in send_to_unknown_paths(client):
        if exchange.status != 404:
            yield client.violation(exchange, expected="status 404", actual=describe_status(exchange))


@check(
    "unknown-method-405",
    on=ALL_OPERATIONS,
    rationale="A client distinguishes an unsupported method from an unknown path, and the request has no effect.",
    reference="RFC 9110, 15.5.6",
)
def check_unknown_method(client: ServerClient) -> Iterator[Violation]:
    """Every other common method gets 405."""
    allowed = (405,) if client.target.profile == "polargrid" else (404, 405, 501)
    for exchange in send_unsupported_methods(client):
        if exchange.status not in allowed:
            yield client.violation(exchange, expected="status 405", actual=describe_status(exchange))


@check(
    "allow-lists-methods",
    on=ALL_OPERATIONS,
    rationale="A 405 lists the supported methods in Allow.",
    reference="RFC 9110, 15.5.6 and 10.2.1",
)
def check_allow(client: ServerClient) -> Iterator[Violation]:
    """Allow contains the method of the operation and not the rejected one."""
    for exchange in send_unsupported_methods(client):
        allow = exchange.response_headers.get("allow")
        methods = {method.strip() for method in (allow or "").split(",")}
        supported = client.routes[exchange.operation][0]
        if exchange.status == 405 and (supported not in methods or exchange.method in methods):
            actual = "no Allow header" if allow is None else f"Allow: {allow}"
            yield client.violation(exchange, expected=f"Allow: {supported}", actual=actual)


@check(
    "unsupported-media-type-415",
    on=_WITH_BODY,
    rationale="A server that ignores Content-Type permits cross-site requests.",
    reference="openapi.yaml, UnsupportedMediaType; RFC 9110, 15.5.16",
    profiles=("polargrid",),
)
def check_media_type(client: ServerClient) -> Iterator[Violation]:
    """JSON sent as text, a form instead of JSON, and JSON instead of a form get 415."""
    for exchange in send_wrong_media_types(client):
        if exchange.status != 415:
            yield client.violation(exchange, expected="status 415", actual=describe_status(exchange))


@check(
    "too-large-413",
    on=("chat_completion",),
    rationale="A body without a size limit exhausts the memory of the edge.",
    reference="openapi.yaml, ContentTooLarge; RFC 9110, 15.5.14",
)
def check_size_limit(client: ServerClient) -> Iterator[Violation]:
    """A body of 32 MiB is rejected, or accepted if the profile allows it; the server works afterwards."""
    content = json.dumps(build_minimal_request(client, "chat_completion")["body"]).encode().ljust(_TOO_LARGE)
    headers = {"content-type": "application/json"}
    exchange = client.require(send(client, "chat_completion", content=content, headers=headers))
    # A server that closes the connection during the upload may be noticed by the reset only.
    accepted = exchange.status == 413 or (exchange.status == 0 and exchange.error)
    if client.target.profile == "openai":
        accepted = accepted or exchange.status < 500
    if not accepted:
        yield client.violation(exchange, expected="status 413", actual=describe_status(exchange))
    after = send(client, "list_models")
    if after.status != 200:
        expected = "status 200 after a body that is too large"
        yield client.violation(after, expected=expected, actual=describe_status(after))


@check(
    "head-has-no-body",
    on=("list_models",),
    rationale="A client reads a body after HEAD as the next response on the connection.",
    reference="RFC 9110, 9.3.2",
)
def check_head(client: ServerClient) -> Iterator[Violation]:
    """HEAD is accepted or rejected without a body, and the next response is complete."""
    exchange = send(client, "list_models", method="HEAD")
    if exchange.error or exchange.body or (exchange.status >= 500 and exchange.status != 501):
        expected = "a status below 500 and no body"
        yield client.violation(exchange, expected=expected, actual=describe_status(exchange))
    after = send(client, "list_models")
    if after.status != 200 or after.error:
        yield client.violation(after, expected="status 200 after HEAD", actual=describe_status(after))


@cache_per_client
def send_to_unknown_paths(client: ServerClient) -> list[Exchange]:
    """Send valid requests to unknown paths."""
    return [send(client, name, path=path, **build_minimal_request(client, name)) for name, path in _UNKNOWN_PATHS]


@cache_per_client
def send_unsupported_methods(client: ServerClient) -> list[Exchange]:
    """Send every unsupported method to every path."""
    exchanges = []
    for name in _select_permitted(client, ALL_OPERATIONS):
        path = client.routes[name][1]
        supported = {method for method, other_path in client.routes.values() if other_path == path}
        methods = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if method not in supported]
        exchanges += [send(client, name, method=method) for method in methods]
    return exchanges


@cache_per_client
def send_wrong_media_types(client: ServerClient) -> list[Exchange]:
    """Send valid bodies with a media type that the operation does not accept."""
    exchanges = []
    for name in _select_permitted(client, _WITH_BODY):
        if name in UPLOAD_OPERATIONS:
            body = {"model": "whisper-1", "file": silent_upload().name}
            exchanges.append(send(client, name, body=body))
            continue
        body = build_minimal_request(client, name)["body"]
        headers = {"content-type": "text/plain"}
        exchanges.append(send(client, name, content=json.dumps(body).encode(), headers=headers))
        form = {field: str(value) for field, value in body.items()} or {"force": "false"}
        exchanges.append(send(client, name, form=form))
    return exchanges


def _select_permitted(client: ServerClient, names: tuple[str, ...]) -> Iterator[str]:
    """Leave out operations that could unload a model of a read-only target, in case the server accepts the request."""
    return (name for name in names if not (client.target.read_only and name in MUTATING_OPERATIONS))
