"""Requests and responses as the proxy forwards them, and functions that modify them; pure."""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache
from typing import Any, Literal, overload

from polargrid_contract.document import load_document
from polargrid_contract.operations import DocumentedOperation, read_operations
from polargrid_contract.routing import find_operation, methods_at

KEY = "pg_local"
MODEL = "smollm2-135m"
_MAX_MODIFIED_BODY = 1_000_000  # bytes
Headers = tuple[tuple[str, str], ...]
Leaving = Literal["stream", "plain", "request"]
Chunk = tuple[float, bytes]
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


@cache
def operations() -> dict[str, DocumentedOperation]:
    """The operations of openapi.yaml."""
    return read_operations(load_document())


def supported_methods(path: str) -> list[str]:
    """The methods of a path; empty if it is unknown."""
    return sorted(methods_at(operations(), path))


class Traffic:
    """What happens at the same time in a run: the active requests by operation, and the clients that left early."""

    def __init__(self) -> None:
        self.disconnects = 0
        """Of clients that did not wait for the end of their response."""
        self.left: Counter[Leaving] = Counter()
        """The same by what they left, and with those that left in the middle of a request."""
        self._active: Counter[str] = Counter()
        self._lock = threading.Lock()

    def active(self, *operations: str) -> int:
        """How many requests of these operations are active; of all operations if none is named."""
        with self._lock:
            return sum(self._active[name] for name in operations) if operations else self._active.total()

    def start(self, operation: str) -> None:
        with self._lock:
            self._active[operation] += 1

    def finish(self, operation: str) -> None:
        with self._lock:
            self._active[operation] -= 1

    def mark_disconnect(self, leaving: Leaving) -> None:
        with self._lock:
            self.left[leaving] += 1
            self.disconnects += leaving != "request"


@dataclass(frozen=True)
class Request:
    """A request. `number` counts the requests of a run, `position` those before it on its connection.

    `chunked` and `version` are how it was sent, `packets` the reads in which its body arrived, and `is_pipelined` says
    that another request follows it already. With `detached` the edge responds to the end even if the client leaves.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    number: int = 0
    position: int = 0
    version: str = "HTTP/1.1"
    chunked: bool = False
    packets: int = 1
    is_pipelined: bool = False
    detached: bool = False
    traffic: Traffic = field(default_factory=Traffic, compare=False, repr=False)

    @property
    def origin_form(self) -> str:
        """The target without scheme and host, which a client may send."""
        return re.sub(r"^https?://[^/]+", "", self.target)

    @property
    def path(self) -> str:
        return self.origin_form.partition("?")[0]

    @property
    def operation(self) -> str:
        """The operationId; empty for an unknown path or method."""
        found = find_operation(operations(), self.method, self.origin_form)
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


class Chunks(Sequence[Chunk]):
    """Chunks that arrive while they are read, and are kept. Iterating reads on; the length reads to the end."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._source = source
        self._chunks: list[Chunk] = []

    def __iter__(self) -> Iterator[Chunk]:
        position = 0
        while position < len(self._chunks) or self._read():
            yield self._chunks[position]
            position += 1

    def __len__(self) -> int:
        while self._read():
            pass
        return len(self._chunks)

    @overload
    def __getitem__(self, position: int) -> Chunk: ...
    @overload
    def __getitem__(self, position: slice) -> tuple[Chunk, ...]: ...
    def __getitem__(self, position: int | slice) -> Chunk | tuple[Chunk, ...]:
        chunks = tuple(self)
        return chunks[position]

    def _read(self) -> bool:
        chunk = next(self._source, None)
        if chunk is not None:
            self._chunks.append(chunk)
        return chunk is not None


@dataclass(frozen=True)
class Wire:
    """How a response is written, where that is not as HTTP says."""

    before: bytes = b""
    """Before the head."""
    after: bytes = b""
    """After the end of the response."""
    extra_length: int = 0
    """What Content-Length has too many; negative if it has too few."""
    lengths: int = 1
    """How many Content-Length headers there are."""
    has_unexpected_body: bool = False
    """Whether a body follows where none may: after HEAD."""
    is_always_chunked: bool = False
    """Whether the body is chunked even for HTTP/1.0."""
    has_length_and_chunks: bool = False
    omits_last_chunk: bool = False
    line_end: bytes = b"\r\n"
    """The end of each line of the head."""
    drops_next: bool = False
    """Whether the requests that arrived behind this one are lost."""
    stays_open: bool = False
    """Whether the connection is kept although it was to be closed."""
    colon: str = ": "
    """What is between the name and the value of a header."""
    reason: str | None = None
    """The reason behind the status, if it is not the usual one."""
    chunk_extension: bytes = b""
    trailers: bytes = b""
    in_bytes: bool = False
    """Whether each byte of the head is sent alone."""


@dataclass(frozen=True)
class Response:
    """A response: its chunks and when each arrives, in seconds since the request. `truncated`: the end is missing.

    Chunks that a change does not read are sent as they arrive from the edge.
    """

    status: int
    headers: Headers
    chunks: Sequence[Chunk] = ()
    truncated: bool = False
    chunked: bool = field(default=False, kw_only=True)
    """Whether it is sent with Transfer-Encoding: chunked."""
    closes: bool = field(default=False, kw_only=True)
    """Whether the connection is closed after it, and the response says so."""
    wire: Wire = field(default=Wire(), kw_only=True)

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
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
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

    def with_wire(self, **changes: Any) -> Response:
        """Write it in another way."""
        return replace(self, wire=replace(self.wire, **changes))

    def with_live_chunks(self, modify: Callable[[Iterable[Chunk]], Iterator[Chunk]]) -> Response:
        """Modify the chunks while they arrive."""
        return replace(self, chunks=Chunks(modify(self.chunks)))

    def with_events(self, events: Iterable[Chunk], end: bytes = b"\n\n") -> Response:
        return replace(self, chunks=tuple((seconds, event + end) for seconds, event in events))


def build_response(status: int, body: Any, media_type: str = "application/json") -> Response:
    """Build a response that does not come from the edge."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (
        ("date", formatdate(usegmt=True)),
        ("content-type", media_type),
        ("x-request-id", f"req_{secrets.token_hex(16)}"),
    )
    return Response(status, headers, ((0.0, content),))


def build_error(status: int, error_type: str, message: str = "The request is rejected.") -> Response:
    """Build an error response in PolarGrid's format."""
    return build_response(status, {"error": {"message": message, "type": error_type, "code": "rejected"}})


Forward = Callable[[Request], Response]
Change = Callable[[Request, Forward], Response]


def forward_unchanged(request: Request, forward: Forward) -> Response:
    """Change nothing."""
    return forward(request)
