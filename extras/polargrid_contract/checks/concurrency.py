"""A hundred requests at once: each gets its own response, whole, while others are rejected or leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from polargrid_contract.checks.concurrent_burst import Answer, send_burst
from polargrid_contract.checks.concurrent_probes import Probe, only_reads, read_response
from polargrid_contract.checks.requests import TEXT_OPERATIONS, describe_status, send
from polargrid_contract.checks.tool_calls import list_calls
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.event_streams import check_last
from polargrid_contract.operations import EVENT_STREAM
from polargrid_contract.readers.assembled_stream import Json
from polargrid_contract.readers.event_stream import Stream
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_REFERENCE = "API overview; RFC 9110, 3.7"


@check(
    "concurrent-responses-own",
    on=only_reads,
    rationale="A response to another request shows one user what belongs to another.",
    reference=_REFERENCE,
    together=True,
    exclusive=True,
)
def check_own(client: ServerClient) -> Iterator[Violation]:
    """Each response shows what its request asked for: counts, constants, functions, vectors, ids, names."""
    compared = 0
    for answer, exchange in _iter_received(client):
        if answer.is_expected and not exchange.error and not answer.probe.leaves:
            compared += 1
            error = answer.probe.find_error(exchange)
            if error and not answer.probe.find_error(_send_alone(client, answer.probe)):
                yield client.violation(exchange, expected=f"the response to this request{_AT_ONCE}", actual=error)
    if not compared:
        raise CheckSkipped("the server is too busy to respond to any of these requests")


@check(
    "concurrent-responses-complete",
    on=only_reads,
    rationale="Under load, and while other clients leave, a server answers or says when to come back.",
    reference=f"{_REFERENCE}; openapi.yaml, TooManyRequests and Unavailable",
    together=True,
    exclusive=True,
)
def check_complete(client: ServerClient) -> Iterator[Violation]:
    """Each response has the status that it has alone, or 429 or 503 with Retry-After, and no stream breaks off."""
    for answer in send_burst(client):
        exchange = answer.exchange
        if exchange is None:
            yield Violation(answer.probe.operation, f"a connection{_AT_ONCE}", answer.error)
        elif answer.probe.leaves and exchange.chunks:
            continue
        elif not answer.is_expected and not answer.is_rejected_for_load:
            if 400 not in answer.probe.statuses or exchange.status >= 500:
                expected = f"status {answer.probe.statuses[0]}, or 429 or 503 with Retry-After{_AT_ONCE}"
                yield client.violation(exchange, expected=expected, actual=describe_status(exchange))
        elif error := _find_truncation(client, exchange):
            yield client.violation(exchange, expected=f"a complete response{_AT_ONCE}", actual=error)


@check(
    "concurrent-rejections-own",
    on=TEXT_OPERATIONS,
    rationale="A request that is rejected must not get the text of its neighbour, nor its neighbour the rejection.",
    reference=f"{_REFERENCE}; openapi.yaml, BadRequest",
    together=True,
    exclusive=True,
)
def check_rejections(client: ServerClient) -> Iterator[Violation]:
    """An invalid request among valid ones gets the status of its own mistake."""
    compared = 0
    for answer, exchange in _iter_received(client):
        if answer.probe.statuses[0] >= 400 and answer.probe.operation in TEXT_OPERATIONS:
            compared += 1
            if not answer.is_expected and not answer.is_rejected_for_load and _is_rejected_alone(client, answer.probe):
                expected = f"status {answer.probe.statuses[0]}{_AT_ONCE}"
                yield client.violation(exchange, expected=expected, actual=describe_status(exchange))
    if not compared:
        raise CheckSkipped("none of the invalid requests was sent")


@check(
    "concurrent-ids-unique",
    on=only_reads,
    rationale="An id that two requests share identifies the wrong one, and a stream with two ids is two streams.",
    reference=f"{_REFERENCE}; openapi.yaml, RequestId, ChatCompletionResponse.id and ToolCall.id",
    together=True,
    exclusive=True,
)
def check_ids(client: ServerClient) -> Iterator[Violation]:
    """No two responses share a request id, an id or the id of a tool call; all chunks of a stream have one id."""
    received = [(answer, exchange) for answer, exchange in _iter_received(client) if exchange.status]
    counts = Counter(identity for _, exchange in received for identity in _list_ids(exchange))
    for _, exchange in received:
        if shared := [identity for identity in _list_ids(exchange) if counts[identity] > 1]:
            expected, actual = f"ids that no other response has{_AT_ONCE}", f"{shared[0][0]} {shared[0][1]}"
            yield client.violation(exchange, expected=expected, actual=f"{actual}, {counts[shared[0]]} times")
        ids = (
            {str(chunk.get("id")) for chunk in Stream(exchange).chunks if "id" in chunk} if _is_stream(exchange) else ()
        )
        if len(ids) > 1:
            actual = ", ".join(sorted(ids)[:3])
            yield client.violation(exchange, expected=f"one id in all chunks{_AT_ONCE}", actual=actual)


@check(
    "concurrent-text-as-alone",
    on=TEXT_OPERATIONS,
    rationale="With a seed a text depends on its request only, not on what else the server does.",
    reference="openapi.yaml, seed",
    profiles=("polargrid",),
    together=True,
    exclusive=True,
)
def check_text(client: ServerClient) -> Iterator[Violation]:
    """Each text at temperature 0 is the one that the same request gets alone."""
    compared = 0
    for answer, exchange in _iter_received(client):
        alone = answer.probe.alone
        if alone is None or answer.probe.operation not in TEXT_OPERATIONS or not answer.is_expected:
            continue
        compared += 1
        expected, actual = _read_texts(read_response(alone)), _read_texts(read_response(exchange))
        if actual != expected and _is_reproducible(client, answer.probe, expected):
            yield client.violation(exchange, expected=f"{expected}, as alone", actual=str(actual))
    if not compared:
        raise CheckSkipped("the server is too busy to respond to any of these requests")


_AT_ONCE = ", while others are sent at once"


def _iter_received(client: ServerClient) -> Iterator[tuple[Answer, Exchange]]:
    for answer in send_burst(client):
        if answer.exchange is not None:
            yield answer, answer.exchange


def _send_alone(client: ServerClient, probe: Probe) -> Exchange:
    """Send a request again, alone: what is wrong then as well is reported by other checks, and no matter of load."""
    return send(client, probe.operation, **probe.options)


def _is_rejected_alone(client: ServerClient, probe: Probe) -> bool:
    return _send_alone(client, probe).status in probe.statuses


def _find_truncation(client: ServerClient, exchange: Exchange) -> str:
    if exchange.error:
        return exchange.error
    if not _is_stream(exchange):
        return ""
    declared = next(iter(client.operations[exchange.operation].event_streams), None)
    return next(check_last(declared.rules, Stream(exchange)), "") if declared else ""


def _list_ids(exchange: Exchange) -> list[tuple[str, str]]:
    """The ids that a response alone has, each with its name. An object that is read has the same id each time."""
    header = exchange.response_headers.get("x-request-id", "").strip()
    ids = [("x-request-id", header)] if header else []
    if exchange.operation not in TEXT_OPERATIONS or exchange.status != 200:
        return ids
    body = read_response(exchange)
    calls = list_calls(body.get("choices") or [])
    ids += [("id", str(body["id"]))] if body.get("id") else []
    return ids + [("tool call", str(call["id"])) for call in calls if call.get("id")]


def _is_stream(exchange: Exchange) -> bool:
    return exchange.media_type == EVENT_STREAM


def _read_texts(body: Json) -> list[str]:
    choices = body.get("choices") or []
    return [(it["message"].get("content") or "") if "message" in it else it.get("text") or "" for it in choices]


def _is_reproducible(client: ServerClient, probe: Probe, expected: list[str]) -> bool:
    """Whether the request still gets its text alone; if not, the seed has no effect, which other checks report."""
    assert probe.alone is not None  # noqa: S101 - for the type checker
    again = send(client, probe.operation, body=probe.alone.request)
    return _read_texts(read_response(again)) == expected
