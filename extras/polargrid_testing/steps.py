"""What a server does on a connection, step by step: the bytes it sends, when, and how the connection ends.

A response is an iterable of steps. Correct responses, faults and replayed recordings are all made of them.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeAlias

Headers: TypeAlias = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, or until the client disconnects."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Receive:
    """Read the body of the request: this many bytes of it, or the rest."""

    size: int | None = None
    keep: bool = True
    """Whether the request has it, if it is responded to."""


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until this function returns True, such as `is_set` of a `threading.Event`, or the client disconnects."""

    is_due: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class ReceiveRequest:
    """Read a request, with or without its body, as a step of a connection. A generator of steps gets it."""

    body: bool = True


@dataclass(frozen=True, slots=True)
class AwaitClose:
    """Wait until the client disconnects. A generator of steps gets whether it did; False: it sent something."""


@dataclass(frozen=True, slots=True)
class AwaitData:
    """Wait until the client sends something, and leave it unread: the system answers a close with a reset then.

    A generator of steps gets what arrived.
    """


@dataclass(frozen=True, slots=True)
class Stall:
    """Do nothing until the client disconnects."""


@dataclass(frozen=True, slots=True)
class SendTogether:
    """Send these parts in one write. Over TLS, each is a record of its own."""

    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StartTLS:
    """Start TLS with this context, or, as a step of a new connection, stay without TLS (None)."""

    context: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection. Without a step that ends it, a connection is used for further requests."""

    notify: bool = True
    """Whether TLS announces the end (close_notify)."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Close the connection with a TCP reset."""


@dataclass(frozen=True, slots=True)
class Respond:
    """Read the rest of the request, and respond to it as without the steps before."""


Step: TypeAlias = (
    Send
    | SendTogether
    | StartTLS
    | Pause
    | Until
    | Receive
    | ReceiveRequest
    | AwaitClose
    | AwaitData
    | Stall
    | Close
    | Reset
    | Respond
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a body, sent as one chunk."""

    data: bytes
    delay: float = 0.0
    """Seconds to wait before it is sent."""


@dataclass(frozen=True)
class Answer:
    """A correct response. `body` is bytes, sent with Content-Length, or pieces, sent as chunks."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """With `content-type`; the headers that frame the body are added."""
    body: bytes | tuple[Piece, ...] = b""
    delay: float = 0.0
    """Seconds to wait before the response starts."""

    @classmethod
    def json(cls, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        """A response with a JSON body."""
        body = json.dumps(value, ensure_ascii=False).encode()
        return cls(status, {"content-type": "application/json", **(headers or {})}, body)

    @property
    def media_type(self) -> str:
        """The media type, in lower case, without parameters; empty without one."""
        value = next((value for name, value in self.headers.items() if name.lower() == "content-type"), "")
        return value.partition(";")[0].strip().lower()

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self.body if isinstance(self.body, bytes) else b"".join(item.data for item in self.body)

    def steps(self, *, has_body: bool = True) -> Iterator[Step]:
        """Yield the steps of this response; the one to a HEAD request has no body."""
        if self.delay:
            yield Pause(self.delay)
        if isinstance(self.body, bytes):
            yield Send(render_head(self.status, [*self.headers.items(), ("content-length", str(len(self.body)))]))
            if self.body and has_body:
                yield Send(self.body)
            return
        yield Send(render_head(self.status, [*self.headers.items(), ("transfer-encoding", "chunked")]))
        if not has_body:
            return
        for item in self.body:
            if item.delay:
                yield Pause(item.delay)
            if item.data:  # an empty chunk would end the body
                yield Send(render_chunk(item.data))
        yield Send(render_chunk(b""))


def render_head(status: int, headers: Headers, *, version: str = "HTTP/1.1") -> bytes:
    """Return a status line and headers as bytes."""
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    lines = [f"{version} {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def render_chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked body; an empty one ends the body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def render_event(data: str, *, name: str | None = None) -> bytes:
    """Return an event of a stream with this data."""
    lines = [*([f"event: {name}"] if name else []), *(f"data: {line}" for line in data.split("\n"))]
    return "\n".join([*lines, "", ""]).encode()
