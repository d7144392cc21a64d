"""Which operation a request is for, which methods a path has, and which requests a profile allows; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from polargrid_contract.operations import DocumentedOperation, is_path, is_template
from polargrid_runtime.operation import split_path

_DOT_SEGMENTS = {".", ".."}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class OutsideProfileError(RuntimeError):
    """A check is about to send a request that is none of the profile's operations: a defect of the check."""


class Route(NamedTuple):
    """The method and the key of an operation, and whether servers of the profile have it."""

    method: str
    key: str
    is_in_profile: bool


def list_routes(operations: Iterable[DocumentedOperation], profile: str) -> list[Route]:
    """Return the routes of a document's operations."""
    return [Route(it.method, it.key, it.is_in(profile)) for it in operations]


def find_refusal(routes: Iterable[Route], method: str, target: str) -> str:
    """Describe why a request may not be sent to a server of the profile; empty if it may.

    A server may have more operations than the document: another method at a documented path may delete something, and
    a path that the document gives to an operation outside the profile may be another operation there. So the request
    must be one of the profile's operations by method, path and query. HEAD stands for GET, and OPTIONS, which is safe
    as well, for any method.
    """
    path, query = split_path(_ESCAPE.sub(_decode_unreserved, target))
    if _DOT_SEGMENTS & set(unquote(path).split("/")):
        return f"{method} {path} has a dot segment, which a server may resolve to another path"
    methods = {"HEAD": ("GET",), "OPTIONS": None}.get(method, (method,))
    fitting = [it for it in routes if (methods is None or it.method in methods) and _fits(it.key, path, query)]
    rank = min((_rank(it.key) for it in fitting), default=None)
    best = [it for it in fitting if _rank(it.key) == rank]
    if not best:
        return f"{method} {path} is no operation of the document"
    is_in_profile = any(it.is_in_profile for it in best)
    return "" if is_in_profile else f"{best[0].method} {best[0].key} is no operation of the profile"


def find_operation(
    operations: Mapping[str, DocumentedOperation], method: str, target: str
) -> DocumentedOperation | None:
    """Return the operation of a request: one without templates first, and one whose query is in the request first."""
    path, query = split_path(target)
    candidates = [it for it in operations.values() if it.method == method and it.matches(path)]
    fitting = [it for it in candidates if _has_query(it.key, query)]
    return min(fitting or candidates, key=lambda it: _rank(it.key), default=None)


def methods_at(operations: Mapping[str, DocumentedOperation], path: str) -> set[str]:
    """Return the methods that are supported at a path, by any operation whose template it matches."""
    return {operation.method for operation in operations.values() if operation.matches(path)}


def _decode_unreserved(escape: re.Match[str]) -> str:
    """Decode a character that needs no escape: both spellings are one target (RFC 3986, 6.2.2.2)."""
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0]


def _rank(key: str) -> tuple[bool, int]:
    path, query = split_path(key)
    return "{" in path, -len(query)


def _fits(key: str, path: str, query: tuple[tuple[str, str], ...]) -> bool:
    return is_path(split_path(key)[0], path) and _has_query(key, query)


def _has_query(key: str, query: tuple[tuple[str, str], ...]) -> bool:
    names = {name for name, _ in query}
    return all(
        (name in names) if is_template(value) else ((name, value) in query) for name, value in split_path(key)[1]
    )
