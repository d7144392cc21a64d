"""While one client reads a stream, others leave: before the response, in the middle of it, in the middle of a request.

The stream is known to be open when each of them leaves, and to have events left that the server sends after that. A
text that is over too early is requested again for one client alone; where that gains nothing, the check could not look
at what the client does, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from polargrid_contract.checks.latency import Latency, confirm, measure_latency
from polargrid_contract.checks.leaving import WatchedStream, find_break, leave_early, leave_midway, leave_stream
from polargrid_contract.checks.long_text import build_long_body
from polargrid_contract.checks.requests import TEXT_OPERATIONS, build_minimal_request, describe_status
from polargrid_contract.checks.streamed_client import can_stream
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

# Of the stream, which show that it goes on: a server may notice late that a client left.
_EVENTS_AFTER = 8
_SECONDS_AFTER = 0.25
_PATIENCE = 0.25  # seconds for the first event of a client that may have to wait for its turn
_STAY_SECONDS = 0.05  # for a server to begin with a request
_ROUNDS = 2
_OPERATIONS = (*TEXT_OPERATIONS, "stream_completion")


def _kind_of(operation: DocumentedOperation) -> str | None:
    return operation.model.kind if operation.model else None


class _Leaver(NamedTuple):
    """A client that leaves; `leave` returns whether the server had not finished with it."""

    description: str
    leave: Callable[[], bool]


class _Watched(NamedTuple):
    """A stream during which clients left, and what came of it."""

    exchange: Exchange
    events: int
    goes_on: bool
    """Whether it went on for long enough after the last of them, so that this client left it as well."""
    gone: list[_Leaver]
    """The clients that left while it was open, in order."""


@check(
    "streams-outlast-other-clients",
    on=_OPERATIONS,
    rationale="A closed window must not end what others read: they get half a text, and pay for a second one.",
    reference="API overview, Streaming; RFC 9110, 3.3 (each request is understood in isolation)",
    exclusive=True,
)
def check_streams(client: ServerClient) -> Iterator[Violation]:
    """A stream goes on while other clients leave: their streams, plain responses and requests."""
    for operation in client.profile_operations:
        if operation.name in _OPERATIONS:
            yield from confirm(partial(_find_violation, client, operation), _ROUNDS)


def _find_violation(client: ServerClient, operation: DocumentedOperation) -> Violation | None:
    leavers = list(_list_leavers(client, operation))
    groups, missed = [leavers], list[_Leaver]()
    while groups:
        group = groups.pop(0)
        watched = _watch(client, operation, group)
        if not watched.goes_on and (actual := _describe_end(client, watched)):
            expected = "a stream that goes on, whoever else leaves"
            return client.violation(watched.exchange, expected=expected, actual=actual)
        rest = [it for it in group if not (watched.goes_on and it in watched.gone)]
        if len(group) > 1:
            groups += [[leaver] for leaver in rest]
        else:
            missed += rest
    if missed:
        kinds = ", ".join(it.description for it in missed)
        raise CheckSkipped(f"texts are over too early to show what becomes of them when others leave: {kinds}")
    return None


def _list_leavers(client: ServerClient, operation: DocumentedOperation) -> Iterator[_Leaver]:
    """Clients of this operation, and beside the first one that streams text, one of each other kind of model."""
    body = build_long_body(client, operation.name)
    patience = _PATIENCE + measure_latency(client).floor
    yield _Leaver(
        "a stream", partial(leave_stream, client, operation.name, _add_stream_option(operation, body), patience)
    )
    if "application/json" in operation.response(200).get("content", {}):
        yield _Leaver("a plain response", partial(leave_early, client, operation, {"body": body}, _STAY_SECONDS))
    yield _Leaver("half a request", partial(leave_midway, client, operation, {"body": body}))
    others = client.base.profile_operations
    if operation.name != next(it.name for it in others if it.name in _OPERATIONS):
        return
    kinds = {_kind_of(it): it for it in others if it.method == "POST" and not it.has_effect and it.model is not None}
    for kind, other in kinds.items():
        if kind in ("chat", None):
            continue
        request = build_minimal_request(client, other)
        leave = leave_midway if other.files else partial(leave_early, seconds=0.0)
        yield _Leaver(f"a request for {other.name}", partial(leave, client, other, request))


def _add_stream_option(operation: DocumentedOperation, body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, **({"stream": True} if can_stream(operation) else {})}


def _watch(client: ServerClient, operation: DocumentedOperation, leavers: list[_Leaver]) -> _Watched:
    """Read a stream, let clients leave while it is open, and leave when it has gone on for long enough."""
    latency: Latency = measure_latency(client)
    body = _add_stream_option(operation, build_long_body(client, operation.name))
    gone: list[_Leaver] = []
    with WatchedStream(client, operation.name, body) as stream:
        goes_on = stream.wait(1)
        for leaver in leavers:
            if stream.is_over:
                break
            if leaver.leave():
                gone.append(leaver)
        # What is on its way when a client leaves was sent before the server could know of it.
        known_at = time.monotonic() + latency.floor + latency.uncertainty
        goes_on = (
            goes_on and stream.wait(_EVENTS_AFTER, since=known_at) and stream.wait(1, since=known_at + _SECONDS_AFTER)
        )
        exchange = stream.leave()
        if exchange.status != 200:
            raise CheckSkipped(f"the request for a long text gets {describe_status(exchange)}")
        return _Watched(exchange, stream.events, goes_on, gone)


def _describe_end(client: ServerClient, watched: _Watched) -> str:
    """Describe how a stream ended earlier than it does alone; empty if it did not, or if no client left."""
    if not watched.gone:
        return ""
    exchange = watched.exchange
    with WatchedStream(client, exchange.operation, exchange.request) as alone:
        goes_on = alone.wait(watched.events + _EVENTS_AFTER)
        reference = alone.leave()
    last = f"after another client left {watched.gone[-1].description}"
    if error := find_break(client, exchange):
        return f"{error}, {last}" if goes_on or not find_break(client, reference) else ""
    # A model may end a text elsewhere if it computes several at once, but hardly in the middle of the same one.
    is_cut = goes_on and _read_text(reference).startswith(_read_text(exchange))
    return f"an end after {watched.events} events, as if it was complete, {last}; alone it goes on" if is_cut else ""


def _read_text(exchange: Exchange) -> str:
    return "".join(Stream(exchange).deltas())
