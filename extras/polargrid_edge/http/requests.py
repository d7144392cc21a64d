"""Parse and validate request bodies: what they are, and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import from_validation
from polargrid_edge.http.routing import normalize_flag

if TYPE_CHECKING:
    from starlette.types import Receive

    from polargrid_runtime.operation import Parameter

_MAX_DEPTH: Final = 100
_MAX_VALUES: Final = 50_000
_MAX_INTEGER: Final = 2.0**63


def has_body(headers: Headers) -> bool:
    """Whether the headers announce a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def check_media_type(headers: Headers, accepted: Iterable[str]) -> str:
    """Return the media type of the body. Raises `EdgeError` 415 for one that is not accepted, or a compressed body."""
    encodings = headers.get("content-encoding", "identity").lower()
    if encodings not in ("identity", ""):
        message = f"unsupported Content-Encoding {encodings!r}; send the body uncompressed"
        raise EdgeError(415, message, "unsupported_media_type", headers={"Accept-Encoding": "identity"})
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    names = list(accepted)
    if media_type not in names:
        message = f"unsupported Content-Type {media_type!r}; expected {' or '.join(names)}"
        raise EdgeError(415, message, "unsupported_media_type")
    return media_type


def check_query(parameters: Iterable[Parameter], query: Iterable[tuple[str, str]]) -> None:
    """Check the query against the constants of an operation's parameters. Raises `EdgeError` 400."""
    declared = [item for item in parameters if item.location == "query" and item.constant is not None]
    constants = {item.name: _to_text(item.constant) for item in declared}
    for name, value in query:
        if name in constants and constants[name] not in (value, normalize_flag(value)):
            raise invalid_request(f"{name}: unsupported value {value!r}; expected {constants[name]}", name)


def _to_text(constant: object) -> str:
    return constant if isinstance(constant, str) else json.dumps(constant)


async def iter_body(receive: Receive, headers: Headers, limit: int) -> AsyncGenerator[bytes, None]:
    """Iterate over the chunks of the body. Raises `EdgeError` 413 as soon as it is sure to exceed `limit` bytes."""
    announced = headers.get("content-length", "")
    size = 0
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    more_body = True
    while more_body:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk
        more_body = message.get("more_body", False)


async def discard_body(receive: Receive, headers: Headers, limit: int) -> None:
    """Read a body to its end, or to the limit. Raises `ClientDisconnect`."""
    if has_body(headers):
        with suppress(EdgeError):
            async for _ in iter_body(receive, headers, limit):
                pass


def _too_large(limit: int) -> EdgeError:
    size = f"{limit / 1024**2:g} MiB" if limit >= 1024**2 else f"{limit} bytes"
    return EdgeError(413, f"body too large; the limit is {size}", "content_too_large")


async def read_content(body: AsyncGenerator[bytes, None], *, required: bool) -> bytes:
    """Read a JSON body; an optional body that is absent is an object without fields."""
    data = bytearray()
    async for chunk in body:
        data += chunk
    return bytes(data) if data or required else b"{}"


def parse_json(body: bytes, kind: type[BaseModel]) -> BaseModel:
    """Parse JSON strictly: "0.7" and NaN are not numbers, names are unique. Raises `EdgeError` 400."""
    numbers = _Numbers()
    try:
        data = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_reject_duplicates,
            parse_constant=_reject_constant,
            parse_float=numbers.parse,
        )
        if not _is_small(body):
            _check_bounds(data)
        if numbers.has_changed:
            body = json.dumps(data).encode()
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise invalid_request(f"invalid JSON: {reason}", code="invalid_json") from None
    try:
        return kind.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise from_validation(error, data) from None


def _is_small(body: bytes) -> bool:
    """Whether a body is within the bounds by the number of its bytes and brackets."""
    return len(body) < _MAX_VALUES and body.count(b"[") + body.count(b"{") < _MAX_DEPTH


def _check_bounds(data: object) -> None:
    """Limit what later steps must look at: a body of 4 MiB may contain two million invalid values."""
    level, values = [data], 1
    for _ in range(_MAX_DEPTH):
        children: list[object] = []
        for value in level:
            if isinstance(value, dict):
                children += value.values()
            elif isinstance(value, list):
                children += value
        values += len(children)
        if values > _MAX_VALUES:
            raise ValueError(f"it has more than {_MAX_VALUES:,} values")
        level = children
    if level:
        raise ValueError(f"it is nested more than {_MAX_DEPTH} levels deep")


def _reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in pairs:
        if name in data:
            raise ValueError(f"duplicate name {name!r}")
        data[name] = value
    return data


class _Numbers:
    """Parses numbers with a fraction or an exponent; `has_changed` is whether one became an integer."""

    has_changed = False

    def parse(self, text: str) -> float | int:
        """5.0 is an integer to JSON Schema, and not to Pydantic."""
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(f"number {text[:40]} is too large")
        if not number.is_integer() or abs(number) >= _MAX_INTEGER:  # 1e308 as an integer would have 309 digits
            return number
        self.has_changed = True
        return int(number)


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")
