"""What a member of a class is, as users call it; pure."""

from __future__ import annotations

import griffe

_RECORDS = ("attrs.", "dataclass", "attr.")


def describe_kind(item: griffe.Object, owner: griffe.Class) -> str:
    """Return what a member is called: method, option, value or attribute."""
    if isinstance(item, griffe.Function):
        return "method"
    if _derives_from(owner, "TypedDict"):
        return "option"
    return "value" if any(str(base).endswith("Enum") for base in owner.bases) else "attribute"


def is_record(owner: griffe.Class) -> bool:
    """Whether callers construct a class with its attributes: an attrs class, a dataclass, or a Pydantic request."""
    decorators = [str(decorator.value) for decorator in owner.decorators]
    is_model = _derives_from(owner, "BaseModel") and not owner.name.endswith("Response")
    return is_model or any(text.startswith(_RECORDS) for text in decorators)


def _derives_from(owner: griffe.Class, name: str) -> bool:
    return any(name in str(base) for ancestor in (owner, *owner.mro()) for base in ancestor.bases)
