"""Requests that are wrong beyond what a schema can be broken by, made of a right one, and the status each must get.

What the document declares decides which: `security` by a bearer token, answers of 400, 404 and 415.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_BROKEN = b'{"model": '
_NOWHERE = "/there-is-no-such-place"


class Sent(NamedTuple):
    """A right request, as it went over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None


class Refused(NamedTuple):
    """A wrong request, what is wrong with it, and the status that it must get."""

    what: str
    sent: Sent
    status: int


def wrong_requests(operation: Mapping[str, Any], schemes: Mapping[str, Any], sent: Sent) -> Iterator[Refused]:
    """Each of them breaks one rule."""
    answers, headers = operation["responses"], dict(sent.headers)
    json_body = "application/json" in operation.get("requestBody", {}).get("content", {}) and sent.body
    if _takes_bearer(operation, schemes):
        yield from _keyless(sent, broken=bool(json_body and "400" in answers))
    if json_body and "400" in answers:
        yield Refused("a body that breaks off", sent._replace(body=_BROKEN), 400)
    if json_body and "415" in answers:
        other = {**headers, "Content-Type": "text/plain"}
        yield Refused("JSON called text/plain", sent._replace(headers=other), 415)
    place, _, query = sent.url.partition("?")
    yield Refused(f"{_NOWHERE} after the path", sent._replace(url=f"{place}{_NOWHERE}?{query}"), 404)


def _keyless(sent: Sent, *, broken: bool) -> Iterator[Refused]:
    scheme, _, key = sent.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        return
    nearly = key[:-1] + ("b" if key[-1] == "a" else "a")
    for what, authorization in (
        ("a key whose last character is another", f"Bearer {nearly}"),
        ("the key under another scheme", f"Token {key}"),
        ("the key under no scheme", key),
    ):
        yield Refused(what, sent._replace(headers={**sent.headers, "Authorization": authorization}), 401)
    if broken:
        without = {name: it for name, it in sent.headers.items() if name != "Authorization"}
        yield Refused("no key and a body that breaks off", sent._replace(headers=without, body=_BROKEN), 401)


def _takes_bearer(operation: Mapping[str, Any], schemes: Mapping[str, Any]) -> bool:
    names = [name for wanted in operation.get("security", []) for name in wanted]
    return any(schemes.get(name, {}).get("scheme") == "bearer" for name in names)
