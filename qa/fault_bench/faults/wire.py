"""Faults of the bytes of a response, which client libraries repair or hide."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

from qa.fault_bench.faults.seeded import CHAT, READING_OPERATIONS, STREAM_OPERATIONS, TEXT_OPERATIONS, fault
from qa.fault_bench.messages import Forward, Request, Response, build_error

_GET = (*READING_OPERATIONS, "get_gpu_status", "get_gpu_memory")
_SOME = ("health", "get_model_status")
_PLAIN = (*READING_OPERATIONS, *TEXT_OPERATIONS)


def _wire(
    name: str,
    description: str,
    change: Callable[[Response], Response],
    *,
    on: tuple[str, ...] = READING_OPERATIONS,
    where: Callable[[Request, Response], bool] = lambda _, response: response.is_success,
) -> None:
    """Write the responses for which `where` is true in another way."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        return change(response) if where(request, response) else response

    fault(name, "wire", description, on=on)(apply)


def _has_status(*statuses: int) -> Callable[[Request, Response], bool]:
    return lambda _, response: response.status in statuses


def _is_plain(_: Request, response: Response) -> bool:
    return response.is_success and not response.is_stream


def _is_of_some(request: Request, response: Response) -> bool:
    """Without the list of models: libraries reject these responses, and a run needs that list."""
    return response.is_success and request.operation in _SOME


def _is_head(request: Request, _: Response) -> bool:
    return request.method == "HEAD"


def _is_old(request: Request, _: Response) -> bool:
    return request.version == "HTTP/1.0"


def _compress(response: Response) -> Response:
    return response.with_body(gzip.compress(response.body)).with_header("content-encoding", "gzip")


def _add_header(name: str, value: str) -> Callable[[Response], Response]:
    return lambda response: replace(response, headers=(*response.headers, (name, value)))


def _chunk(response: Response) -> Response:
    return replace(response.with_body(response.body), chunked=True)


_wire(
    "W01",
    "A response to HEAD has a body.",
    lambda response: response.with_body(b'{"status": "ok"}').with_wire(has_unexpected_body=True),
    where=_is_head,
)
_wire(
    "W02",
    "A response is preceded by 100 Continue that no request asked for.",
    lambda response: response.with_wire(before=b"HTTP/1.1 100 Continue\r\n\r\n"),
    on=_GET,
)
_wire(
    "W03",
    "A client of HTTP/1.0 gets an interim response.",
    lambda response: response.with_wire(before=b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    where=_is_old,
)
_wire(
    "W04", "Bytes follow the end of a response.", lambda response: response.with_wire(after=b"\r\n0\r\n\r\n"), on=_PLAIN
)
_wire(
    "W05",
    "Content-Length is a byte too short.",
    lambda response: response.with_body(response.body).with_wire(extra_length=-1),
    where=_is_plain,
)
_wire(
    "W06",
    "Content-Length is a byte too long.",
    lambda response: replace(response.with_body(response.body), closes=True).with_wire(extra_length=1),
    where=_is_plain,
)
_wire(
    "W07",
    "401 has no WWW-Authenticate.",
    lambda response: response.with_header("www-authenticate", None),
    where=_has_status(401),
)
_wire(
    "W08",
    "WWW-Authenticate names another scheme.",
    lambda response: response.with_header("www-authenticate", 'Digest realm="edge"'),
    where=_has_status(401),
)
_wire(
    "W09",
    "Allow names only a method that is not supported.",
    lambda response: response.with_header("allow", "PATCH"),
    where=_has_status(405),
)
_wire("W10", "A header has a control character.", _add_header("x-served-by", "edge\x01\x7f"))
_wire("W11", "A header name has a space.", _add_header("x served by", "edge"), on=_SOME, where=_is_of_some)
_wire(
    "W12",
    "A client of HTTP/1.0 gets chunks.",
    lambda response: _chunk(response).with_wire(is_always_chunked=True),
    where=_is_old,
)
_wire("W13", "Responses are compressed though not asked.", _compress, on=_PLAIN, where=_is_plain)
_wire(
    "W14",
    "A response has two Content-Length headers that differ.",
    lambda response: response.with_body(response.body).with_wire(lengths=2),
    on=_SOME,
    where=_is_of_some,
)
_wire(
    "W15",
    "The last chunk of a stream is missing.",
    lambda response: replace(response, chunked=True, closes=True).with_wire(omits_last_chunk=True),
    on=STREAM_OPERATIONS,
    where=lambda _, response: response.is_stream,
)
_wire("W16", "The lines of a head end with LF alone.", lambda response: response.with_wire(line_end=b"\n"))
_wire(
    "W17",
    "A connection that the client wants closed is kept.",
    lambda response: response.with_wire(stays_open=True),
)
_wire("W18", "Date is no date of HTTP.", lambda response: response.with_header("date", "2026-11-30 12:00:00"))
_wire(
    "W19",
    "A response has a length and chunks.",
    lambda response: _chunk(response).with_wire(has_length_and_chunks=True),
    where=_is_plain,
)
_wire(
    "W20",
    "JSON is declared as another character set.",
    lambda response: response.with_header("content-type", "application/json; charset=utf-16"),
    where=_is_plain,
    on=_PLAIN,
)
_wire("W21", "A response names an encoding that its body has not.", _add_header("content-encoding", "gzip"), on=_PLAIN)


@fault("W22", "wire", "Some responses are 503 without Retry-After.", on=CHAT)
def omit_retry_after_of_503(request: Request, forward: Forward) -> Response:
    is_unavailable = request.operation == "chat_completion" and request.number % 20 == 0
    return build_error(503, "server_error") if is_unavailable else forward(request)


@fault("W23", "wire", "A response to HEAD has another status than the one to GET.", on=READING_OPERATIONS)
def fail_head(request: Request, forward: Forward) -> Response:
    return build_error(500, "server_error") if request.method == "HEAD" else forward(request)
