"""What a cassette holds: requests as far as they are compared, and responses as they were received."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

End = Literal["complete", "cut", "disconnect", "unreachable"]


@dataclass(frozen=True)
class RecordedRequest:
    """A request without credentials, and without what differs each time it is sent."""

    method: str
    origin: str
    """The base URL it was sent to; `local` for any port of this machine. It is no part of a match."""
    path: str
    """As it was sent, below the base URL."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, sorted."""
    headers: dict[str, str] = field(default_factory=dict)
    """Those that openapi.yaml declares as parameters."""
    body: dict[str, Any] | None = None
    """`json`, `form`, `text`, or `size` and `sha256`: see `request_bodies`."""

    @cached_property
    def key(self) -> str:
        """Equal for requests that match."""
        facts = [self.method, self.path, self.query, self.headers, self.body]
        return json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)


@dataclass(frozen=True)
class RecordedPiece:
    """A part of a body as it arrived."""

    data: bytes
    ms: int = 0
    """Milliseconds since the piece before, or since the headers."""


@dataclass(frozen=True)
class RecordedResponse:
    """A response. `body` is bytes if the server announced its length, else the pieces of a stream."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """Those that a cassette keeps, by their names in lower case."""
    body: bytes | tuple[RecordedPiece, ...] = b""
    ms: int = 0
    """Milliseconds from the request to the headers."""
    end: End = "complete"
    """`cut`: the server broke it off; `disconnect`: the program did; `unreachable`: there was no response at all."""

    @property
    def content(self) -> bytes:
        """The whole body."""
        return self.body if isinstance(self.body, bytes) else b"".join(item.data for item in self.body)

    @property
    def media_type(self) -> str:
        """The media type, in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Interaction:
    """A request and its response."""

    request: RecordedRequest
    response: RecordedResponse
