"""A request and an answer as the proxy passes them on, and how to make others of them; pure."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from polargrid_contract.server import specification

KEY = "pg_local"
MODEL = "smollm2-135m"
_LARGE = 1_000_000  # bytes
Headers = tuple[tuple[str, str], ...]
Part = tuple[float, bytes]
_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_BOUNDARY = re.compile(r"boundary=\"?([^\";,]+)")


@cache
def places() -> dict[str, dict[str, str]]:
    """Path -> method -> operation."""
    return {
        path: {method.upper(): operation["operationId"] for method, operation in item.items()}
        for path, item in specification()["paths"].items()
    }


@dataclass(frozen=True)
class Asked:
    """A request. `number` counts the requests of a run, `left` the streams that were left before their end."""

    method: str
    target: str
    headers: Headers
    body: bytes
    number: int = 0
    left: int = 0

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def operation(self) -> str:
        """The operationId; empty where the path or the method is of none."""
        return places().get(self.path, {}).get(self.method, "")

    @property
    def json(self) -> dict[str, Any]:
        try:
            read = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def streamed(self) -> bool:
        return self.json.get("stream") is True

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name), "")

    def with_header(self, name: str, value: str) -> Asked:
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name)
        return replace(self, headers=(*kept, (name, value)))

    def with_key(self) -> Asked:
        return self.with_header("authorization", f"Bearer {KEY}")

    def wanting(self, **fields: Any) -> Asked:
        """The same with other fields of its JSON; a field that is `...` is left out. What is no object stays."""
        if not self.json or len(self.body) > _LARGE:  # it is refused for its size
            return self
        wanted = {**self.json, **fields}
        kept = {name: value for name, value in wanted.items() if value is not ...}
        return replace(self, body=json.dumps(kept).encode())

    def form(self, field_name: str) -> str:
        found = re.search(rb'name="%b"\r\n\r\n([^\r]*)' % field_name.encode(), self.body)
        return found.group(1).decode() if found else ""

    @property
    def identity(self) -> tuple[str, str, str, str, bytes]:
        """What makes two requests the same: the boundary of a form does not."""
        kind, body = self.header("content-type"), self.body
        if found := _BOUNDARY.search(kind):
            kind, body = "form", body.replace(found.group(1).encode(), b"-")
        return self.method, self.target, kind, self.header("authorization"), body

    @property
    def essence(self) -> str:
        """What a request and its streamed twin have in common."""
        same = {name: value for name, value in self.json.items() if name not in {"stream", "stream_options"}}
        return f"{self.path} {json.dumps(same, sort_keys=True)}"


@dataclass(frozen=True)
class Answer:
    """An answer: its bytes and when each part came, in seconds since the request. `cut`: the end never comes."""

    status: int
    headers: Headers
    parts: tuple[Part, ...] = ()
    cut: bool = False
    chunked: bool = field(default=False, kw_only=True)

    @property
    def body(self) -> bytes:
        return b"".join(data for _, data in self.parts)

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def good(self) -> bool:
        return self.status == 200

    def header(self, name: str) -> str:
        return next((value for known, value in self.headers if known.lower() == name), "")

    def with_header(self, name: str, value: str | None) -> Answer:
        """Another value of a header; None leaves it out."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name)
        return replace(self, headers=kept if value is None else (*kept, (name, value)))

    def with_body(self, body: bytes) -> Answer:
        """All of it at the time of the last part."""
        return replace(self, parts=((self.parts[-1][0] if self.parts else 0.0, body),))

    def with_json(self, body: Any) -> Answer:
        return self.with_body(json.dumps(body).encode())

    @property
    def is_stream(self) -> bool:
        return self.good and self.header("content-type").startswith("text/event-stream")

    @property
    def events(self) -> list[Part]:
        """Each event of a stream, its blank line left out, and when its end came."""
        events, rest = [], b""
        for seconds, data in self.parts:
            *whole, rest = _EVENT_END.split(rest + data)
            events += [(seconds, event) for event in whole]
        return events

    def with_events(self, events: Iterable[Part], end: bytes = b"\n\n") -> Answer:
        return replace(self, parts=tuple((seconds, event + end) for seconds, event in events))


def told(status: int, body: Any, media: str = "application/json") -> Answer:
    """An answer that no server gave."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = (("content-type", media), ("x-request-id", f"req_{secrets.token_hex(16)}"))
    return Answer(status, headers, ((0.0, content),))


def refusal(status: int, kind: str, message: str = "It cannot be done.") -> Answer:
    """An error as PolarGrid tells it."""
    return told(status, {"error": {"message": message, "type": kind, "code": "refused"}})


Forward = Callable[[Asked], Answer]
Change = Callable[[Asked, Forward], Answer]


def honest(asked: Asked, forward: Forward) -> Answer:
    """Nothing is changed."""
    return forward(asked)
