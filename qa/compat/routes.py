"""The operations that both SDKs have: methods of `openai` whose source sends a request of our document."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from qa.compat.hints import load_namespace

Route = tuple[str, str]  # the HTTP method, and the path with {} for each parameter

_VERBS: Final = {"_get": "get", "_get_api_list": "get", "_post": "post", "_put": "put", "_patch": "patch"}
_DELETE: Final = {"_delete": "delete"}
_DEPTH: Final = 3


def list_routes(document: Mapping[str, Any], prefix: str = "/v1") -> set[Route]:
    """The routes of a document of OpenAPI, without the prefix of its paths and their queries."""
    routes = set()
    for path, item in document["paths"].items():
        plain = path.partition("?")[0].removeprefix(prefix)
        routes |= {(verb, _normalize(plain)) for verb in item if verb in {"get", "post", "put", "patch", "delete"}}
    return routes


def find_route(method: Callable[..., Any]) -> Route | None:
    """The route of a method of a resource; None if it sends no request."""
    function = inspect.unwrap(getattr(method, "__func__", method))
    owner = type(method.__self__) if hasattr(method, "__self__") else None
    return next(_iterate_routes(function, owner, _DEPTH), None)


def list_resources(client: object, is_resource: Callable[[object], bool]) -> dict[str, object]:
    """The resources of a client, by their names on it: `chat.completions`."""
    found: dict[str, object] = {}
    stack = [("", client)]
    while stack:
        name, owner = stack.pop()
        for attribute in list_attributes(type(owner)):
            if attribute.startswith(("_", "with_")):
                continue
            value = getattr(owner, attribute, None)
            if value is not None and is_resource(value) and name.count(".") < _DEPTH:
                path = f"{name}.{attribute}".lstrip(".")
                found[path] = value
                stack.append((path, value))
    return found


@functools.cache
def list_attributes(kind: type) -> tuple[str, ...]:
    return tuple(sorted(set(dir(kind))))


def list_methods(resource: object) -> dict[str, Callable[..., Any]]:
    """The public methods of a resource."""
    names = [name for name in list_attributes(type(resource)) if not name.startswith("_")]
    return {name: getattr(resource, name) for name in names if inspect.isfunction(getattr(type(resource), name, None))}


def _iterate_routes(function: Any, owner: type | None, depth: int) -> Iterator[Route]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        verb = (_VERBS | _DELETE).get(call.func.attr) if isinstance(call.func, ast.Attribute) else None
        if verb and call.args and (path := _read_path(call.args[0])):
            yield verb, path
    if depth:
        for other in _iterate_callees(tree, function, owner):
            yield from _iterate_routes(other, owner, depth - 1)


def _iterate_callees(tree: ast.AST, function: Any, owner: type | None) -> Iterator[Any]:
    """The functions that a function calls or passes on: of its module, or of the same class."""
    names = load_namespace(function.__module__)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            value = names.get(node.func.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = getattr(owner, node.attr, None) if node.value.id in ("self", "resource") else None
        else:
            continue
        value = inspect.unwrap(value) if callable(value) else None
        package = function.__module__.partition(".")[0]
        if inspect.isfunction(value) and value is not function and value.__module__.startswith(package):
            yield value


def _read_path(node: ast.expr) -> str | None:
    """The path of a request: a text, or the template of a call like `path_template(...)`."""
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    if isinstance(node, ast.JoinedStr):
        return _normalize("".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values))
    return _normalize(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _normalize(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
