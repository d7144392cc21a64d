"""Reads the body of a form: the bytes of each part as they were sent.

By hand, because Python's email parser splits a body into lines of text, which changes the bytes of a file, and
python-multipart, which reads a form while it arrives, would be one more dependency for bodies that are in memory here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_ESCAPES = re.compile("%(22|0D|0A)", re.IGNORECASE)  # what the standard of forms escapes in names, and nothing else
_DISPOSITION = re.compile(rb'(?<=[;\s])(filename|name)="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


@dataclass(frozen=True)
class ReceivedFile:
    """A file of a form."""

    name: str
    """The name of the field."""
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class FormPart:
    """A part of a form; a file has a `filename`."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str = ""


class FormError(ValueError):
    """The body is not a form."""


def read_form(content_type: str, body: bytes) -> Iterator[FormPart]:
    """Yield the parts of a multipart body. Raises `FormError` if it is none, or is cut off."""
    match = re.search(r'boundary=(?:"([^"]+)"|([^\s;]+))', content_type, re.IGNORECASE)
    if match is None:
        raise FormError(f"Content-Type {content_type!r} has no boundary")
    boundary = b"\r\n--" + (match[1] or match[2]).encode("latin-1")
    _, *parts = (b"\r\n" + body).split(boundary)
    if not parts or not parts[-1].startswith(b"--"):
        raise FormError("the form ends before its closing boundary")
    for part in parts[:-1]:
        head, separator, data = part.partition(b"\r\n\r\n")
        if not separator:
            raise FormError("a part of the form has no empty line after its headers")
        yield _read_part(head.partition(b"\r\n")[2], data)


def _read_part(head: bytes, data: bytes) -> FormPart:
    lines = [line.partition(b":") for line in head.split(b"\r\n")]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    disposition = headers.get(b"content-disposition", b"")
    names = {match[1].lower(): _decode(match[2]) for match in _DISPOSITION.finditer(disposition)}
    if b"name" not in names:
        raise FormError("a part of the form has no name")
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    return FormPart(names[b"name"], data, names.get(b"filename"), content_type)


def _decode(name: bytes) -> str:
    text = re.sub(rb"\\(.)", rb"\1", name).decode("utf-8", "replace")
    return _ESCAPES.sub(lambda match: unquote(match[0]), text)
