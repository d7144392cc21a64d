"""The changes of the public Python names between two surfaces; pure.

griffe judges positions, kinds, defaults and requiredness of parameters. It does not compare types, and takes a keyword
argument that is gone for one of `**options`; these are typed here, so both are compared here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import griffe

from generator.changes.change import Change, Place, Section
from generator.changes.fields import Direction
from generator.changes.kinds import describe_kind, is_record
from generator.changes.members import (
    Sentence,
    compare_attribute,
    compare_bases,
    compare_default,
    compare_function,
)
from generator.changes.surface import Surface, is_generated, public_members

_CLIENTS = ("PolarGrid", "PolarGridSync")
_NO_INTERFACE = {"model_config"}
_SENT = Direction("", is_sent=True, is_received=False)
_RECEIVED = Direction("", is_sent=False, is_received=True)
FindFile = Callable[[griffe.Object], str]


@dataclass(frozen=True)
class NameChange:
    """A change of a public name."""

    change: Change
    is_generated: bool
    """Whether openapi.yaml describes it; then it may be the same change as one of the document."""
    subject: str
    """What the document may know: a class, or a method or resource by its path on a client."""
    members: tuple[str, ...]
    """The changed arguments or fields of the subject."""
    origin: str
    """Where it is defined, which several classes may inherit."""
    types: frozenset[str] = frozenset()
    """The types that the changed annotation names."""


@dataclass(frozen=True)  # without slots: cached properties
class NameComparison:
    """Two surfaces, and how callers meet the classes of the document."""

    old: Surface
    new: Surface
    find_old_file: FindFile
    find_new_file: FindFile
    sent_types: frozenset[str] = frozenset()
    """The classes that only requests have; the fields of others are read."""
    unused_types: frozenset[str] = frozenset()
    """The classes that no operation has; they may lose what responses have."""

    def compare(self) -> Iterator[NameChange]:
        """Yield the changes of importable names, then of classes, functions and constants."""
        yield from self._compare_exports()
        yield from self._compare_resources()
        for name, new_class in self.new.classes.items():
            if name in self.old.classes and name not in self.unused_types:
                yield from self._compare_class(name, self.old.classes[name], new_class)
        for name, function in self.new.functions.items():
            if name in self.old.functions:
                for sentence in compare_function(self.old.functions[name], function, self._aliases):
                    yield self._describe(name, (), sentence, function)
        for name, constant in self.new.attributes.items():
            if name in self.old.attributes and str(self.old.attributes[name].value) != str(constant.value):
                yield self._describe(name, (), (Section.CHANGED, (), "the constant has another value"), constant)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        """New names of types by the old names that are still there."""
        # Only a constant that was a class before: any other is a second name of a type, `polargrid.openai.AsyncClient`.
        before = self.old.exports.keys() - self.old.attributes.keys()
        constants = [(name, item) for name, item in self.new.attributes.items() if name in before]
        aliases = {name.rpartition(".")[2]: str(item.value) for name, item in constants}
        return {name: target for name, target in aliases.items() if target in self.new.classes}

    def _compare_exports(self) -> Iterator[NameChange]:
        for name in sorted(self.old.exports.keys() - self.new.exports.keys()):
            yield self._describe_export(name, Section.BREAKING, "can no longer be imported", self.old, is_old=True)
        for name in sorted(self.new.exports.keys() - self.old.exports.keys()):
            yield self._describe_export(name, Section.ADDED, "can be imported", self.new, is_old=False)

    def _compare_resources(self) -> Iterator[NameChange]:
        """Yield lost and new resources of the clients that both have, without those below them."""
        for name in _find_lost_resources(self.old, self.new):
            sentence = Section.BREAKING, (), "the resource is removed"
            yield self._describe(name, (), sentence, self.old.classes[name], is_old=True)
        for name in _find_lost_resources(self.new, self.old):
            yield self._describe(name, (), (Section.ADDED, (), "the resource"), self.new.classes[name])

    def _compare_class(self, name: str, old: griffe.Class, new: griffe.Class) -> Iterator[NameChange]:
        before, after = public_members(old), public_members(new)
        if f"polargrid.{name}" not in self.new.exports:  # only the SDK calls the constructor
            before.pop("__init__", None)
            after.pop("__init__", None)
        for sentence in compare_bases(old, new, self.new.classes):
            yield self._describe(name, (), sentence, new)
        inherited_before, inherited_after = _inherit(self.old, old), _inherit(self.new, new)
        for member, item in before.items():
            if member in inherited_before and (member in inherited_after or member not in after):
                continue  # it is a change of the public base
            if member not in after:
                text = f"the {describe_kind(item, old)} `{member}` is removed"
                yield self._describe(name, (member,), (Section.BREAKING, (), text), item, is_old=True)
            elif member not in _NO_INTERFACE:
                yield from self._compare_member(name, member, item, after[member], new)
        for member, item in after.items():
            if member not in before and member not in _NO_INTERFACE and member not in inherited_after:
                yield self._describe(name, (member,), _describe_added(member, item, new), item)

    def _compare_member(
        self, name: str, member: str, old: griffe.Object, new: griffe.Object, owner: griffe.Class
    ) -> Iterator[NameChange]:
        if isinstance(old, griffe.Function) and isinstance(new, griffe.Function):
            full_name = name if member == "__init__" else f"{name}.{member}"
            for sentence in compare_function(old, new, self._aliases):
                yield self._describe(full_name, (), sentence, new)
        elif isinstance(old, griffe.Attribute) and isinstance(new, griffe.Attribute):
            kind = describe_kind(new, owner)
            direction = _SENT if kind == "option" or name in self.sent_types else _RECEIVED
            sentences = [*compare_attribute(old, new, f"the {kind} `{member}`", direction, self._aliases)]
            if is_record(owner) and not is_generated(new):  # openapi.yaml has the defaults of generated ones
                sentences += compare_default(old, new, f"the {kind} `{member}`")
            for sentence in sentences:
                yield self._describe(name, (member,), sentence, new)
        else:
            kinds = [describe_kind(item, owner) for item in (new, old)]
            is_now, was = (f"an {kind}" if kind[0] in "aeiou" else f"a {kind}" for kind in kinds)
            text = f"`{member}` is {is_now}; it was {was}"
            yield self._describe(name, (member,), (Section.BREAKING, (), text), new)

    def _describe_export(self, name: str, section: Section, text: str, surface: Surface, *, is_old: bool) -> NameChange:
        file, short = surface.exports[name], name.rpartition(".")[2]
        change = Change(section, (name,), text, (), (Place(file=file, is_old=is_old),), (short,))
        return NameChange(change, file.startswith("generated/"), short, (), name)

    def _describe(
        self, owner: str, members: tuple[str, ...], sentence: Sentence, item: griffe.Object, *, is_old: bool = False
    ) -> NameChange:
        section, names, text = sentence
        file = self.find_old_file(item) if is_old else self.find_new_file(item)
        client, _, path = owner.partition(".")
        subject = (
            ".".join([path, *members]).strip(".")
            if client in _CLIENTS
            else owner.rpartition(".")[2]
            if client == "polargrid"
            else client
        )
        aliases = (path, owner.rpartition(".")[2]) if path else ()
        change = Change(section, (owner,), text, (*members, *names), (Place(file=file, is_old=is_old),), aliases)
        own = names if client in _CLIENTS else change.members
        return NameChange(change, is_generated(item), subject, own, item.canonical_path, _find_types(item))


def _find_lost_resources(old: Surface, new: Surface) -> Iterator[str]:
    for name in old.classes:
        if "." in name and name not in new.classes and name.rpartition(".")[0] in new.classes:
            yield name


def _describe_added(member: str, item: griffe.Object, owner: griffe.Class) -> Sentence:
    kind = describe_kind(item, owner)
    is_required = isinstance(item, griffe.Attribute) and item.value is None and kind == "attribute"
    if is_required and is_record(owner) and "property" not in item.labels and not is_generated(item):
        return Section.BREAKING, (), f"the new {kind} `{member}` is required"
    return Section.ADDED, (), f"the {kind} `{member}`"


def _find_types(item: griffe.Object) -> frozenset[str]:
    """Return the names of the types in the annotations of an object."""
    if isinstance(item, griffe.Function):
        texts = [str(parameter.annotation) for parameter in item.parameters] + [str(item.returns)]
    else:
        texts = [str(item.annotation)] if isinstance(item, griffe.Attribute) else []
    words = "".join(character if character.isalnum() or character == "_" else " " for character in " ".join(texts))
    return frozenset(words.split())


def _inherit(surface: Surface, owner: griffe.Class) -> set[str]:
    """Return the generated members that a class inherits from another public class: a client of another name."""
    members, public = public_members(owner), list(surface.classes.values())
    inherited = [public_members(base).items() for base in owner.mro() if base in public]
    return {name for items in inherited for name, item in items if item is members.get(name) and is_generated(item)}
