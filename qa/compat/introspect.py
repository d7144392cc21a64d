"""`python -m qa.compat.introspect`, in the environment of the comparison: prints what was compared, as JSON."""

from __future__ import annotations

import ast
import importlib
import importlib.resources
import inspect
import json
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from qa.compat import shapes
from qa.compat.comparison import Comparison
from qa.compat.hints import get_parameters, get_returns, load_namespace
from qa.compat.members import find_owner, has_attribute, list_attributes
from qa.compat.names import collect_types, list_exports, list_type_modules, list_type_names
from qa.compat.routes import Route, find_route, list_methods, list_resources, list_routes

THEIRS: Final = "openai"
OURS: Final = "polargrid.openai"
CLIENTS: Final = ("OpenAI", "AsyncOpenAI")
_WRAPPERS: Final = ("with_raw_response", "with_streaming_response")


def compare_packages(theirs: ModuleType, ours: ModuleType | None, routes: set[Route]) -> Comparison:
    """Compare two packages for the operations of these routes."""
    comparison = Comparison(theirs.__name__)
    functions: list[Callable[..., Any]] = []
    for name in CLIENTS:
        functions += compare_clients(comparison, getattr(theirs, name), getattr(ours, name, None), routes)
    compare_errors(comparison, theirs, ours)
    compare_names(comparison, theirs, ours, functions)
    return comparison


# Clients


def compare_clients(comparison: Comparison, theirs: Any, ours: Any, routes: set[Route]) -> list[Callable[..., Any]]:
    """Compare two classes of clients with their resources, and return the methods of theirs that send these routes."""
    name = theirs.__name__
    comparison.record(f"from {comparison.package} import {name}", "" if ours else "no such name")
    client = theirs(api_key="none", base_url="http://127.0.0.1")
    resources = list_resources(client, _is_resource)
    shared = {
        path: methods
        for path, resource in resources.items()
        if (methods := {name: value for name, value in list_methods(resource).items() if find_route(value) in routes})
    }
    functions = [method for methods in shared.values() for method in methods.values()]
    if ours is None:
        return functions
    comparison.seen.add((theirs, ours))  # its resources are compared by their operations
    other = ours(api_key="none", base_url="http://127.0.0.1")
    comparison.compare_parameters(name, get_parameters(theirs.__init__), get_parameters(ours.__init__))
    roots = {path.partition(".")[0] for path in resources}
    for attribute in list_attributes(theirs, comparison.package):
        if attribute not in roots and attribute not in _WRAPPERS:
            comparison.compare_attribute(f"{name}.{attribute}", attribute, theirs, ours)
    for path, methods in shared.items():
        compare_resources(comparison, f"{name}.{path}", resources[path], _get_path(other, path), methods)
        for wrapper in _WRAPPERS:
            for method in methods:
                if _get_path(client, f"{wrapper}.{path}.{method}"):
                    has = _get_path(other, f"{wrapper}.{path}.{method}")
                    comparison.record(f"{name}.{wrapper}.{path}.{method}", "" if has else "no such method")
    return functions


def compare_resources(
    comparison: Comparison, name: str, theirs: Any, ours: Any, methods: dict[str, Callable[..., Any]]
) -> None:
    """Compare the methods of a resource, and those of its `with_raw_response` and `with_streaming_response`."""
    comparison.record(name, "" if ours is not None else "no such resource")
    for method_name, method in methods.items():
        label, other = f"{name}.{method_name}", getattr(ours, method_name, None)
        comparison.record(label, "" if other is not None else "no such method")
        if other is not None:
            comparison.compare_functions(label, method, other)
    for wrapper in _WRAPPERS:
        wrapped, other_wrapped = getattr(theirs, wrapper, None), getattr(ours, wrapper, None)
        for method_name in methods:
            if (method := getattr(wrapped, method_name, None)) is None:
                continue
            other, label = getattr(other_wrapped, method_name, None), f"{name}.{wrapper}.{method_name}"
            comparison.record(label, "" if other is not None else "no such method")
            if other is not None:
                comparison.compare_parameters(label, get_parameters(method), get_parameters(other))
                compare_raw(comparison, wrapped, other_wrapped, method_name)


def compare_raw(comparison: Comparison, theirs: object, ours: object, method: str) -> None:
    """Compare the classes of raw responses that a method of two wrappers returns."""
    kinds = [kind for kind in map(_leave_manager, _raw_types(theirs, method)) if _is_class(kind)]
    others = [other for other in map(_leave_manager, _raw_types(ours, method)) if _is_class(other)]
    for kind in kinds[:1]:
        for other in others[:1]:
            comparison.compare_classes(shapes.get_origin(kind), shapes.get_origin(other))


def _raw_types(owner: object, method: str) -> list[Any]:
    """What a method of a wrapper returns, whose `__init__` has `self.create = wrap(resource.create)`.

    That is the second argument, if it has one, or what the function returns that `wrap` returns.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(type(owner).__init__)))
    names = load_namespace(type(owner).__module__)
    for node in ast.walk(tree):
        is_assigned = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == f"self.{method}"
        if is_assigned and isinstance(node.value, ast.Call):
            classes = [_evaluate(argument, names) for argument in node.value.args[1:]]
            returns = get_returns(_evaluate(node.value.func, names))
            return classes or [arguments[-1] for kind in returns if (arguments := shapes.get_arguments(kind))]
    return []


def _evaluate(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), dict(names))  # noqa: S307 - a line of an installed package


def _leave_manager(kind: Any) -> Any:
    """The type of the value of a context manager or of an awaitable; other types as they are."""
    origin, arguments = shapes.get_origin(kind), shapes.get_arguments(kind)
    name = getattr(origin, "__name__", "")
    if name in ("Awaitable", "Coroutine"):
        return _leave_manager(arguments[-1])
    if name.endswith("Manager"):
        enter = getattr(origin, "__enter__", None) or origin.__aenter__
        (value,) = get_returns(enter)
        return arguments[0] if shapes.is_any(shapes.split_union(value)[0]) else value
    return kind


def _is_class(kind: Any) -> bool:
    return inspect.isclass(shapes.get_origin(kind))


def _is_resource(value: object) -> bool:
    return any(base.__name__ in ("SyncAPIResource", "AsyncAPIResource") for base in type(value).__mro__)


def _get_path(owner: Any, path: str) -> Any:
    for name in path.split("."):
        owner = getattr(owner, name, None)
    return owner


# Errors


def compare_errors(comparison: Comparison, theirs: ModuleType, ours: ModuleType | None) -> None:
    """Compare the exceptions: names, bases, attributes, and the arguments that create one."""
    errors = _list_errors(theirs)
    for name, error in errors.items():
        other = getattr(ours, name, None)
        label = f"from {comparison.package} import {name}"
        comparison.record(label, "" if other is not None else "no such name")
        if other is None:
            continue
        for base_name, base in errors.items():
            if base is not error and issubclass(error, base):
                kind = getattr(ours, base_name, None)
                is_one = kind is not None and issubclass(other, kind)
                comparison.record(f"{name} is {base_name}", "" if is_one else "it is not")
        for attribute in list_attributes(error, comparison.package):
            has = has_attribute(other, attribute)
            label = f"{find_owner(error, attribute)}.{attribute}"
            comparison.record(label, "" if has else f"{other.__name__} has no such attribute")
        comparison.compare_parameters(name, get_parameters(error.__init__), get_parameters(other.__init__))


def _list_errors(module: ModuleType) -> dict[str, type[Exception]]:
    values = ((name, getattr(module, name)) for name in module.__all__ if not name.startswith("_"))
    return {name: value for name, value in values if inspect.isclass(value) and issubclass(value, Exception)}


# Names


def compare_names(
    comparison: Comparison, theirs: ModuleType, ours: ModuleType | None, functions: list[Callable[..., Any]]
) -> None:
    """Compare what can be imported: of the package, and of its modules of types for these functions."""
    for name in list_exports(theirs):
        value = getattr(theirs, name)
        if not _is_proxy(value):
            has = hasattr(ours, name)
            comparison.record(f"from {comparison.package} import {name}", "" if has else "no such name")
    collected = collect_types(functions, comparison.package)
    for module in list_type_modules(comparison.package, collected):
        other = _import(f"{OURS}{module.__name__.removeprefix(comparison.package)}")
        for name in list_type_names(module, collected, comparison.package):
            has = hasattr(other, name)
            comparison.record(f"from {module.__name__} import {name}", "" if has else "no such name")


def _is_proxy(value: object) -> bool:
    """Whether it is a resource of a client that a module holds."""
    return "Proxy" in type(value).__name__


def _import(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def main() -> None:
    theirs, ours = importlib.import_module(THEIRS), _import(OURS)
    document = json.loads(importlib.resources.files("polargrid_generated").joinpath("openapi.json").read_bytes())
    comparison = compare_packages(theirs, ours, list_routes(document))
    result = {"openai": theirs.__version__, "names": list(comparison.names), "differences": comparison.differences}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
