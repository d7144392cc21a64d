"""Connections as clients really use them: HTTP/1.0, kept, pipelined, waiting for 100, HEAD and OPTIONS."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from polargrid_contract.checks.http import can_be_read
from polargrid_contract.checks.requests import select
from polargrid_contract.checks.wire_comparison import (
    compare_to_plain,
    describe,
    identify,
    is_comparable,
    is_different,
    is_same,
    require,
)
from polargrid_contract.checks.wire_dialects import has_body
from polargrid_contract.checks.wire_probes import find_other, send_plain, send_probes, send_wide
from polargrid_contract.checks.wire_requests import (
    CLOSE,
    MAX_LINGER,
    connect,
    finish,
    is_left_open,
    receive_all,
    send_raw,
)
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, every_operation
from polargrid_contract.results import Violation
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import AUTHORIZATION, RawRequest, cut
from polargrid_contract.wire.response import read_responses

# A client waits a moment for 100 and then sends the body; a distant server needs longer than a near one.
_SECONDS_FOR_100 = 3.0
_MAX_SECONDS_FOR_100 = 8.0
_SECONDS_BETWEEN_PIECES = 0.05  # a server in the same network reads in that time
_VERSION_NOT_SUPPORTED = 505
_UNSUPPORTED_METHOD = (404, 405, 501)


@check(
    "http-1.0-served",
    on=every_operation,
    rationale="Some load balancers and old clients speak HTTP/1.0, and wait for the end of the connection.",
    reference="RFC 9112, 2.3, 6.1 and 9.3",
)
def check_http_10(client: ServerClient) -> Iterator[Violation]:
    """The response is that of HTTP/1.1, and the connection ends behind it, unless the client asks to keep it."""
    refusals = (_VERSION_NOT_SUPPORTED,) if client.target.profile == "openai" else ()
    for operation, plain in _send_plain(client):
        request = replace(_keep(plain.requests[0]), version="1.0")
        sent: list[WireExchange] = []

        def send(operation: DocumentedOperation = operation, request: RawRequest = request) -> WireExchange:
            sent.append(send_raw(client, operation, request, closes=False, linger=1.0))  # noqa: B023 - used at once
            return sent[-1]  # noqa: B023

        yield from compare_to_plain(client, operation, plain, send, label="HTTP/1.0", refusals=refusals)
        if is_left_open(sent[-1]):  # a jitter of the network may delay the end
            sent.append(send_raw(client, operation, request, closes=False, linger=MAX_LINGER))
        if is_left_open(wire := sent[-1]):
            actual = f"the connection is open {wire.lingered:.1f} s after the response"
            yield wire.violation(expected="the end of the connection after a response in HTTP/1.0", actual=actual)


@check(
    "pipelined-requests-in-order",
    on=every_operation,
    rationale="A client that sends the next request early takes the responses in order.",
    reference="RFC 9112, 9.3 and 9.3.2",
)
def check_pipelining(client: ServerClient) -> Iterator[Violation]:
    """Requests sent at once get their responses in order, until one of them closes the connection."""
    for operation, plain in _send_plain(client):
        if plain.responses[0].framing == "close":
            continue  # the connection has to end
        request, other = _keep(plain.requests[0]), find_other(client, operation, plain)
        if operation.method != "GET" and client.target.profile == "openai":
            continue  # a client should not pipeline behind a request that it cannot repeat
        sequence = (request, _keep(other.requests[0]), request, other.requests[0])
        yield from _compare_sequence(
            client, operation, [plain, other, plain, other], partial(send_raw, client, operation, *sequence)
        )


@check(
    "kept-connection-reused",
    on=every_operation,
    rationale="A client that keeps its connection reads a wrong response after one that was framed wrong.",
    reference="RFC 9112, 9.3; RFC 9110, 3.3 (each request is understood in isolation)",
)
def check_kept(client: ServerClient) -> Iterator[Violation]:
    """Requests one after another on one connection, with a key or without, get the responses that they get alone."""
    for operation, plain in _send_plain(client):
        if plain.responses[0].framing == "close":
            continue  # the connection has to end
        other = find_other(client, operation, plain)
        alone = [plain, other, plain, plain]
        alone[2:2] = list(_find_probes(client, operation, "HEAD"))[:1]
        # A key counts for its own request, not for those after it.
        alone[1:1] = [wire for wire in send_probes(client, operation) if _is_without_key(operation, wire)][:1]
        requests = [_keep(wire.requests[0]) for wire in alone[:-1]]
        requests.append(alone[-1].requests[0])
        yield from _compare_sequence(
            client, operation, alone, partial(_send_in_turn, client, operation, tuple(requests))
        )


@check(
    "request-in-pieces",
    on=every_operation,
    rationale="A network delivers a request in as many pieces as it likes, cut anywhere.",
    reference="RFC 9293, 3.8 (a stream of bytes); RFC 9112, 2.2 and 6.3",
)
def check_pieces(client: ServerClient) -> Iterator[Violation]:
    """A request that arrives in pieces is read to its end: cut in its head, behind it, and within a character."""
    for operation in select(client, every_operation):
        require(client, operation)
        plain = send_wide(client, operation) or send_plain(client, operation)
        if plain is not None and is_comparable(plain):
            send = partial(_send_in_pieces, client, operation, plain.requests[0].with_headers(CLOSE))
            yield from compare_to_plain(client, operation, plain, send, label="the request in pieces")


@check(
    "expect-100-continue",
    on=has_body,
    rationale="Clients like curl wait for 100 before they send a large body.",
    reference="RFC 9110, 10.1.1",
)
def check_expect(client: ServerClient) -> Iterator[Violation]:
    """The server sends 100 or the final response without the body, and then the response to the whole request."""
    for operation, plain in _send_plain(client, has_body):
        limit = min(_MAX_SECONDS_FOR_100, client.target.timeout)
        seconds = min(_SECONDS_FOR_100 + 2 * plain.seconds, limit)
        request = plain.requests[0].with_headers(("Expect", "100-continue"))
        wire, waited = _send_expecting(client, operation, request, seconds)
        if waited:
            seconds = limit
            wire, waited = _send_expecting(client, operation, request, seconds)
        if waited:
            actual = f"no response within {seconds:.1f} s"
            yield wire.violation(expected="100, or the final response, before the body is sent", actual=actual)
        elif not is_same(plain.exchange(), wire.exchange()):
            send = partial(_send_expecting, client, operation, request, seconds)
            label = "Expect: 100-continue"
            yield from compare_to_plain(client, operation, plain, lambda it=send: it()[0], label=label)  # type: ignore[misc]


@check(
    "head-like-get",
    on=can_be_read,
    rationale="A client learns type and length of a resource by HEAD.",
    reference="RFC 9110, 9.3.2",
)
def check_head(client: ServerClient) -> Iterator[Violation]:
    """HEAD is unsupported, or it has the status, the type and the length of GET."""
    for operation, plain in _send_plain(client, can_be_read):
        for wire in _find_probes(client, operation, "HEAD"):
            head = wire.exchange()
            # A server may need a key for each method that no operation has.
            if head.status in _UNSUPPORTED_METHOD or (head.status == 401 and head.key == "none"):
                continue
            before, after = plain.exchange(), send_raw(client, operation, *plain.requests).exchange()
            if identify(before)[:2] == identify(after)[:2]:
                yield from _compare_head(wire, before, after)


def _compare_head(wire: WireExchange, before: Exchange, after: Exchange) -> Iterator[Violation]:
    """Compare a response to HEAD with those to GET before and after it."""
    head = wire.exchange()
    if (head.status, head.media_type or before.media_type) != (before.status, before.media_type):
        expected = f"status {before.status} and {before.media_type}, as for GET"
        yield wire.violation(expected=expected, actual=f"status {head.status} and {head.media_type}")
    length = head.response_headers.get("content-length", "")
    if length.isdecimal() and len(before.body) == len(after.body) != int(length):
        expected = f"Content-Length: {len(before.body)}, or none"
        yield wire.violation(expected=expected, actual=f"Content-Length: {length}")


@check(
    "options-answered",
    on=every_operation,
    rationale="Browsers and proxies ask by OPTIONS what a server supports.",
    reference="RFC 9110, 9.3.7",
)
def check_options(client: ServerClient) -> Iterator[Violation]:
    """OPTIONS gets no server error but 501, and a list of methods, if there is one, has that of the operation."""
    for operation in select(client, every_operation):
        for wire in _find_probes(client, operation, "OPTIONS"):
            exchange = wire.exchange()
            if not exchange.status or (exchange.status >= 500 and exchange.status != 501):
                yield wire.violation(expected="a status below 500, or 501", actual=describe(exchange))
            allow = exchange.response_headers.get("allow")
            if 200 <= exchange.status < 300 and allow and operation.method not in _members(allow):
                yield wire.violation(expected=f"Allow: {operation.method}", actual=f"Allow: {allow}")


def _send_plain(
    client: ServerClient, facts: Callable[[DocumentedOperation], bool] = every_operation
) -> Iterator[tuple[DocumentedOperation, WireExchange]]:
    """Yield the operations with the response to their harmless request; without a response there is no comparison."""
    for operation in select(client, facts):
        require(client, operation)
        plain = send_plain(client, operation)
        if plain is not None and is_comparable(plain):
            yield operation, plain


def _find_probes(client: ServerClient, operation: DocumentedOperation, method: str) -> Iterator[WireExchange]:
    return (wire for wire in send_probes(client, operation) if wire.requests[0].method == method)


def _keep(request: RawRequest) -> RawRequest:
    return request.with_headers((CLOSE[0], ""))


def _compare_sequence(
    client: ServerClient,
    operation: DocumentedOperation,
    alone: Sequence[WireExchange],
    send: Callable[[], WireExchange],
) -> Iterator[Violation]:
    """Compare the responses on one connection with those to the same requests alone.

    A difference must occur again: the state of the server may have changed in between.
    """
    before = [single.exchange() for single in alone]
    first = send()
    if _find_difference(before, before, first, first):
        now = [send_raw(client, operation, *single.requests).exchange() for single in alone]
        wire = send()
        if difference := _find_difference(before, now, first, wire):
            index, expected, actual = difference
            yield wire.violation(expected=expected, actual=actual, index=index)


def _find_difference(
    alone: Sequence[Exchange], again: Sequence[Exchange], first: WireExchange, wire: WireExchange
) -> tuple[int, str, str] | None:
    """Find the first response that differs: its index, what is expected and what arrived."""
    for index, (before, now) in enumerate(zip(alone, again, strict=True)):
        if index >= len(wire.responses):
            if wire.responses and wire.responses[-1].head.closes:
                return None
            actual = f"{len(wire.responses)} responses, and {wire.error or 'the end of the connection'}"
            return index, f"{len(alone)} responses, or Connection: close in the last one", actual
        exchange = wire.exchange(index)
        if is_different((before, now), (first.exchange(index), exchange)):
            expected = f"{describe(now)[:80]}, as on a connection of its own"
            return index, expected, f"{describe(exchange)} to request {index + 1} of {len(alone)}"
    return None


def _send_in_turn(
    client: ServerClient, operation: DocumentedOperation, requests: tuple[RawRequest, ...]
) -> WireExchange:
    """Send each request when the response to the one before is complete."""
    methods, started = [request.method for request in requests], time.monotonic()
    with connect(client, *requests) as connection:
        for count, request in enumerate(requests, 1):
            connection.send(request.encode())
            is_complete = receive_all(client, connection, methods[:count], is_quick=True)
            if not is_complete or connection.is_closed:
                break
        return finish(client, operation, requests, connection, time.monotonic() - started)


def _send_in_pieces(client: ServerClient, operation: DocumentedOperation, request: RawRequest) -> WireExchange:
    """Send a request in pieces with pauses, so that each arrives alone; without them as soon as anything arrives."""
    started = time.monotonic()
    with connect(client, request) as connection:
        for part in cut(request):
            connection.send(part)
            connection.receive(lambda data, closed: closed or bool(data), _SECONDS_BETWEEN_PIECES)
        receive_all(client, connection, [request.method], is_quick=True)
        return finish(client, operation, (request,), connection, time.monotonic() - started)


def _send_expecting(
    client: ServerClient, operation: DocumentedOperation, request: RawRequest, seconds: float
) -> tuple[WireExchange, bool]:
    """Send the body when a response arrives, or after so many seconds; return whether they passed."""
    started = time.monotonic()
    with connect(client, request) as connection:
        connection.send(request.head)
        has_begun = connection.receive(lambda data, closed: closed or b"\r\n\r\n" in data, seconds)
        reading = read_responses(connection.received, [request.method], is_closed=connection.is_closed)
        if not reading.responses:  # otherwise the final response is there, and the body is not wanted
            connection.send(request.payload)
        receive_all(client, connection, [request.method], is_quick=True)
        return finish(client, operation, (request,), connection, time.monotonic() - started), not has_begun


def _is_without_key(operation: DocumentedOperation, wire: WireExchange) -> bool:
    """Whether it is the right request of an operation but for its key, which it lacks."""
    request = wire.requests[0]
    is_own = request.method == operation.method and request.version == "1.1" and not request.header(AUTHORIZATION)
    return operation.requires_key and is_own and is_comparable(wire)


def _members(value: str) -> set[str]:
    return {member.strip() for member in value.split(",")}
