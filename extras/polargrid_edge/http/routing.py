"""From a request to the operation that serves it: by path, method and fixed query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

from starlette.routing import BaseRoute, Match

from polargrid_edge.errors import EdgeError
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

    def matches(self, query: Query) -> bool:
        return all(any(_is_value(name, value, item) for item in query) for name, value in self.query)


class QueryRouter:
    """The operations that share a path and a method: the one with the most matching items of its fixed query.

    Without a match, the operation without a fixed query is selected. Raises `EdgeError` 400 if there is none.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._candidates = sorted(candidates, key=lambda candidate: -len(candidate.query))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._select(parse_query(scope))(scope, receive, send)

    def _select(self, query: Query) -> ASGIApp:
        for candidate in self._candidates:
            if candidate.matches(query):
                return candidate.app
        expected = " or ".join("&".join("=".join(item) for item in candidate.query) for candidate in self._candidates)
        return error_response(EdgeError(400, f"unknown query; expected {expected}", "invalid_value"))


def build_endpoint(candidates: Sequence[Candidate]) -> ASGIApp:
    """The application for the operations of a path and a method."""
    is_single = len(candidates) == 1 and not candidates[0].query
    return candidates[0].app if is_single else QueryRouter(candidates)


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


def _is_value(name: str, value: str, item: tuple[str, str]) -> bool:
    if name != item[0]:
        return False
    text = item[1].strip().lower()
    return bool(_TEMPLATE.fullmatch(value)) or value.lower() in (text, _BOOLEANS.get(text))
