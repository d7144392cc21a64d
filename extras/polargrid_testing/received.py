"""Requests that a server of this package received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import httpx

from polargrid_testing.forms import FormPart, ReceivedFile, read_form

_FORM = "multipart/form-data"
_TEXT_FIELDS = ("prompt", "input")


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it was received."""

    method: str
    target: str
    """Path and query, as they were sent."""
    headers: httpx.Headers
    body: bytes = b""
    http_version: str = "1.1"
    operation: str = ""
    """The operationId in openapi.yaml; empty for a path that the API does not have."""

    @property
    def line(self) -> str:
        """The request line."""
        return f"{self.method} {self.target} HTTP/{self.http_version}"

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of each name of the query."""
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    @property
    def media_type(self) -> str:
        """The media type of the body, in lower case, without parameters; empty without one."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The JSON body; None if the body is not JSON. An error for invalid JSON."""
        return json.loads(self.body) if self.media_type.endswith("json") and self.body else None

    @cached_property
    def parts(self) -> tuple[FormPart, ...]:
        """The parts of a form, in order; empty if the body is no form. Raises `FormError` for an invalid form."""
        if self.media_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
            return tuple(FormPart(name, value.encode()) for name, value in pairs)
        if self.media_type != _FORM:
            return ()
        return tuple(read_form(self.headers["content-type"], self.body))

    @cached_property
    def form(self) -> dict[str, Any]:
        """The text fields of a form by name; a name that ends in `[]`, or is repeated, has the list of its values."""
        values: dict[str, list[str]] = {}
        for part in self.parts:
            if part.filename is None:
                values.setdefault(part.name, []).append(part.data.decode("utf-8", "replace"))
        return {name: texts if name.endswith("[]") or len(texts) > 1 else texts[0] for name, texts in values.items()}

    @cached_property
    def files(self) -> dict[str, ReceivedFile]:
        """The files of a form by the name of their field; of several files of one field the last, see `parts`."""
        return {
            part.name: ReceivedFile(part.name, part.filename, part.content_type, part.data)
            for part in self.parts
            if part.filename is not None
        }

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the request: of its JSON object, or of its form."""
        return self.json if isinstance(self.json, dict) else self.form

    @property
    def text(self) -> str:
        """What was asked: the last message of a chat, the prompt, or the text to speak or to embed; else the body."""
        if self.parts:
            return str(self.form.get("prompt", ""))
        messages = self.fields.get("messages")
        if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
            return _join_text(messages[-1].get("content"))
        texts = [self.fields[name] for name in _TEXT_FIELDS if self.fields.get(name)]
        return _join_text(texts[0]) if texts else self.body.decode("utf-8", "replace")


def _join_text(value: Any) -> str:
    """The text of a content: a text, texts, or parts of a message."""
    if isinstance(value, str):
        return value
    items = value if isinstance(value, list) else []
    texts = [item.get("text") if isinstance(item, dict) else item for item in items]
    return "\n".join(text for text in texts if isinstance(text, str))
