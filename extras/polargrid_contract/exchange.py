"""One request and its response as sent over the wire; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from polargrid_contract.json_values import load_json


@dataclass(frozen=True)
class Upload:
    """A file in a multipart form."""

    name: str
    data: bytes
    media_type: str
    field: str = "file"


@dataclass(frozen=True)
class TimedBytes:
    """Bytes of a response body and when they arrived, in seconds since the request was sent."""

    seconds: float
    data: bytes


@dataclass(frozen=True)
class Exchange:
    """A request, without its API key, and the response. Header names are lower case."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    form: Mapping[str, str] | None
    uploads: tuple[Upload, ...] = ()
    key: Literal["valid", "other", "none"] = "valid"
    """Which API key was sent."""
    status: int = 0
    """0 if no response was received."""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    chunks: tuple[TimedBytes, ...] = ()
    seconds: float = 0.0
    error: str = ""
    """Why the response is incomplete; empty if it is complete."""
    repeated_headers: tuple[str, ...] = ()
    """Names of response headers that occur more than once."""
    is_multipart: bool = True
    """Whether the form is sent as multipart/form-data."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Values of the operation's parameters, by place and name."""
    sent: bytes = b""
    """Every byte that was sent on the connection, with KEY_VARIABLE for the key; empty if a client library sent it."""

    @property
    def body(self) -> bytes:
        """The response body."""
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def text(self) -> str:
        """The response body as text; invalid UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Parse the response body; return None if it is not JSON."""
        try:
            return load_json(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def request(self) -> dict[str, Any]:
        """The JSON object or the form fields of the request."""
        if self.form is not None:
            return dict(self.form)
        try:
            body = json.loads(self.content or b"{}")
        except (ValueError, RecursionError):
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def media_type(self) -> str:
        """The media type of the response in lower case, without parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower()
