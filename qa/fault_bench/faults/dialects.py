"""Faults of the dialect of a request: what one client library sends works, and what another one sends does not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from qa.fault_bench.faults.seeded import CHAT, READING_OPERATIONS, TEXT_OPERATIONS, UPLOAD_OPERATIONS, fault
from qa.fault_bench.messages import Change, Forward, Request, Response, build_error

_JSON_OPERATIONS = (*TEXT_OPERATIONS, "create_embedding", "load_model")
_ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")
_SURROGATES = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]")
_EXPONENT = re.compile(rb"[:,\[]\s*-?\d+(\.\d+)?[eE][+-]?\d+\s*[,}\]]")


def _reject(
    is_rejected: Callable[[Request], object], status: int = 400, error_type: str = "invalid_request_error"
) -> Change:
    """Reject requests that the edge accepts."""

    def apply(request: Request, forward: Forward) -> Response:
        return build_error(status, error_type) if is_rejected(request) else forward(request)

    return apply


def _is_json(request: Request) -> bool:
    return request.header("content-type").lower().startswith("application/json")


def _has_charset(request: Request) -> bool:
    return _is_json(request) and "charset" in request.header("content-type").lower()


def _has_upper_case_type(request: Request) -> bool:
    return _is_json(request) and not request.header("content-type").startswith("application/json")


def _has_other_scheme_case(request: Request) -> bool:
    value = request.header("authorization")
    return value.lower().startswith("bearer ") and not value.startswith("Bearer ")


def _has_quoted_boundary(request: Request) -> bool:
    return 'boundary="' in request.header("content-type")


def _has_header_in_capitals(request: Request) -> bool:
    return any(name == "AUTHORIZATION" for name, _ in request.headers)


def _has_weighted_accept(request: Request) -> bool:
    return ";" in request.header("accept")


def _starts_with_space(request: Request) -> bool:
    return _is_json(request) and request.body[:1] in b" \t\r\n" and bool(request.body.strip())


def _has_model_last(request: Request) -> bool:
    return request.operation in TEXT_OPERATIONS and list(request.json)[-1:] == ["model"]


def _has_space_before_colon(request: Request) -> bool:
    """Whether there is white space between a name and its colon."""
    return _is_json(request) and bool(request.json) and re.search(rb'"\s+:', request.body) is not None


fault("R01", "dialects", "A charset in the Content-Type of JSON is refused.", on=_JSON_OPERATIONS)(
    _reject(_has_charset, 415)
)
fault("R02", "dialects", "Chunked bodies get 411.", on=_JSON_OPERATIONS)(_reject(lambda request: request.chunked, 411))
fault("R03", "dialects", "HTTP/1.0 gets 505.", on=READING_OPERATIONS)(
    _reject(lambda request: request.version == "HTTP/1.0", 505, "server_error")
)
fault("R04", "dialects", "The scheme of the key is case-sensitive.", on=READING_OPERATIONS)(
    _reject(_has_other_scheme_case, 401, "authentication_error")
)
fault("R05", "dialects", "Escapes of characters in JSON are refused.", on=CHAT)(
    _reject(lambda request: _is_json(request) and _ESCAPE.search(request.body))
)
fault("R06", "dialects", "Surrogate pairs in JSON get 500.", on=CHAT)(
    _reject(lambda request: _is_json(request) and _SURROGATES.search(request.body), 500, "server_error")
)
fault("R07", "dialects", "The second request of a kept connection gets 400.", on=READING_OPERATIONS)(
    _reject(lambda request: request.position == 1)
)
fault("R08", "dialects", "The media type of a request is case-sensitive.", on=_JSON_OPERATIONS)(
    _reject(_has_upper_case_type, 415)
)
fault("R09", "dialects", "Header names are case-sensitive.", on=READING_OPERATIONS)(
    _reject(_has_header_in_capitals, 401, "authentication_error")
)
fault("R10", "dialects", "An Accept with weights gets 406.", on=READING_OPERATIONS)(_reject(_has_weighted_accept, 406))
fault("R11", "dialects", "White space before the JSON is refused.", on=_JSON_OPERATIONS)(_reject(_starts_with_space))
fault("R12", "dialects", "The model must precede the other fields.", on=TEXT_OPERATIONS)(_reject(_has_model_last))
fault("R13", "dialects", "Numbers with an exponent get 500.", on=TEXT_OPERATIONS)(
    _reject(lambda request: _is_json(request) and _EXPONENT.search(request.body), 500, "server_error")
)
fault("R14", "dialects", "Expect: 100-continue gets 417.", on=_JSON_OPERATIONS)(
    _reject(lambda request: request.header("expect"), 417)
)
fault("R15", "dialects", "A boundary in quotes is not found.", on=UPLOAD_OPERATIONS)(_reject(_has_quoted_boundary))
fault("R16", "dialects", "OPTIONS gets 500.", on=READING_OPERATIONS)(
    _reject(lambda request: request.method == "OPTIONS", 500, "server_error")
)
fault("R17", "dialects", "White space before a colon of JSON is refused.", on=_JSON_OPERATIONS)(
    _reject(_has_space_before_colon)
)


@fault("R18", "dialects", "Chunked bodies are read as empty.", on=_JSON_OPERATIONS)
def ignore_chunked_body(request: Request, forward: Forward) -> Response:
    return forward(replace(request, body=b"") if request.chunked else request)


@fault("R19", "dialects", "Only the first of pipelined requests is processed.", on=READING_OPERATIONS)
def drop_pipelined_requests(request: Request, forward: Forward) -> Response:
    return forward(request).with_wire(drops_next=True)


@fault("R20", "dialects", "Of a body in several packets only the first is read.", on=_JSON_OPERATIONS)
def read_first_packet(request: Request, forward: Forward) -> Response:
    is_split = _is_json(request) and request.packets > 1 and len(request.body) < 16_384
    return forward(replace(request, body=request.body[: len(request.body) // 2]) if is_split else request)


@fault("R21", "dialects", "Escapes of characters in JSON are not decoded.", on=CHAT)
def keep_escapes(request: Request, forward: Forward) -> Response:
    if not (_is_json(request) and request.json and _ESCAPE.search(request.body)):
        return forward(request)
    body = _ESCAPE.sub(lambda escape: b"\\" + escape[0], request.body)
    return forward(replace(request, body=json.dumps(json.loads(body)).encode()))


@fault("R22", "dialects", "The key of an earlier request of a connection is used.", on=READING_OPERATIONS)
def keep_key_of_connection(request: Request, forward: Forward) -> Response:
    return forward(request.with_key() if request.position else request)
