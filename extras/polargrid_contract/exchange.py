"""One request and its answer, as they went over the wire, and the curl line that repeats it; pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What stands for a key in a curl line: it takes the key from the environment.
_KEYS = {"right": "$POLARGRID_API_KEY", "other": "$SOME_OTHER_KEY"}
_SHOWN = 2000  # characters of a body that a curl line holds


@dataclass(frozen=True)
class Upload:
    """A file of a form."""

    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True)
class Arrival:
    """Bytes of an answer and when they came, in seconds since the request was sent."""

    seconds: float
    data: bytes


@dataclass(frozen=True)
class Exchange:
    """A request, without its key, and the answer. Header names are in lower case."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    form: Mapping[str, str] | None
    upload: Upload | None
    key: str = "right"
    """Which key went with it: `right`, `other` or `none`."""
    status: int = 0
    """0 where no answer came."""
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    arrivals: tuple[Arrival, ...] = ()
    seconds: float = 0.0
    cut: str = ""
    """How the answer broke off, where it did."""
    repeated: tuple[str, ...] = ()
    """Names of answer headers that came more than once."""

    @property
    def body(self) -> bytes:
        """The answer's body."""
        return b"".join(arrival.data for arrival in self.arrivals)

    @property
    def text(self) -> str:
        """The answer's body as text; what is no UTF-8 shows as U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The answer as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def request(self) -> dict[str, Any]:
        """The request's JSON, or its form fields."""
        if self.form is not None:
            return dict(self.form)
        try:
            sent = json.loads(self.content or b"{}")
        except ValueError:
            return {}
        return sent if isinstance(sent, dict) else {}

    @property
    def media_type(self) -> str:
        """The answer's media type, without parameters, in lower case."""
        return self.answer_headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def curl(self) -> str:
        """A command that repeats the request; the key is taken from the environment."""
        words = ["curl", "-i", "-X", self.method, self.url]
        if self.key != "none":
            words += ["-H", f"Authorization: Bearer {_KEYS[self.key]}"]
        words += [word for name, value in self.headers.items() for word in ("-H", f"{name}: {value}")]
        for name, value in (self.form or {}).items():
            words += ["-F", f"{name}={value}"]
        if self.upload is not None:
            words += ["-F", f"file=@{self.upload.name};type={self.upload.media_type}"]
        if self.content is not None:
            words += _data(self.content)
        return " ".join(f'"{word}"' if word.endswith(tuple(_KEYS.values())) else shlex.quote(word) for word in words)


def _data(content: bytes) -> list[str]:
    """The body as curl's words; what is no text, or too long to show, as a file to be put there."""
    text = content.decode("utf-8", "replace")
    if "\0" in text or "\ufffd" in text or len(text) > _SHOWN:
        return ["--data-binary", f"@body-of-{len(content)}-bytes"]
    return ["-d", text]
