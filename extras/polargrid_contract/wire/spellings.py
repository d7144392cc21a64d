"""Other spellings of the same request, as clients of many languages send it; pure.

Each is a request that means the same by a standard, so that a server responds to it as to the plain one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from polargrid_contract.results import Profile
from polargrid_contract.wire.request import AUTHORIZATION, FormSpelling, RawRequest

BOTH: tuple[Profile, ...] = ("polargrid", "openai")
_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_TOO_LONG = (400, 413, 431)
_LONG_HEADER = 4000  # characters; RFC 9112, 3, recommends 8,000 for a request line


class Spelling(NamedTuple):
    """A way to send a request."""

    name: str
    change: Callable[[RawRequest], RawRequest]
    """Returns the request in this spelling; an equal one if it makes no difference to this request."""
    profiles: tuple[Profile, ...] = BOTH
    refusals: tuple[int, ...] = ()
    """Statuses by which a server of the openai profile may refuse it."""


def _set(name: str, value: str) -> Callable[[RawRequest], RawRequest]:
    return lambda request: request.with_headers((name, value))


# Headers


def _rename(convert: Callable[[str], str]) -> Callable[[RawRequest], RawRequest]:
    def change(request: RawRequest) -> RawRequest:
        return replace(request, headers=tuple((convert(name), value) for name, value in request.headers))

    return change


def _add_unknown_headers(request: RawRequest) -> RawRequest:
    return request.with_headers(("X-Unknown-Header", '"a"; b=c, d'), ("X-1", "1"))


def _offer_http2(request: RawRequest) -> RawRequest:
    return request.with_headers(
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"),
    )


HEADERS = (
    Spelling("header names in lower case", _rename(str.lower)),
    Spelling("header names in upper case", _rename(str.upper)),
    Spelling("no space behind the colons of headers", lambda request: replace(request, spaces=("", ""))),
    Spelling("tabs and spaces around the values of headers", lambda request: replace(request, spaces=("\t ", " \t"))),
    Spelling(
        "headers that nobody knows", lambda it: it.with_headers(("X-Unknown-Header", '"a"; b=c, d'), ("X-1", "é"))
    ),
    Spelling("Accept: */*", _set("Accept", "*/*")),
    Spelling("Accept with weights", _set("Accept", "text/html;q=0.1, application/*;q=0.5, */*;q=0.2")),
    Spelling("a header of 4,000 characters", _set("X-Long", "a" * _LONG_HEADER), BOTH, _TOO_LONG),
    Spelling("an offer of HTTP/2, as Java sends it", _offer_http2, BOTH, (101,)),
)


# The target


def _add_empty_query(request: RawRequest) -> RawRequest:
    return request if "?" in request.target else replace(request, target=f"{request.target}?")


def _encode_letter(request: RawRequest) -> RawRequest:
    path, question, query = request.target.partition("?")
    encoded = re.sub(r"[A-Za-z](?=[A-Za-z]*$)", lambda match: f"%{ord(match[0]):02x}", path, count=1)
    return replace(request, target=encoded + question + query)


def _make_absolute(request: RawRequest) -> RawRequest:
    return replace(request, target=f"{request.scheme}://{request.header('host')}{request.target}")


TARGETS = (
    Spelling("an empty query", _add_empty_query, _POLARGRID),
    Spelling("a letter of the path percent-encoded", _encode_letter),
    Spelling("the target in absolute form", _make_absolute, _POLARGRID),
)


# The media type of JSON


def _add_to_type(parameter: str) -> Callable[[RawRequest], RawRequest]:
    return lambda request: request.with_headers(("Content-Type", request.header("content-type") + parameter))


def _capitalize_type(request: RawRequest) -> RawRequest:
    return request.with_headers(("Content-Type", request.header("content-type").upper()))


MEDIA_TYPES = (
    Spelling("Content-Type with ; charset=utf-8", _add_to_type("; charset=utf-8")),
    Spelling('Content-Type with ;charset="UTF-8"', _add_to_type(';charset="UTF-8"')),
    Spelling(
        "Content-Type in capitals", lambda it: it.with_headers(("Content-Type", it.header("content-type").upper()))
    ),
)


# JSON


def _respell(encode: Callable[[Any], str]) -> Callable[[RawRequest], RawRequest]:
    def change(request: RawRequest) -> RawRequest:
        return replace(request, body=encode(json.loads(request.body)).encode())

    return change


def _encode_with_spaces(value: Any) -> str:
    return "\r\n " + json.dumps(value, indent="\t", separators=(" ,", "\t: ")) + " \r\n"


def _encode_reversed(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_encode_reversed(value[name])}" for name in reversed(value)) + "}"
    return json.dumps(value)


def _encode_escaped(value: Any) -> str:
    """Write every character of every text and name as an escape."""
    match value:
        case str():
            units = value.encode("utf-16-be", "surrogatepass")
            pairs = (units[i : i + 2].hex() for i in range(0, len(units), 2))
            return '"' + "".join(f"\\u{pair if i % 2 else pair.upper()}" for i, pair in enumerate(pairs)) + '"'
        case dict():
            items = (f"{_encode_escaped(name)}:{_encode_escaped(item)}" for name, item in value.items())
            return "{" + ",".join(items) + "}"
        case list():
            return "[" + ",".join(map(_encode_escaped, value)) + "]"
        case _:
            return json.dumps(value)


def _encode_numbers(suffix: str) -> Callable[[Any], str]:
    def encode(value: Any) -> str:
        match value:
            case dict():
                return "{" + ",".join(f"{json.dumps(name)}:{encode(item)}" for name, item in value.items()) + "}"
            case list():
                return "[" + ",".join(map(encode, value)) + "]"
            case int() if not isinstance(value, bool):
                return f"{value}{suffix}"
            case _:
                return json.dumps(value, ensure_ascii=False)

    return encode


def _respell_numbers(suffix: str) -> Callable[[RawRequest], RawRequest]:
    changed, plain = _respell(_encode_numbers(suffix)), _respell(_encode_numbers(""))
    return lambda request: request if changed(request) == plain(request) else changed(request)


JSON = (
    Spelling("JSON with white space everywhere", _respell(_encode_with_spaces)),
    Spelling("JSON with its members in another order", _respell(_encode_reversed)),
    Spelling("JSON with every character escaped", _respell(_encode_escaped)),
    Spelling("JSON with integers as 1.0", _respell_numbers(".0"), _POLARGRID),
    Spelling("JSON with integers as 1e0", _respell_numbers("e0"), _POLARGRID),
)


# The body

_NO_CHUNKS = (411,)
CHUNKED = (
    Spelling("a body in chunks", lambda it: replace(it, chunk_extension=""), BOTH, _NO_CHUNKS),
    Spelling("chunks with an extension", lambda it: replace(it, chunk_extension=";a=b"), _POLARGRID),
)

FORMS: tuple[tuple[str, FormSpelling, tuple[Profile, ...]], ...] = (
    ("a quoted boundary", FormSpelling("a'()+_,-./:=? b", quoted=True), BOTH),
    ("files before fields", FormSpelling(files_first=True), BOTH),
    ("lower-case names of headers in a form", FormSpelling(header="content-disposition"), BOTH),
    ("a name of a file without quotes", FormSpelling(quote=""), BOTH),
    ("fields of a form with a Content-Type", FormSpelling(typed_fields=True), BOTH),
    ("a boundary of one character", FormSpelling("a"), BOTH),
    ("text behind the parts of a form", FormSpelling(epilogue=b"\r\nEnd."), _POLARGRID),
)


# The key


def _set_scheme(scheme: str) -> Callable[[RawRequest], RawRequest]:
    def change(request: RawRequest) -> RawRequest:
        token = request.header(AUTHORIZATION).partition(" ")[2]
        return request.with_headers(("Authorization", f"{scheme} {token}")) if token else request

    return change


SCHEMES = (
    Spelling("Authorization: bearer …", _set_scheme("bearer")),
    Spelling("Authorization: BEARER …", _set_scheme("BEARER")),
    Spelling("two spaces before the key", _set_scheme("Bearer "), _POLARGRID),
)


def combine(request: RawRequest, *, is_json: bool) -> RawRequest:
    """Return a request in many spellings at once, those that servers of each profile must read."""
    parts = [HEADERS[0], HEADERS[4], HEADERS[5], SCHEMES[0], TARGETS[1]]
    parts += [MEDIA_TYPES[1], JSON[0], JSON[2]] if is_json else []
    for spelling in parts:
        request = spelling.change(request)
    return request
