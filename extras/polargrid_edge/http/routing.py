"""From a request to the operation that serves it: by path, method and fixed query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match

from polargrid_edge.errors import EdgeError, invalid_request
from polargrid_edge.http.errors import error_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

Query = Sequence[tuple[str, str]]

_TEMPLATE: Final = re.compile(r"\{([^{}]+)\}")
_BOOLEANS: Final = {"1": "true", "0": "false"}


class PathRoute(BaseRoute):
    """One path. A template in braces matches a segment, in which a slash is percent-encoded: `hexgrad%2FKokoro-82M`.

    The values of the templates are in `path_params` of the scope.
    """

    def __init__(self, template: str, app: ASGIApp) -> None:
        self.template = template
        self._app = app
        self._pattern = re.compile(
            _TEMPLATE.sub("([^/]+)", re.sub(r"[^{}]+", lambda text: re.escape(text[0]), template))
        )
        self._names = _TEMPLATE.findall(template)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        if not self._names:
            return (Match.FULL, {}) if scope["path"] == self.template else (Match.NONE, {})
        match = self._pattern.fullmatch(scope["raw_path"].decode("latin-1"))
        if match is None:
            return Match.NONE, {}
        try:
            values = [unquote(text, errors="strict") for text in match.groups()]
        except UnicodeDecodeError:
            return Match.NONE, {}
        return Match.FULL, {"path_params": dict(zip(self._names, values, strict=True))}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class MethodRouter:
    """The endpoints of one path by method."""

    def __init__(self, endpoints: Mapping[str, ASGIApp]) -> None:
        self._endpoints = endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["method"])
        if endpoint is None:
            allowed = ", ".join(self._endpoints)
            message = f"method {scope['method']} not allowed; expected one of: {allowed}"
            endpoint = error_response(EdgeError(405, message, "method_not_allowed", headers={"Allow": allowed}))
        await endpoint(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation of a path and a method, and the query that selects it; a value in braces stands for any value."""

    query: Query
    app: ASGIApp

    def matches(self, values: Mapping[str, str]) -> bool:
        return all(name in values and _is_value(value, values[name]) for name, value in self.query)

    def __str__(self) -> str:
        return "&".join("=".join(item) for item in self.query)


class QueryRouter:
    """The operations that share a path and a method: the one with the most matching items of its fixed query.

    Of a name that is repeated the last value counts. Without a match, the operation without a fixed query is selected.
    Raises `EdgeError` 400 if there is none, if several match equally well, and for a flag that is neither true nor
    false, which would select another operation in silence.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._candidates = list(candidates)
        self._flags = {name for item in self._candidates for name, value in item.query if value in _BOOLEANS.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            app = self._select(dict(parse_query(scope)))
        except EdgeError as error:
            app = error_response(error)
        await app(scope, receive, send)

    def _select(self, values: Mapping[str, str]) -> ASGIApp:
        for name in sorted(self._flags & values.keys()):
            if normalize_flag(values[name]) is None:
                raise invalid_request(f"{name}: unsupported value {values[name]!r}; expected true or false", name)
        matching = [candidate for candidate in self._candidates if candidate.matches(values)]
        size = max((len(candidate.query) for candidate in matching), default=0)
        best = [candidate for candidate in matching if len(candidate.query) == size]
        if len(best) == 1:
            return best[0].app
        expected = " or ".join(map(str, best or self._candidates))
        reason = "the parts of the query contradict each other" if best else "unknown query"
        raise invalid_request(f"{reason}; expected {expected}")


def build_endpoint(candidates: Sequence[Candidate]) -> ASGIApp:
    """The application for the operations of a path and a method."""
    is_single = len(candidates) == 1 and not candidates[0].query
    return candidates[0].app if is_single else QueryRouter(candidates)


def read_base_url(scope: Scope) -> str:
    """The address of this server without a path, as the client knows it."""
    host = Headers(scope=scope).get("host") or ":".join(map(str, scope["server"]))
    return f"{scope['scheme']}://{host}"


def parse_query(scope: Scope) -> list[tuple[str, str]]:
    """The items of the query, decoded."""
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


class PublicRequests:
    """Which requests need no API key: those of `paths`, and those whose operations all need none."""

    def __init__(self, paths: Iterable[str], routes: Iterable[tuple[PathRoute, frozenset[str]]]) -> None:
        """`routes` are paths with their methods that need no key."""
        self._paths = frozenset(paths)
        self._routes = [(route, methods) for route, methods in routes if methods]

    def __call__(self, scope: Scope) -> bool:
        return scope["path"] in self._paths or any(
            scope["method"] in methods and route.matches(scope)[0] is Match.FULL for route, methods in self._routes
        )


IsPublic = Callable[["Scope"], bool]


def normalize_flag(text: str) -> str | None:
    """The value of a flag, `true` or `false`; None for another text."""
    text = text.strip().lower()
    text = _BOOLEANS.get(text, text)
    return text if text in _BOOLEANS.values() else None


def _is_value(expected: str, text: str) -> bool:
    if _TEMPLATE.fullmatch(expected):
        return True
    return text == expected or (expected in _BOOLEANS.values() and normalize_flag(text) == expected)
