"""Reads the data of a cassette, which a person may have edited: what is wrong is named with its place; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from polargrid_testing.cassettes.body_notation import build_body
from polargrid_testing.cassettes.recording import End, Interaction, RecordedPiece, RecordedRequest, RecordedResponse

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOTATIONS = ("json", "style", "text", "base64")


def read_interactions(data: Any) -> list[Interaction]:
    """Return the interactions of a cassette. Raises ValueError, which names the place and what is expected there."""
    fields = _read_mapping(data, "the file", ("version", "interactions"))
    items = fields["interactions"]
    if items is not None and not isinstance(items, list):
        raise _build_error("interactions", "a list", items)
    return [_read_interaction(item, f"interactions[{number}]") for number, item in enumerate(items or ())]


def _read_interaction(data: Any, location: str) -> Interaction:
    fields = _read_mapping(data, location, ("request", "response"))
    return Interaction(
        _read_request(fields["request"], f"{location}.request"),
        _read_response(fields["response"], f"{location}.response"),
    )


def _read_request(data: Any, location: str) -> RecordedRequest:
    fields = _read_mapping(data, location, ("method", "origin", "path"), ("query", "headers", "body"))
    method, origin, path = (_read_text(fields[name], f"{location}.{name}") for name in ("method", "origin", "path"))
    query = [
        _read_headers(pair, f"{location}.query") for pair in _read_list(fields.get("query", []), f"{location}.query")
    ]
    pairs = tuple(pair for item in query for pair in item.items())
    headers = _read_headers(fields.get("headers", {}), f"{location}.headers")
    body = fields.get("body")
    if body is not None and not isinstance(body, dict):
        raise _build_error(f"{location}.body", "a mapping", body)
    return RecordedRequest(method, origin, path, pairs, headers, body)


def _read_response(data: Any, location: str) -> RecordedResponse:
    fields = _read_mapping(data, location, ("status",), ("ms", "headers", "body", "stream", "end"))
    status = fields["status"]
    if type(status) is not int or (status != 0 and not 100 <= status <= 999):
        raise _build_error(f"{location}.status", "a status of HTTP, or 0 for no response", status)
    headers = {
        name.lower(): value for name, value in _read_headers(fields.get("headers", {}), f"{location}.headers").items()
    }
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or re.search(r"[\r\n\0]", value):
            raise _build_error(f"{location}.headers", "headers of HTTP", {name: value})
    body: bytes | tuple[RecordedPiece, ...] = b""
    if "stream" in fields:
        pieces = _read_list(fields["stream"], f"{location}.stream")
        body = tuple(_read_piece(item, f"{location}.stream[{number}]") for number, item in enumerate(pieces))
    elif "body" in fields:
        body = _read_body(fields["body"], f"{location}.body")
    end = fields.get("end", "complete")
    if end not in get_args(End):
        raise _build_error(f"{location}.end", f"one of {', '.join(get_args(End))}", end)
    return RecordedResponse(status, headers, body, _read_ms(fields, location), end)


def _read_piece(data: Any, location: str) -> RecordedPiece:
    fields = _read_mapping(data, location, (), ("ms", *_NOTATIONS))
    return RecordedPiece(
        _read_body({name: fields[name] for name in fields if name != "ms"}, location), _read_ms(fields, location)
    )


def _read_body(data: Any, location: str) -> bytes:
    fields = _read_mapping(data, location, (), _NOTATIONS)
    try:
        return build_body(fields)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{location}: {error}") from None


def _read_ms(fields: Mapping[str, Any], location: str) -> int:
    ms = fields.get("ms", 0)
    if type(ms) not in (int, float) or not 0 <= ms < 2**31:
        raise _build_error(f"{location}.ms", "milliseconds", ms)
    return int(ms)


def _read_headers(data: Any, location: str) -> dict[str, str]:
    if not isinstance(data, dict):
        raise _build_error(location, "names and texts", data)
    return {_read_text(name, location): _read_text(value, f"{location}.{name}") for name, value in data.items()}


def _read_text(value: Any, location: str) -> str:
    if type(value) in (int, float):  # it was written without quotes
        return str(value)
    if not isinstance(value, str):
        raise _build_error(location, "a text", value)
    return value


def _read_list(value: Any, location: str) -> list[Any]:
    if not isinstance(value, list):
        raise _build_error(location, "a list", value)
    return value


def _read_mapping(
    value: Any, location: str, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Mapping[str, Any]:
    allowed = (*required, *optional)
    if not isinstance(value, dict):
        raise _build_error(location, f"a mapping of {', '.join(allowed)}", value)
    if missing := [name for name in required if name not in value]:
        raise ValueError(f"{location}: {missing[0]} is missing")
    if unknown := [name for name in value if name not in allowed]:
        raise ValueError(f"{location}: unknown name {unknown[0]!r}; expected one of: {', '.join(allowed)}")
    return cast("Mapping[str, Any]", value)


def _build_error(location: str, expected: str, value: Any) -> ValueError:
    text = repr(value)
    return ValueError(f"{location}: expected {expected}, not {text if len(text) < 80 else text[:80] + '...'}")
