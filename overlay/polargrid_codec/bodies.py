"""Bodies: from a validated request and files to what is sent; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import pydantic

from polargrid_codec.files import Upload, prepare_upload
from polargrid_codec.jsonable import encode_json
from polargrid_codec.parameters import encode_pairs, to_text
from polargrid_runtime import errors
from polargrid_runtime.operation import Body, FormField

_JSON = "application/json"


class FormPart(NamedTuple):
    """A field of a form that is not a file."""

    name: str
    text: str
    media_type: str | None = None


def encode_text(value: Any) -> bytes:
    """Encode the body of an operation that takes a text. Raises ValidationError for anything else."""
    if not isinstance(value, str):
        raise errors.ValidationError(f"text: expected a string, not {type(value).__name__}", param="text")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        message = "text: text with a lone surrogate has no UTF-8 form"
        raise errors.ValidationError(message, param="text") from error


def encode_form(model: pydantic.BaseModel | None, extra: Mapping[str, Any], body: Body) -> tuple[FormPart, ...]:
    """Return the parts of a multipart form, without its files; None is omitted, a list is a part for each item."""
    media_types = {item.name: item.media_type for item in body.fields}
    return tuple(
        FormPart(name, json.dumps(item) if media_type == _JSON else to_text(item), media_type)
        for name, value in _fields(model, extra).items()
        for item in (value if isinstance(value, list) and media_types.get(name) != _JSON else [value])
        for media_type in [media_types.get(name) or (_JSON if isinstance(item, dict) else None)]
    )


def encode_urlencoded(model: pydantic.BaseModel | None, extra: Mapping[str, Any], body: Body) -> bytes:
    """Encode a form without files; an object is JSON, unless its field has a style."""
    styles = {item.name: item for item in body.fields}
    fields = _fields(model, extra).items()
    return "&".join(pair for name, value in fields for pair in _encode_field(name, value, styles.get(name))).encode()


def _encode_field(name: str, value: Any, field: FormField | None) -> Iterator[str]:
    if field is not None:
        style = "json" if field.media_type == _JSON else field.style
        yield from filter(None, encode_pairs(name, value, style, field.explode, name))
        return
    for item in value if isinstance(value, list) else [value]:
        yield f"{quote_plus(name)}={quote_plus(to_text(item))}"


def _fields(model: pydantic.BaseModel | None, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as values of JSON, without those that are None."""
    request: Any = extra if model is None else model
    fields = json.loads(encode_json(request, type(model).__name__)) if request else {}
    return {name: value for name, value in fields.items() if value is not None}


def prepare_uploads(body: Body, files: Mapping[str, Any]) -> tuple[tuple[str, Upload], ...]:
    """Return the form field and the upload of each file. Raises ValidationError, naming the argument."""
    uploads: list[tuple[str, Upload]] = []
    for field in body.files:
        value, accepted = files.get(field.argument), field.media_type
        if value is None and not field.required:
            continue
        if not field.is_list:
            uploads.append((field.name, prepare_upload(value, field.argument, accepted)))
            continue
        items = _iter_files(value, field.argument)
        items = [(field.name, prepare_upload(item, f"{field.argument}.{n}", accepted)) for n, item in enumerate(items)]
        if field.required and not items:
            raise errors.ValidationError(f"{field.argument}: expected at least one file", param=field.argument)
        uploads += items
    return tuple(uploads)


def _iter_files(value: Any, param: str) -> list[Any]:
    """A tuple could be one file, (name, file), as well."""
    is_file = isinstance(value, str | bytes | bytearray | memoryview | tuple) or hasattr(value, "read")
    if is_file or not hasattr(value, "__iter__"):
        raise errors.ValidationError(f"{param}: expected a list of files, not {type(value).__name__}", param=param)
    return list(value)
