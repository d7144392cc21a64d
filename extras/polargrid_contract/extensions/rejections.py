"""Requests that are invalid in ways no schema expresses, derived from a valid request, and the status for each; pure.

The document decides which apply: `security` with a bearer token, responses with 400, 404 and 415.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

_TRUNCATED_JSON = b'{"model": '
_UNKNOWN_PATH = "/no-such-path"


class SentRequest(NamedTuple):
    """A request as it is sent over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None


class InvalidRequest(NamedTuple):
    """An invalid request, what is invalid about it, and the status that it must get."""

    description: str
    request: SentRequest
    status: int


def derive_invalid_requests(
    operation: Mapping[str, Any],
    schemes: Mapping[str, Any],
    valid: SentRequest,
    is_known: Callable[[str], bool] = lambda _path: False,
) -> Iterator[InvalidRequest]:
    """Yield requests that break one rule each. `is_known` says whether an operation has a path."""
    responses, headers = operation["responses"], dict(valid.headers)
    has_json = bool("application/json" in operation.get("requestBody", {}).get("content", {}) and valid.body)
    if _requires_bearer(operation, schemes):
        yield from _without_valid_key(valid, truncated_too=has_json and "400" in responses)
    if has_json and "400" in responses:
        yield InvalidRequest("a truncated JSON body", valid._replace(body=_TRUNCATED_JSON), 400)
    if has_json and "415" in responses:
        text_headers = {**headers, "Content-Type": "text/plain"}
        yield InvalidRequest("JSON declared as text/plain", valid._replace(headers=text_headers), 415)
    if "security" in operation and (not operation["security"] or {} in operation["security"]):
        return  # what is no operation may need a key
    path, _, query = valid.url.partition("?")
    suffix = _UNKNOWN_PATH
    while is_known(urlsplit(path + suffix).path):
        suffix += _UNKNOWN_PATH
    yield InvalidRequest(f"{suffix} after the path", valid._replace(url=f"{path}{suffix}?{query}"), 404)


def _without_valid_key(valid: SentRequest, *, truncated_too: bool) -> Iterator[InvalidRequest]:
    scheme, _, key = valid.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        return
    similar = key[:-1] + ("b" if key[-1] == "a" else "a")
    for description, authorization in (
        ("a key with another last character", f"Bearer {similar}"),
        ("the key under another scheme", f"Token {key}"),
        ("the key without a scheme", key),
    ):
        headers = {**valid.headers, "Authorization": authorization}
        yield InvalidRequest(description, valid._replace(headers=headers), 401)
    if truncated_too:
        headers = {name: value for name, value in valid.headers.items() if name != "Authorization"}
        yield InvalidRequest("no key and a truncated body", valid._replace(headers=headers, body=_TRUNCATED_JSON), 401)


def _requires_bearer(operation: Mapping[str, Any], schemes: Mapping[str, Any]) -> bool:
    names = [name for requirement in operation.get("security", []) for name in requirement]
    return any(schemes.get(name, {}).get("scheme") == "bearer" for name in names)
