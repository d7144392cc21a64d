"""The members of classes: public attributes, their types, and the classes that correspond to each other."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Final

from qa.compat import shapes
from qa.compat.hints import get_fields, get_returns

_PROTOCOLS: Final = {f"__{name}__" for name in ("enter", "exit", "iter", "next", "aenter", "aexit", "aiter", "anext")}
#: Names of one class in two versions of the HTTP client.
_SAME_MODULES: Final = {"httpx2": "httpx"}


def list_attributes(kind: type, package: str) -> list[str]:
    """The public attributes that classes of a package define, and the protocols that they have."""
    names: dict[str, None] = {}
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] == package:
            for name in [*vars(base), *inspect.get_annotations(base)]:
                if (not name.startswith("_") and name != "model_config") or name in _PROTOCOLS:
                    names[name] = None
    return sorted(names)


def find_owner(kind: type, attribute: str) -> str:
    """The name of the class that defines an attribute of a class."""
    owners = [base for base in kind.__mro__ if attribute in vars(base) or attribute in inspect.get_annotations(base)]
    return (owners or [kind])[0].__name__


def has_attribute(kind: type, name: str) -> bool:
    """Whether instances of a class have an attribute: of the class, annotated, or set by `__init__`."""
    if hasattr(kind, name) or any(name in inspect.get_annotations(base) for base in kind.__mro__):
        return True
    return any(name in inspect.unwrap(base.__init__).__code__.co_names for base in kind.__mro__ if _has_init(base))


def is_same_class(one: Any, other: Any) -> bool:
    """Whether both are one class, of two versions of the HTTP client maybe."""
    if not (inspect.isclass(one) and inspect.isclass(other)) or one.__name__ != other.__name__:
        return False
    roots = [kind.__module__.partition(".")[0] for kind in (one, other)]
    return len({_SAME_MODULES.get(root, root) for root in roots}) == 1


def describe_class(kind: type) -> str:
    return f"{kind.__module__.partition('.')[0]}.{kind.__name__}"


def _has_init(kind: type) -> bool:
    return inspect.isfunction(vars(kind).get("__init__"))


def unwrap_function(value: Any) -> Any:
    if isinstance(value, classmethod | staticmethod):
        return value.__func__
    return inspect.unwrap(value) if inspect.isfunction(value) else value


def get_attribute_types(value: Any, name: str, owner: type) -> list[Any]:
    """The type of a property, or of an annotated attribute."""
    function = getattr(value, "fget", None) or getattr(value, "func", None)
    if inspect.isfunction(function):
        return get_returns(function)
    fields = get_fields(owner) if not shapes.is_model(owner) else {}
    return [fields[name]] if name in fields else []


def accepts_literal(value: object, candidate: Any) -> bool:
    if shapes.is_enum(candidate):
        return value in {member.value for member in candidate}
    return inspect.isclass(candidate) and isinstance(value, candidate)


def find_best(member: Any, candidates: Sequence[Any]) -> Any:
    """The candidate with most of the member's fields, and with its constant ones: `type`, `role`."""
    return max(candidates, key=lambda candidate: _score(shapes.get_origin(member), shapes.get_origin(candidate)))


def _score(theirs: type, ours: type) -> tuple[int, int, int]:
    fields, other = get_fields(theirs), get_fields(ours)
    constants = _constants(fields)
    matching = sum(bool(values & _constants(other).get(name, set())) for name, values in constants.items())
    return matching, len(fields.keys() & other.keys()), -len(other.keys() - fields.keys())


def _constants(fields: dict[str, Any]) -> dict[str, set[Any]]:
    found = {}
    for name, kind in fields.items():
        literals = {shapes.literal_value(member) for member in shapes.list_members(kind) if shapes.is_literal(member)}
        if literals:
            found[name] = literals
    return found


def count_shared(theirs: type, ours: type) -> int:
    return len(set(dir(theirs)) & set(dir(ours)))


def is_subclass(one: Any, other: Any) -> bool:
    try:
        return issubclass(one, other)
    except TypeError:
        return False


def join_types(kinds: Iterable[Any]) -> str:
    texts = list(dict.fromkeys(shapes.describe(kind) for kind in kinds))
    return " | ".join(texts[:8]) + (f" and {len(texts) - 8} others" if len(texts) > 8 else "") or "nothing"
