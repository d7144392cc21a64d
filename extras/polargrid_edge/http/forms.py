"""Parse and validate forms: their fields in the spellings that clients use, and their file."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import from_validation

# Python decodes some other charsets in quadratic time.
_CHARSETS: Final = ("utf-8", "ascii", "iso8859-1")
_MAX_FIELDS: Final = 100
_MAX_FILES: Final = 4


@dataclass(frozen=True, slots=True)
class Upload:
    """A form: its fields, validated and as sent, and its file."""

    body: BaseModel
    fields: Mapping[str, str | list[str]]
    file: UploadFile


class _FormParser(MultiPartParser):
    """Starlette's parser, which also reports a complete form, and closes the files of incomplete parts."""

    complete = False

    def on_end(self) -> None:
        self.complete = True

    def close(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


async def read_form(
    body: AsyncGenerator[bytes, None], headers: Headers, kind: type[BaseModel], file: str, closing: AsyncExitStack
) -> Upload:
    """Read a form as its type, with its file, which is on disk where it is large; `closing` closes it."""
    _check_charset(headers)
    parser = _FormParser(headers, body, max_files=_MAX_FILES, max_fields=_MAX_FIELDS)
    closing.callback(parser.close)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError) as error:
        raise invalid_request(f"invalid form: {error.__cause__ or error}", code="invalid_form") from None
    if not parser.complete:
        raise invalid_request("invalid form: it ends before its closing boundary", code="invalid_form")
    texts = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and name != file]
    fields = form_fields(texts, _field_names(kind))
    try:
        parsed = kind.model_validate(fields)  # not strict: a form has texts only
    except ValidationError as error:
        raise from_validation(error, fields) from None
    return Upload(parsed, fields, form_file(form, file))


def _check_charset(headers: Headers) -> None:
    _, options = parse_options_header(headers["content-type"])
    charset = options.get(b"charset", b"utf-8").decode("latin-1")
    try:
        is_supported = codecs.lookup(charset).name in _CHARSETS
    except (LookupError, ValueError):  # unknown, or with a NUL
        is_supported = False
    if not is_supported:
        message = f"unsupported charset {charset!r} of the form; expected 'utf-8'"
        raise EdgeError(415, message, "unsupported_media_type")


def form_file(form: FormData, name: str) -> UploadFile:
    """The file of a form. Raises `EdgeError` 400 where it is absent, is text, or is there twice."""
    match form.getlist(name):
        case [UploadFile() as file]:
            return file
        case []:
            raise invalid_request(f"{name}: Field required", name)
        case [str()]:
            raise invalid_request(f"{name}: expected a file part with a file name, not text", name)
        case _:
            raise invalid_request(f"{name}: expected one file", name)


def form_fields(items: Iterable[tuple[str, str]], names: Mapping[str, bool]) -> dict[str, str | list[str]]:
    """The text fields of a form by the names of the document; `names` says of each whether it is a list.

    Clients write a list as `a`, `a[]` or `a[0]`, repeated, and an object as `a[key]`, which becomes a JSON text. Of
    another field that is repeated the last one counts.
    """
    fields: dict[str, str | list[str]] = {}
    objects: dict[str, dict[str, str]] = {}
    for sent, value in items:
        name, key = _find_field(sent, names)
        if names.get(name):
            fields[name] = [*fields.get(name, ()), value]
        elif key is None:
            fields[name] = value
        else:
            objects.setdefault(name, {})[key] = value
    return {name: json.dumps(value) for name, value in objects.items()} | fields


def _find_field(sent: str, names: Mapping[str, bool]) -> tuple[str, str | None]:
    """The name of a field in the document, and the key in the object that it is; an unknown name is its own."""
    if sent in names:
        return sent, None
    base, bracket, rest = sent.partition("[")
    key = rest.removesuffix("]")
    is_item = not bracket or (rest.endswith("]") and (not key or key.isdecimal()))
    if is_item:
        return next(((name, None) for name in (f"{base}[]", base) if names.get(name)), (sent, None))
    return (base, key) if base in names and not names[base] and rest.endswith("]") else (sent, None)


def _field_names(kind: type[BaseModel]) -> dict[str, bool]:
    """The fields of a form, and whether each is a list."""
    return {
        field.alias or name: any(get_origin(item) is list for item in (field.annotation, *get_args(field.annotation)))
        for name, field in kind.model_fields.items()
    }
