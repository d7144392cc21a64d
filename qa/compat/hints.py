"""The types of annotations, also of names that a module imports for type checkers only."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import typing_extensions

EMPTY: Final = inspect.Parameter.empty
_UNPACK: Final = (typing.Unpack, typing_extensions.Unpack)
_SELF: Final = (typing.Self, typing_extensions.Self)
_QUALIFIERS: Final = (typing.Annotated, typing.Required, typing.NotRequired, typing.ClassVar, typing.Final)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function. `is_positional` says whether it can be passed without its name."""

    name: str
    type: Any
    is_required: bool
    is_positional: bool = False


@functools.cache
def load_namespace(module: str) -> dict[str, Any]:
    """The names of a module, with those that it imports under TYPE_CHECKING."""
    loaded = sys.modules[module]
    names = {**vars(typing), **vars(loaded)}
    try:
        tree = ast.parse(inspect.getsource(loaded))
    except (OSError, TypeError):
        return names
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                if not isinstance(statement, ast.ClassDef):
                    _execute(statement, names)
    return names


def _execute(statement: ast.stmt, names: dict[str, Any]) -> None:
    """Execute an import or an alias; the name of a package that is not installed stays unknown."""
    code = compile(ast.Module([statement], type_ignores=[]), "<TYPE_CHECKING>", "exec")
    try:
        exec(code, names)  # noqa: S102 - a line of an installed package
    except (ImportError, NameError, TypeError):
        return


def resolve(annotation: Any, module: str) -> Any:
    """The type of an annotation in a module; Any if it cannot be resolved."""
    if isinstance(annotation, typing.ForwardRef):
        module, annotation = annotation.__forward_module__ or module, annotation.__forward_arg__
    if isinstance(annotation, types.ModuleType):
        return Any
    if isinstance(annotation, str):
        try:
            return resolve(_evaluate(annotation, dict(load_namespace(module))), module)
        except (NameError, AttributeError, TypeError, SyntaxError):
            return Any
    while typing.get_origin(annotation) in _QUALIFIERS:
        annotation = resolve(typing.get_args(annotation)[0], module)
    return annotation


def _evaluate(annotation: str, names: dict[str, Any]) -> Any:
    try:
        return eval(annotation, names)  # noqa: S307 - an annotation of an installed package
    except TypeError:
        tree = _LeavePlainUnions(names).visit(ast.parse(annotation, mode="eval"))
        return eval(ast.unparse(tree), names)  # noqa: S307 - as above


class _LeavePlainUnions(ast.NodeTransformer):
    """Removes the arguments of unions of Pydantic's generic models, which have no parameters at run time."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        value = eval(ast.unparse(node.value), self.names)  # noqa: S307 - as above
        is_plain = typing.get_origin(value) is typing.Union and not getattr(value, "__parameters__", ())
        return node.value if is_plain else node


def get_parameters(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters of a function without `self`, of all its overloads; those of `**options: Unpack[...]` as well."""
    parameters: dict[str, Parameter] = {}
    for overload in [*_get_overloads(function), function]:
        for parameter in _iterate(overload):
            known = parameters.get(parameter.name)
            kinds = [known.type, parameter.type] if known and known.type is not parameter.type else [parameter.type]
            parameters[parameter.name] = Parameter(
                parameter.name, _join(kinds), parameter.is_required, parameter.is_positional
            )
    return parameters


def _iterate(function: Callable[..., Any]) -> typing.Iterator[Parameter]:
    module = getattr(inspect.unwrap(function), "__module__", None) or "builtins"
    if isinstance(function, types.WrapperDescriptorType):
        return  # a class of C, like Exception: any arguments
    for name, parameter in inspect.signature(function).parameters.items():
        annotation = resolve(parameter.annotation, module) if parameter.annotation is not EMPTY else Any
        if name in ("self", "cls") or parameter.kind is parameter.VAR_POSITIONAL:
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            if typing.get_origin(annotation) in _UNPACK:
                fields = typing.get_args(annotation)[0]
                for field, kind in get_fields(fields).items():
                    yield Parameter(field, kind, field in get_required(fields))
            continue
        positional = parameter.kind is not parameter.KEYWORD_ONLY
        yield Parameter(name, annotation, parameter.default is EMPTY, positional)


def get_returns(function: Callable[..., Any], owner: Any = None) -> list[Any]:
    """The return types of a function: one of each overload, `owner` for Self. Empty if it has no annotation."""
    module = getattr(inspect.unwrap(function), "__module__", None) or "builtins"
    variants = _get_overloads(function) or [function]
    annotations = [inspect.signature(variant).return_annotation for variant in variants]
    kinds = [resolve(annotation, module) for annotation in annotations if annotation is not EMPTY]
    return [owner if owner and kind in _SELF else kind for kind in kinds]


def get_fields(kind: type) -> dict[str, Any]:
    """The fields of a model or a TypedDict with their types; otherwise, the annotated attributes of a class."""
    if (fields := getattr(kind, "model_fields", None)) is not None:
        return {name: resolve(field.annotation, kind.__module__) for name, field in fields.items()}
    bases = [kind] if typing_extensions.is_typeddict(kind) else [base for base in kind.__mro__ if base is not object]
    found: dict[str, Any] = {}
    for base in reversed(bases):
        module = sys.modules.get(base.__module__)
        annotations = inspect.get_annotations(base) if module else {}
        found.update({name: resolve(annotation, base.__module__) for name, annotation in annotations.items()})
    return found


def get_required(kind: type) -> set[str]:
    """The required fields of a TypedDict; `__required_keys__` does not see Required and NotRequired in texts."""
    required = set(getattr(kind, "__required_keys__", ()))
    for name, annotation in getattr(kind, "__annotations__", {}).items():
        text = getattr(annotation, "__forward_arg__", None) or str(annotation)
        qualifier = text.partition("[")[0].rpartition(".")[2]
        if qualifier == "Required":
            required.add(name)
        elif qualifier == "NotRequired":
            required.discard(name)
    return required


def _get_overloads(function: Callable[..., Any]) -> list[Any]:
    plain = inspect.unwrap(function)
    plain = getattr(plain, "__func__", plain)
    return list(typing_extensions.get_overloads(plain)) if inspect.isfunction(plain) else []


def _join(kinds: list[Any]) -> Any:
    try:
        return typing.Union[tuple(kinds)]  # noqa: UP007 - of a list
    except TypeError:
        return Any
