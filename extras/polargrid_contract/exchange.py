"""One request and its response as sent over the wire, and the curl command that repeats the request; pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# A curl command reads the key from the environment.
_KEY_VARIABLES = {"valid": "$POLARGRID_API_KEY", "other": "$SOME_OTHER_KEY"}
_MAX_INLINE_BODY = 2000  # characters


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
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def request(self) -> dict[str, Any]:
        """The JSON object or the form fields of the request."""
        if self.form is not None:
            return dict(self.form)
        try:
            body = json.loads(self.content or b"{}")
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def media_type(self) -> str:
        """The media type of the response in lower case, without parameters."""
        return self.response_headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def curl(self) -> str:
        """A curl command that repeats the request; it reads the API key from the environment."""
        words = ["curl", "-i", "-X", self.method, self.url]
        if self.key != "none":
            words += ["-H", f"Authorization: Bearer {_KEY_VARIABLES[self.key]}"]
        words += [word for name, value in self.headers.items() for word in ("-H", f"{name}: {value}")]
        for name, value in (self.form or {}).items():
            words += ["-F" if self.is_multipart else "--data-urlencode", f"{name}={value}"]
        for upload in self.uploads:
            words += ["-F", f"{upload.field}=@{upload.name};type={upload.media_type}"]
        if self.content is not None:
            words += _body_arguments(self.content)
        variables = tuple(_KEY_VARIABLES.values())
        return " ".join(f'"{word}"' if word.endswith(variables) else shlex.quote(word) for word in words)


def _body_arguments(content: bytes) -> list[str]:
    """The body as curl arguments; a binary or long body becomes the name of a file for the user to create."""
    text = content.decode("utf-8", "replace")
    if "\0" in text or "\ufffd" in text or len(text) > _MAX_INLINE_BODY:
        return ["--data-binary", f"@body-of-{len(content)}-bytes"]
    return ["-d", text]
