"""From the bytes of a request to its validated body, or to the error that says what is wrong with it."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from polargrid_edge.errors import EdgeError, from_validation, invalid

if TYPE_CHECKING:
    from starlette.types import Receive

_MOST_FIELDS: Final = 100
_MOST_FILES: Final = 4


@dataclass(frozen=True, slots=True)
class Upload:
    """A form: its fields, validated and as they came, and its file."""

    body: BaseModel
    fields: Mapping[str, str]
    file: UploadFile


def has_body(headers: Headers) -> bool:
    """Whether a request says that it brings a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def check_media_type(headers: Headers, taken: Iterable[str]) -> str:
    """The body's media type. Raises `EdgeError` 415 where it is none of `taken`."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    names = list(taken)
    if media_type not in names:
        raise EdgeError(415, f"Content-Type must be {' or '.join(names)}", "unsupported_media_type")
    return media_type


def check_query(parameters: Iterable[Mapping[str, Any]], query: Iterable[tuple[str, str]]) -> None:
    """Holds the query to the constants that the specification's parameters have. Raises `EdgeError` 400."""
    constants = {p["name"]: json.dumps(p["schema"]["const"]) for p in parameters if "const" in p.get("schema", ())}
    for name, value in query:
        if name in constants and value.lower() != constants[name]:
            raise invalid(f"{name}: it can only be {constants[name]}", name)


async def pieces(receive: Receive, headers: Headers, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes. Raises `EdgeError` 413 as soon as it is known to be of more than `most` bytes."""
    announced = headers.get("content-length", "")
    so_far = 0
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        so_far += len(piece)
        if so_far > most:
            raise _too_large(most)
        yield piece
        more = message.get("more_body", False)


def _too_large(most: int) -> EdgeError:
    size = f"{most / 1024**2:g} MiB" if most >= 1024**2 else f"{most} bytes"
    return EdgeError(413, f"The body is larger than {size}", "content_too_large")


async def read_json(body: AsyncGenerator[bytes, None], kind: type[BaseModel], *, required: bool) -> BaseModel:
    """A JSON body as its type; where it need not be there and is not, one without any field."""
    held = bytearray()
    async for piece in body:
        held += piece
    # On a thread, as megabytes of JSON take a while.
    return await to_thread.run_sync(parse_json, bytes(held) if held or required else b"{}", kind)


def parse_json(body: bytes, kind: type[BaseModel]) -> BaseModel:
    """JSON as its type, strictly: "0.7" is no number, NaN is none either, a name comes once. Raises `EdgeError` 400."""
    try:
        data = json.loads(
            body.decode("utf-8"), object_pairs_hook=_named_once, parse_constant=_no_number, parse_float=_number
        )
        body = json.dumps(data).encode()
    except (ValueError, RecursionError) as fault:
        said = "it is nested too deeply" if isinstance(fault, RecursionError) else str(fault)
        raise invalid(f"The body is not valid JSON: {said}", code="invalid_json") from None
    try:
        return kind.model_validate_json(body, strict=True)
    except ValidationError as fault:
        raise from_validation(fault, data) from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in made if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return made


def _number(written: str) -> float | int:
    """To JSON Schema 5.0 is an integer, to Pydantic it is none."""
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(f"{written[:40]} is too large a number")
    return int(number) if number.is_integer() else number


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


class _FormParser(MultiPartParser):
    """Starlette's, which also tells whether the form came to its end, and closes files of parts that did not."""

    ended = False

    def on_end(self) -> None:
        self.ended = True

    def close(self) -> None:
        for file in self._files_to_close_on_error:
            file.close()


async def read_form(
    body: AsyncGenerator[bytes, None], headers: Headers, kind: type[BaseModel], file: str, closing: AsyncExitStack
) -> Upload:
    """A form as its type, with its file, which lies on disk where it is big and is closed with `closing`."""
    parser = _FormParser(headers, body, max_files=_MOST_FILES, max_fields=_MOST_FIELDS)
    closing.callback(parser.close)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError) as fault:
        raise invalid(f"The form cannot be read: {fault}", code="invalid_form") from None
    if not parser.ended:
        raise invalid("The form ends before its last boundary", code="invalid_form")
    fields = form_fields(form, but=file)
    try:
        parsed = kind.model_validate_strings(fields)
    except ValidationError as fault:
        raise from_validation(fault, fields) from None
    return Upload(parsed, fields, form_file(form, file))


def form_fields(form: FormData, *, but: str) -> dict[str, str]:
    """The texts of a form by name, save one. Raises `EdgeError` 400 for one that is not Unicode."""
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str) and name != but}
    for name, value in fields.items():
        try:
            (name + value).encode("utf-8")
        except UnicodeEncodeError:
            raise invalid("The form holds text that is not Unicode", code="invalid_form") from None
    return fields


def form_file(form: FormData, name: str) -> UploadFile:
    """The one file of a form. Raises `EdgeError` 400 where it is not there, is text, or is there twice."""
    match form.getlist(name):
        case [UploadFile() as file]:
            return file
        case []:
            raise invalid(f"{name}: Field required", name)
        case [str()]:
            raise invalid(f"{name}: it must be sent as a file, with a file name", name)
        case _:
            raise invalid(f"{name}: one file at a time", name)
