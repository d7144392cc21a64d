"""Servers that send the API key back, in any notation and place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias
from urllib.parse import quote

from polargrid_testing.faults.answers import is_event_stream, is_json, iter_pieces, replace_headers, replace_pieces
from polargrid_testing.faults.fields import set_field
from polargrid_testing.faults.registry import fault
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer, Close, Send, Step

Part: TypeAlias = Literal[
    "message", "fields", "details", "text", "html", "request-id", "location", "header-line", "json", "field", "event",
    "event-text", "error-event", "partial", "cut-off",
]  # fmt: skip
Notation: TypeAlias = Literal["plain", "slash", "json", "url", "html", "upper-case"]
_NOTATIONS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "slash": lambda key: key.replace("/", "\\/"),
    "json": lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    "url": lambda key: quote(key, safe=""),
    "html": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "upper-case": str.upper,
}
_BODIES = {
    "message": '{"error": {"message": "Invalid key %s", "code": "%s"}}',
    "fields": '{"error": {"message": "no", "code": "%s", "type": "%s", "param": "%s", "request_id": "%s"}}',
    "details": '{"error": {"message": "no", "details": [{"%s": ["%s"]}]}}',
    "text": '{"error": "no %s"}',
    "html": "<p>Authorization: %s</p>",
    "json": '{"you": "%s"}',
    "cut-off": '{"you": "' + "x" * 180 + '%s"}',
}
_EVENTS = {
    "event": 'data: {"id": ["%s"]}\n\n',
    "event-text": "data: %s\n\n",
    "error-event": 'data: {"error": {"message": "no %s", "type": "server_error"}}\n\n',
}


@fault("key-quoted", phase="response")
def quote_key(
    request: ReceivedRequest,
    answer: Answer,
    *,
    part: Part = "message",
    notation: Notation = "plain",
    status: int | None = None,
    field: str = "model",
) -> Answer | Iterable[Step] | None:
    """The response quotes the API key of the request: in an error, a page, a header, an event, or in a field of it.

    Without a status, an error has 401, and what is no error 200. `field` is a path as of the fault "field".
    """
    key = _NOTATIONS[notation](request.headers.get("authorization", "").removeprefix("Bearer "))
    if part in _EVENTS or part == "partial":
        return _quote_in_stream(answer, part, key)
    if part in ("header-line", "request-id", "location"):
        return _quote_in_headers(answer, part, key)
    if part == "field":
        if not is_json(answer):
            return None
        value = set_field(json.loads(answer.content), field.split("."), key)
        return Answer.json(value, status=status or answer.status)
    media_type = "text/html" if part == "html" else "application/json"
    code = status or {"html": 500, "json": 200, "cut-off": 500}.get(part, 401)
    return Answer(code, {"content-type": media_type}, _BODIES[part].replace("%s", key).encode())


def _quote_in_headers(answer: Answer, part: str, key: str) -> Answer | Iterable[Step]:
    if part == "header-line":
        return [Send(f"HTTP/1.1 200 OK\r\n{key} {key}\r\n\r\n".encode("latin-1")), Close()]
    if part == "request-id":
        return replace_headers(answer, x_request_id=key)
    return replace_headers(Answer(307), location=f"https://{key}/", x_request_id=key)


def _quote_in_stream(answer: Answer, part: str, key: str) -> Answer | Iterable[Step] | None:
    if not is_event_stream(answer):
        return None
    first = next(iter_pieces(answer)).data
    if part != "partial":
        return replace_pieces(answer, [first, _EVENTS[part].replace("%s", key).encode()])
    texts = (key[: len(key) // 2], key[len(key) // 2 :])
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts]
    data = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks]
    return [*list(replace_pieces(answer, data).steps())[:-1], Close()]
