"""Requests and responses as the proxy forwards them, and functions that modify them; pure."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from polargrid_contract.document import load_document
from polargrid_contract.operations import DocumentedOperation, read_operations
from polargrid_contract.routing import find_operation, methods_at

KEY = "pg_local"
MODEL = "smollm2-135m"
_MAX_MODIFIED_BODY = 1_000_000  # bytes
Headers = tuple[tuple[str, str], ...]
Chunk = tuple[float, bytes]
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_BOUNDARY = re.compile(r"boundary=\"?([^\";,]+)")


@cache
def operations() -> dict[str, DocumentedOperation]:
    """The operations of openapi.yaml."""
    return read_operations(load_document())


def supported_methods(path: str) -> list[str]:
    """The methods of a path; empty if it is unknown."""
    return sorted(methods_at(operations(), path))


@dataclass(frozen=True)
class Request:
    """A request. `number` counts the requests of a run, `disconnects` the streams that clients closed early."""

    method: str
    target: str
    headers: Headers
    body: bytes
    number: int = 0
    disconnects: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def operation(self) -> str:
        """The operationId; empty for an unknown path or method."""
        found = find_operation(operations(), self.method, self.target)
        return found.name if found else ""

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object in the body; empty if there is none."""
        try:
            parsed = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return parsed if isinstance(parsed, dict) else {}

    @property
    def is_stream(self) -> bool:
        return self.json.get("stream") is True

    def header(self, name: str) -> str:
        return next((value for other, value in self.headers if other.lower() == name), "")

    def with_header(self, name: str, value: str) -> Request:
        others = tuple(pair for pair in self.headers if pair[0].lower() != name)
        return replace(self, headers=(*others, (name, value)))

    def with_key(self) -> Request:
        return self.with_header("authorization", f"Bearer {KEY}")

    def with_fields(self, **fields: Any) -> Request:
        """Set fields of the JSON object; a field that is `...` is removed. Other bodies are not modified."""
        if not self.json or len(self.body) > _MAX_MODIFIED_BODY:  # a larger body is rejected for its size
            return self
        body = {name: value for name, value in {**self.json, **fields}.items() if value is not ...}
        return replace(self, body=json.dumps(body).encode())

    def form_field(self, name: str) -> str:
        match = re.search(rb'name="%b"\r\n\r\n([^\r]*)' % name.encode(), self.body)
        return match.group(1).decode() if match else ""

    @property
    def identity(self) -> tuple[str, str, str, str, bytes]:
        """Equal for equal requests; the boundary of a form makes no difference."""
        content_type, body = self.header("content-type"), self.body
        if match := _BOUNDARY.search(content_type):
            content_type, body = "form", body.replace(match.group(1).encode(), b"-")
        return self.method, self.target, content_type, self.header("authorization"), body

    @property
    def plain_identity(self) -> str:
        """Equal for a plain request and the same request streamed."""
        fields = {name: value for name, value in self.json.items() if name not in {"stream", "stream_options"}}
        return f"{self.path} {json.dumps(fields, sort_keys=True)}"


@dataclass(frozen=True)
class Response:
    """A response: its chunks and when each arrives, in seconds since the request. `truncated`: the end is missing."""

    status: int
    headers: Headers
    chunks: tuple[Chunk, ...] = ()
    truncated: bool = False
    chunked: bool = field(default=False, kw_only=True)
    """Whether it is sent with Transfer-Encoding: chunked."""

    @property
    def body(self) -> bytes:
        return b"".join(data for _, data in self.chunks)

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_success(self) -> bool:
        return self.status == 200

    def header(self, name: str) -> str:
        return next((value for other, value in self.headers if other.lower() == name), "")

    def with_header(self, name: str, value: str | None) -> Response:
        """Replace a header; None removes it."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name)
        return replace(self, headers=others if value is None else (*others, (name, value)))

    def with_body(self, body: bytes) -> Response:
        """Replace the body by one chunk at the time of the last one."""
        return replace(self, chunks=((self.chunks[-1][0] if self.chunks else 0.0, body),))

    def with_json(self, body: Any) -> Response:
        return self.with_body(json.dumps(body).encode())

    @property
    def is_stream(self) -> bool:
        return self.is_success and self.header("content-type").startswith("text/event-stream")

    @property
    def events(self) -> list[Chunk]:
        """Each event of a stream, without its blank line, and when its end arrives."""
        events, rest = [], b""
        for seconds, data in self.chunks:
            *complete, rest = _EVENT_END.split(rest + data)
            events += [(seconds, event) for event in complete]
        return events

    def with_events(self, events: Iterable[Chunk], end: bytes = b"\n\n") -> Response:
        return replace(self, chunks=tuple((seconds, event + end) for seconds, event in events))


def build_response(status: int, body: Any, media_type: str = "application/json") -> Response:
    """Build a response that does not come from the edge."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (("content-type", media_type), ("x-request-id", f"req_{secrets.token_hex(16)}"))
    return Response(status, headers, ((0.0, content),))


def build_error(status: int, error_type: str, message: str = "The request is rejected.") -> Response:
    """Build an error response in PolarGrid's format."""
    return build_response(status, {"error": {"message": message, "type": error_type, "code": "rejected"}})


Forward = Callable[[Request], Response]
Change = Callable[[Request, Forward], Response]


def forward_unchanged(request: Request, forward: Forward) -> Response:
    """Change nothing."""
    return forward(request)
