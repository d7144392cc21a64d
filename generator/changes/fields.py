"""The changes of arguments and fields, judged from the caller's side; pure.

A caller sends requests and reads responses, so the same change has opposite effects: a wider type of an argument is
welcome, a wider type of a response can break a program that reads it. Responses are open: a new field or a new value in
a response breaks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.changes.annotations import Union, includes, is_literal, literal_values, render_union
from generator.changes.change import Section
from generator.changes.shapes import LOWER_BOUNDS, UPPER_BOUNDS, Field


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A change of a field: its section, the names that it is of, and its sentence."""

    section: Section
    members: tuple[str, ...]
    text: str
    field: Field | None
    """The changed field, of a removed one the old; none if the type itself changed."""
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Direction:
    """How a caller meets the fields."""

    noun: str
    """What a field is called: argument or field."""
    is_sent: bool
    is_received: bool

    def judge(self, old: Union, new: Union) -> Section:
        """Return whether a program that fits the old type can break with the new one."""
        breaks_sender = self.is_sent and not includes(new, old)
        breaks_reader = self.is_received and not includes(old, new)
        return Section.BREAKING if breaks_sender or breaks_reader else Section.CHANGED


def compare_fields(
    old: Mapping[str, Field], new: Mapping[str, Field], direction: Direction, prefix: str = ""
) -> Iterator[FieldChange]:
    """Yield the changes of the fields of one operation or type; `prefix` is the path of an inline object."""
    renamed = _find_renamed(old, new)
    for name, field in old.items():
        full, noun = f"{prefix}{name}", direction.noun
        if name in renamed:
            text = f"the {noun} `{full}` is now `{prefix}{renamed[name]}`"
            yield FieldChange(Section.BREAKING, (full, f"{prefix}{renamed[name]}"), text, new[renamed[name]])
        elif name not in new:
            yield FieldChange(Section.BREAKING, (full,), f"the {noun} `{full}` is removed", field, is_removed=True)
        else:
            for section, members, text in _compare_field(full, field, new[name], direction):
                yield FieldChange(section, (full, *members), text, new[name])
            yield from compare_fields(field.fields, new[name].fields, direction, f"{full}.")
    for name, field in new.items():
        if name not in old and name not in renamed.values():
            yield _describe_added(f"{prefix}{name}", field, direction)


def _find_renamed(old: Mapping[str, Field], new: Mapping[str, Field]) -> dict[str, str]:
    """Return new names by old names: of one removed and one added field with the same facts."""
    removed = [field for name, field in old.items() if name not in new]
    added = [field for name, field in new.items() if name not in old]
    is_same = len(removed) == 1 and len(added) == 1 and removed[0].facts == added[0].facts
    return {removed[0].name: added[0].name} if is_same else {}


def _describe_added(name: str, field: Field, direction: Direction) -> FieldChange:
    if direction.is_sent and field.required:
        return FieldChange(Section.BREAKING, (name,), f"the new {direction.noun} `{name}` is required", field)
    return FieldChange(Section.ADDED, (name,), f"the {direction.noun} `{name}`", field)


Sentence = tuple[Section, tuple[str, ...], str]


def _compare_field(name: str, old: Field, new: Field, direction: Direction) -> Iterator[Sentence]:
    subject = f"the {direction.noun} `{name}`"
    if old.required != new.required:
        is_breaking = direction.is_sent if new.required else direction.is_received
        state = "required" if new.required else "optional"
        yield Section.BREAKING if is_breaking else Section.CHANGED, (), f"{subject} is {state} now"
    yield from compare_types(subject, old.type, new.type, direction)
    if old.default != new.default:
        yield Section.CHANGED, (), _describe_default(subject, old.default, new.default)
    if direction.is_sent:
        yield from _compare_bounds(subject, old.bounds, new.bounds)
    if old.sent_in != new.sent_in:
        yield Section.CHANGED, (), f"{subject} is sent in the {new.sent_in}; it was in the {old.sent_in}"
    if old.deprecated != new.deprecated:
        section = Section.DEPRECATED if new.deprecated else Section.CHANGED
        yield section, (), f"{subject} is {'' if new.deprecated else 'no longer '}deprecated"


def compare_types(subject: str, old: Union, new: Union, direction: Direction) -> Iterator[Sentence]:
    """Yield the changes of a type: values of an enum, else the type as a whole."""
    if old == new:
        return
    literals = frozenset(member for member in old | new if is_literal(member))
    if old - literals == new - literals and old & literals and new & literals:
        yield from compare_values(subject, literal_values(old), literal_values(new), direction)
    else:
        text = f"{subject} has the type `{render_union(new)}`; it was `{render_union(old)}`"
        yield direction.judge(old, new), (), text


def compare_values(
    subject: str, old: tuple[str, ...], new: tuple[str, ...], direction: Direction, *, is_class: bool = False
) -> Iterator[Sentence]:
    """Yield the values that an enum lost or got; a lost member of a class breaks a program in either direction."""
    removed, added = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    if removed:
        section = Section.BREAKING if direction.is_sent or is_class else Section.CHANGED
        yield section, tuple(removed), f"{subject} has no longer {_list_values(removed)}"
    if added:
        yield Section.ADDED, tuple(added), f"{subject} has {_list_values(added)}"


def _list_values(values: list[str]) -> str:
    names = ", ".join(f"`{value}`" for value in values)
    return f"the value{'s' if len(values) > 1 else ''} {names}"


def _describe_default(subject: str, old: str | None, new: str | None) -> str:
    if new is None:
        return f"{subject} has no default; it was `{old}`"
    return f"{subject} has the default `{new}`" + ("" if old is None else f"; it was `{old}`")


def _compare_bounds(subject: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Sentence]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        section = Section.BREAKING if _is_tighter(key, before, after) else Section.CHANGED
        if after is None:
            yield section, (), f"{subject} has no `{key}`; it was `{before}`"
        else:
            yield section, (), f"{subject} has the `{key}` `{after}`" + (f"; it was `{before}`" if before else "")


def _is_tighter(key: str, old: Any, new: Any) -> bool:
    """Whether a bound rejects what it accepted; of another pattern, that cannot be ruled out."""
    if new is None or old is None:
        return new is not None and new is not False
    keyword = key.rpartition(".")[2]
    if keyword in LOWER_BOUNDS:
        return bool(new > old)
    return bool(new < old) if keyword in UPPER_BOUNDS else new is not False
