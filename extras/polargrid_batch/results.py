"""Results: one line of OpenAI's batch output for each row. Pure.

`error` is null for a response of success, so that a program tests this one field. Beside OpenAI's `code` and `message`
an error has its `class`, the number of `attempts`, and `param`, the field that is invalid, if one is known.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cached_property
from typing import Any, NamedTuple

import attrs

#: How each line of a run begins; the rest of the id is the CRC-32 of the row.
_HEAD = re.compile(rb'\{"id":"row-(\d{1,12})-([0-9a-f]{8})",')
_SUCCESS_END = b'"error":null}\n'
_ERROR_END = b"}}\n"


@attrs.define
class Failure:
    """Why a row has no response of success."""

    kind: str
    """The name of the exception of `polargrid.errors`, or `InvalidRow`."""
    message: str
    code: str | None = None
    param: str | None = None
    attempts: int = 0


@attrs.define(slots=False)
class Result:
    """What came of one row."""

    number: int
    """The number of its line in the input, from 1."""
    checksum: int
    custom_id: str
    status_code: int | None = None
    request_id: str | None = None
    content: bytes = b"null"
    """The body of the response, as JSON; audio is an object with `content_type` and `base64`."""
    failure: Failure | None = None
    attempts: int = 0
    region: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    model: str | None = None
    """The model of the response; of the request, if the response names none."""

    @property
    def ok(self) -> bool:
        """Whether there is a response of success."""
        return self.failure is None

    @cached_property
    def body(self) -> Any:
        """The body of the response as plain JSON; of an error what the server sent, None without a response."""
        return json.loads(self.content)

    def to_line(self) -> bytes:
        """Return the line of the output, with its end."""
        head = f'{{"id":"row-{self.number}-{self.checksum:08x}","custom_id":{_dump(self.custom_id)},"response":'
        failure = self.failure
        if self.status_code is not None:
            head += f'{{"status_code":{self.status_code},"request_id":{_dump(self.request_id)},"body":'
            content = self.content + b"}"
        else:
            content = b"null"
        if failure is None:
            return head.encode() + content + b"," + _SUCCESS_END
        error: dict[str, Any] = {"code": failure.code or failure.kind, "message": failure.message}
        error |= {"class": failure.kind, "attempts": failure.attempts}
        error |= {"param": failure.param} if failure.param else {}
        return b'%s%s,"error":%s}\n' % (head.encode(), content, _dump(error).encode())


class Head(NamedTuple):
    """What a line of the output says of its row."""

    number: int
    checksum: int
    is_success: bool


def read_head(line: bytes) -> Head | None:
    """Read the beginning and the end of a line, with its end; None if it is not a whole line of a run."""
    match = _HEAD.match(line)
    if match is None or not line.endswith((_SUCCESS_END, _ERROR_END)):
        return None
    return Head(int(match[1]), int(match[2], 16), line.endswith(_SUCCESS_END))


def encode_body(content: bytes, content_type: str) -> bytes:
    """Return a body as JSON on one line: JSON as it is, text as a string, anything else as base64."""
    media = content_type.partition(";")[0].strip().lower()
    if media.endswith("json"):
        if content.isascii() or _is_utf8(content):  # a line break in valid JSON is white space
            return (
                content.replace(b"\r", b" ").replace(b"\n", b" ") if b"\n" in content or b"\r" in content else content
            )
    elif media.startswith("text/") and _is_utf8(content):
        return _dump(content.decode()).encode()
    elif not content:
        return b"null"
    return _dump({"content_type": media, "base64": b64encode(content).decode()}).encode()


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _dump(value: Any) -> str:
    return (
        json.dumps(value, ensure_ascii=True)
        if not isinstance(value, dict)
        else json.dumps(value, separators=(",", ":"))
    )
