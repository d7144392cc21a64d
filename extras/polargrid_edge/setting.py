"""How a setting of the edge is declared: once, as a field of `EdgeSettings` with these facts.

The option of `polargrid serve`, the environment variables and the key of a settings file are derived from it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

_KEY: Final = "setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a declaration says of a setting, beside its type and default.

    `flag` is the option of `polargrid serve` (None: derived from the name), `variables` are names that it has in the
    environment beside `POLARGRID_EDGE_…`. `minimum` is the least value, or with `above_minimum` the bound below it;
    `default_text` is the default in the help, where it is computed. A `secret` is never shown. A setting that is not
    `is_public` has neither option nor variable nor key.
    """

    help: str = ""
    flag: str | None = None
    variables: tuple[str, ...] = ()
    metavar: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    above_minimum: bool = False
    default_text: str | None = None
    secret: bool = False
    is_public: bool = True


def setting(
    default: Any = MISSING, *, default_factory: Callable[[], Any] | Any = MISSING, secret: bool = False, **facts: Any
) -> Any:
    """Declare a setting: a field of a dataclass with `Facts`."""
    metadata = {_KEY: Facts(secret=secret, **facts)}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, repr=not secret, metadata=metadata)
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Setting:
    """A declared setting. `type` is that of one value; `is_list` says whether it has several."""

    name: str
    type: Any
    is_list: bool
    default: Any
    facts: Facts

    @property
    def flag(self) -> str:
        return self.facts.flag or "--" + self.name.replace("_", "-")

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables, the first one counts."""
        return (f"POLARGRID_EDGE_{self.name.upper()}", *self.facts.variables)

    @property
    def is_table(self) -> bool:
        """Whether a value is an object, a table of the settings file."""
        return hasattr(self.type, "__dataclass_fields__")

    @property
    def is_required(self) -> bool:
        return self.default is MISSING

    @property
    def choices(self) -> tuple[str, ...] | None:
        """The values of a setting that is one of several texts."""
        return get_args(self.type) if get_origin(self.type) is Literal else None

    def check(self, value: object) -> None:
        """Raise `ValueError` for a number that is out of range."""
        facts = self.facts
        if value is None or not isinstance(value, (int, float)):
            return
        is_low = facts.minimum is not None and (
            not value > facts.minimum if facts.above_minimum else not value >= facts.minimum
        )
        if is_low or (facts.maximum is not None and not value <= facts.maximum):
            raise ValueError(f"{self.name}: {value} is out of range; expected {self._range()}")

    def _range(self) -> str:
        facts = self.facts
        if facts.minimum is None or facts.maximum is None:
            return (
                f"at most {facts.maximum:g}"
                if facts.minimum is None
                else f"more than {facts.minimum:g}"
                if facts.above_minimum
                else f"{facts.minimum:g} or more"
            )
        return f"{facts.minimum:g} to {facts.maximum:g}"


@cache
def list_settings(kind: type) -> tuple[Setting, ...]:
    """The public settings that a dataclass declares, in order."""
    hints = get_type_hints(kind)
    items = [(item, item.metadata.get(_KEY, Facts())) for item in fields(kind)]
    return tuple(
        Setting(item.name, *_value_type(hints[item.name]), _default(item), facts)
        for item, facts in items
        if facts.is_public
    )


def _default(item: Any) -> Any:
    if item.default is not MISSING or item.default_factory is MISSING:
        return item.default
    return item.default_factory()


def _value_type(hint: Any) -> tuple[Any, bool]:
    """The type of one value, without None, and whether the hint is of several."""
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = [item for item in get_args(hint) if item is not type(None)]
    if get_origin(hint) in (frozenset, tuple, list):
        return get_args(hint)[0], True
    return hint, False


def describe_type(item: Setting) -> str:
    """The type of a value in words, for messages."""
    if item.choices:
        return f"one of {', '.join(item.choices)}"
    return _WORDS.get(item.type, "a table" if item.is_table else "a text")


_WORDS: Final[Mapping[Any, str]] = {
    int: "an integer",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    str: "a text",
    Mapping[str, str]: "a table of texts",
}
