"""Response bodies: from bytes to models, each validated once; pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from polargrid_codec import error_responses
from polargrid_runtime.lenient import describe_mismatch
from polargrid_runtime.operation import Operation, ResponseType
from polargrid_runtime.response import ResponseMeta, ResponseModel

#: Names of charsets; Python has codecs of other kinds as well, such as unicode_escape.
_CHARSET = re.compile(r"(utf|us-ascii|ascii|latin|iso|windows|cp|koi|gb|big5|euc|shift|mac)[\w.:-]*", re.ASCII | re.I)
Kind = Literal["json", "str", "bytes", "none"]
#: Media types of text that no operation means: a proxy's page, a stream, a form.
_NO_TEXT = ("text/html", "text/event-stream")


class ResponseReader(NamedTuple):
    """How to read a response."""

    kind: Kind
    type: str
    """The model of JSON, as an expression."""
    charset: str = "utf-8"


def parse_response(
    operation: Operation[Any, Any],
    headers: Mapping[str, str],
    body: bytes,
    meta: ResponseMeta,
    redact: error_responses.Redactor = str,
) -> Any:
    """Parse the body by status and media type. Raises ServerError if it does not match the operation."""
    reader = select_reader(operation, meta.status_code or 200, headers.get("content-type", ""))
    try:
        if reader is None:
            message = describe_media_type(operation, headers)
        elif reader.kind == "json":
            response = _parser(operation, reader.type)(body)
            if isinstance(response, ResponseModel):
                object.__setattr__(response, "_meta", meta)  # as attach_meta does
            return response
        elif reader.kind == "str":
            return body.decode(reader.charset)
        elif reader.kind == "none":
            return None
        elif body:
            return body
        else:
            message = f"{operation.name}: response"
    except ValueError as error:  # of Pydantic, or UnicodeDecodeError; not the cause: it quotes the body, and so the key
        expected = reader.type if reader and reader.kind == "json" else f"{reader and reader.charset.upper()} text"
        message = f"{operation.name}: response does not match {expected} ({describe_mismatch(error, redact)})"
    raise error_responses.invalid_response(message, body, meta, redact)


def describe_media_type(operation: Operation[Any, Any], headers: Mapping[str, str]) -> str:
    """Return the message of a response whose media type the operation does not have."""
    media = headers.get("content-type")
    return f"{operation.name}: {f'unexpected Content-Type {media!r}' if media else 'no Content-Type'} in the response"


@lru_cache(maxsize=1024)
def select_reader(operation: Operation[Any, Any], status: int, content_type: str) -> ResponseReader | None:
    """Return how to read a response, by its status, then its media type; None if the operation has none like it.

    A status that the document does not have is read like the ones that it has: 201 for 200.
    """
    responses = operation.responses
    by_status = [
        [item for item in responses if item.status.upper() == key]
        for key in (str(status), f"{status // 100}XX", "DEFAULT")
    ]
    declared = next((items for items in by_status if items), None)
    if declared is None:
        declared = [item for item in responses if item.media_type] or list(responses)
    if all(item.type is None for item in declared):
        return ResponseReader("none", "") if declared or operation.events is None else None
    media, _, parameters = content_type.partition(";")
    return _match(declared, media.strip().lower(), _charset(parameters))


@lru_cache(maxsize=1024)
def _parser(operation: Operation[Any, Any], kind: str) -> Callable[[bytes], Any]:
    parse: Callable[[bytes], Any] = operation.adapter(kind).validator.validate_json
    return parse


def _match(responses: list[ResponseType], media: str, charset: str) -> ResponseReader | None:
    """Return the reader of the response with this media type, or with one that is read in the same way."""
    main = media.partition("/")[0]
    readers = [(item.media_type, _reader(item, charset)) for item in responses]
    for pattern in (media, f"{main}/*", "*/*") if main else ():
        for name, reader in readers:
            if name == pattern:
                return reader
    kinds = {reader.kind: reader for _, reader in reversed(readers)}
    if media.endswith("json"):
        return kinds.get("json")
    if main == "text":
        return kinds.get("str") if media not in _NO_TEXT else None
    is_binary = media == "application/octet-stream" or any(
        reader.kind == "bytes" and name.partition("/")[0] == main != "application" for name, reader in readers
    )
    return kinds.get("bytes") if is_binary else None


def _reader(response: ResponseType, charset: str) -> ResponseReader:
    if response.media_type.endswith("json"):
        return ResponseReader("json", response.type or "")
    return ResponseReader("str" if response.type == "str" else "bytes", "", charset)


def _charset(parameters: str) -> str:
    """Return the charset of a text; one that Python does not know is read as UTF-8."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        charset = value.strip().strip("\"'")
        if name.strip().lower() == "charset" and _CHARSET.fullmatch(charset):
            with suppress(LookupError):
                return codecs.lookup(charset).name
    return "utf-8"


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of a response, without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
