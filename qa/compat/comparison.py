"""Compares the types of two SDKs: what ours accepts where theirs takes it, and what ours returns where theirs does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from qa.compat import shapes
from qa.compat.hints import Parameter, get_fields, get_parameters, get_required, get_returns
from qa.compat.members import (
    accepts_literal,
    count_shared,
    describe_class,
    find_best,
    find_owner,
    get_attribute_types,
    has_attribute,
    is_same_class,
    is_subclass,
    join_types,
    list_attributes,
    unwrap_function,
)

# typing's classes and their equals, of which the one accepts the other.
_ACCEPTED_BY: Final[dict[Any, tuple[Any, ...]]] = {
    int: (float,),
    bool: (int, float),
    bytes: (bytearray,),
}


@dataclass
class Comparison:
    """The names that were compared, and the difference of each that has one."""

    package: str
    differences: dict[str, str] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    seen: set[Any] = field(default_factory=set)

    def record(self, name: str, problem: str = "") -> None:
        """Record that a name was compared; the first problem is kept."""
        self.names[name] = None
        if problem:
            self.differences.setdefault(name, problem)

    # Functions

    def compare_functions(
        self, name: str, theirs: Callable[..., Any], ours: Callable[..., Any], owners: tuple[Any, Any] = (None, None)
    ) -> None:
        """Compare the parameters and the return types of two functions, of two classes."""
        self.compare_parameters(name, get_parameters(theirs), get_parameters(ours))
        returns, our_returns = get_returns(theirs, owners[0]), get_returns(ours, owners[1])
        if returns and our_returns:
            self.compare_answers(f"{name} -> ", returns, our_returns)

    def compare_parameters(self, name: str, theirs: dict[str, Parameter], ours: dict[str, Parameter]) -> None:
        """Each parameter of theirs is one of ours, whose type accepts it, and none of ours is required beside them."""
        for parameter in theirs.values():
            if parameter.name.startswith("_"):
                continue
            label = f"{name}({parameter.name})"
            other = ours.get(parameter.name)
            if other is None:
                self.record(label, "no such parameter")
            elif other.is_required and not parameter.is_required:
                self.record(label, "required")
            elif parameter.is_positional and not other.is_positional:
                self.record(label, "not positional")
            else:
                self.record(label, self.find_rejection(parameter.type, other.type))
        for other in ours.values():
            if other.is_required and other.name not in theirs:
                self.record(f"{name}({other.name})", "required, and theirs has no such parameter")

    # Requests: each member of theirs has one of ours that accepts it.

    def find_rejection(self, theirs: Any, ours: Any) -> str:
        """Why ours does not accept all that theirs does; "" if it does."""
        candidates = shapes.list_members(ours)
        rejected = [member for member in shapes.list_members(theirs) if not self._accepts_any(member, candidates)]
        return f"does not accept {join_types(rejected)}; takes {join_types(candidates)}" if rejected else ""

    def _accepts_any(self, member: Any, candidates: Sequence[Any]) -> bool:
        if shapes.is_any(member) or any(shapes.is_any(candidate) for candidate in candidates):
            return True
        if shapes.is_record(member):
            records = [candidate for candidate in candidates if shapes.is_record(candidate)]
            if records:
                self.compare_records(member, find_best(member, records), is_request=True)
                return True
        return any(self._accepts(member, candidate) for candidate in candidates)

    def _accepts(self, member: Any, candidate: Any) -> bool:
        if member == candidate or is_same_class(member, candidate):
            return True
        if shapes.is_literal(member):
            return accepts_literal(shapes.literal_value(member), candidate)
        if shapes.is_sequence(member) and shapes.is_sequence(candidate):
            return self._accepts_sequence(member, candidate)
        origin, other = shapes.get_origin(member), shapes.get_origin(candidate)
        # One name: of typing and collections.abc, or of two versions of a package.
        is_same = getattr(origin, "__name__", "") == getattr(other, "__name__", None)
        if (shapes.is_mapping(member) or shapes.is_record(member)) and not is_same:
            return is_subclass(other, Mapping)
        return is_same or other in _ACCEPTED_BY.get(origin, ()) or is_subclass(origin, other)

    def _accepts_sequence(self, member: Any, candidate: Any) -> bool:
        theirs, ours = shapes.get_origin(member), shapes.get_origin(candidate)
        names = [getattr(kind, "__name__", "") for kind in (theirs, ours)]
        if names[0] == "Iterable" and names[1] not in ("Iterable", "Collection"):
            return False
        if names[0] == "tuple" and names[1] == "tuple":
            pairs = zip(shapes.get_arguments(member), shapes.get_arguments(candidate), strict=False)
            return all(not self.find_rejection(one, other) for one, other in pairs)
        inner, other = shapes.get_arguments(member)[:1], shapes.get_arguments(candidate)[:1]
        return not inner or not other or not self.find_rejection(inner[0], other[0])

    # Records: TypedDicts of requests, models of answers

    def compare_records(self, theirs: Any, ours: Any, *, is_request: bool) -> None:
        """Compare the fields of two records; each pair is compared once."""
        origin, other = shapes.get_origin(theirs), shapes.get_origin(ours)
        if (origin, other) in self.seen:
            return
        self.seen.add((origin, other))
        fields, our_fields = get_fields(origin), get_fields(other)
        name = origin.__name__ if origin.__module__.startswith(self.package) else describe_class(origin)
        self.record(name)
        for field_name, kind in fields.items():
            label = f"{name}.{field_name}"
            if field_name not in our_fields and not is_request and has_attribute(other, field_name):
                self.record(label)
                value = inspect.getattr_static(other, field_name, None)
                self.compare_answers(label, [kind], get_attribute_types(value, field_name, other) or [Any])
            elif field_name not in our_fields:
                self.record(label, f"{other.__name__} has no such field")
            elif is_request:
                self.record(label, self.find_rejection(kind, our_fields[field_name]))
            else:
                self.record(label)
                self.compare_answers(label, [kind], [our_fields[field_name]])
        if is_request:
            for field_name in sorted(get_required(other) - get_required(origin)):
                self.record(f"{name}.{field_name}", f"{other.__name__} requires it")
        else:
            self._compare_attributes(origin, other)

    # Answers: what code reads of theirs, it reads of ours.

    def compare_answers(self, name: str, theirs: Iterable[Any], ours: Iterable[Any]) -> None:
        """Compare what two functions return, or what two fields hold."""
        members = [member for kind in theirs for member in shapes.list_members(kind)]
        others = [member for kind in ours for member in shapes.list_members(kind)]
        self.record(name)
        if any(map(shapes.is_any, members)) or shapes.Variable in others:
            return
        if any(map(shapes.is_any, others)):
            self.record(name, f"has no type; theirs is {join_types(members)}")
            return
        if type(None) in others and type(None) not in members:
            self.record(name, f"may be None; theirs is {join_types(members)}")
        for member in members:
            if member is not type(None):
                self._compare_answer(name, member, others)

    def _compare_answer(self, name: str, member: Any, others: Sequence[Any]) -> None:
        if shapes.is_record(member) and (records := [other for other in others if shapes.is_record(other)]):
            self.compare_records(member, find_best(member, records), is_request=False)
        elif shapes.is_sequence(member) and (sequences := [other for other in others if shapes.is_sequence(other)]):
            self._compare_arguments(f"{name}[]", member, sequences[0])
        elif self._is_own_class(member) and (classes := [other for other in others if self._is_class(other)]):
            best = max(classes, key=lambda other: count_shared(shapes.get_origin(member), shapes.get_origin(other)))
            self.compare_classes(member, best)
        elif not any(self._accepts(member, other) or self._accepts(other, member) for other in others):
            self.record(name, f"is never {shapes.describe(member)}; is {join_types(others)}")

    def _compare_arguments(self, name: str, member: Any, other: Any) -> None:
        arguments, our_arguments = shapes.get_arguments(member), shapes.get_arguments(other)
        if arguments and our_arguments:
            self.compare_answers(name, arguments[:1], our_arguments[:1])

    def _is_own_class(self, kind: Any) -> bool:
        origin = shapes.get_origin(kind)
        return inspect.isclass(origin) and origin.__module__.partition(".")[0] == self.package

    def _is_class(self, kind: Any) -> bool:
        origin = shapes.get_origin(kind)
        return inspect.isclass(origin) and origin not in (str, int, float, bool, bytes, type(None), list, dict)

    # Classes that are no data: streams, raw responses, clients

    def compare_classes(self, theirs: Any, ours: Any) -> None:
        """Compare the public attributes and methods of two classes, and what they are of."""
        origin, other = shapes.get_origin(theirs), shapes.get_origin(ours)
        arguments, our_arguments = shapes.get_arguments(theirs), shapes.get_arguments(ours)
        if len(arguments) == len(our_arguments) == 1:  # the order of several is their own
            self.compare_answers(f"{origin.__name__}[]", arguments, our_arguments)
        if (origin, other) in self.seen:
            return
        self.seen.add((origin, other))
        self.record(origin.__name__)
        self._compare_attributes(origin, other)

    def _compare_attributes(self, theirs: type, ours: type) -> None:
        skipped: set[str] = set()
        if shapes.is_model(theirs):
            is_model = shapes.is_model(ours)
            self.record(f"{theirs.__name__} is BaseModel", "" if is_model else f"{ours.__name__} is no model")
            if not is_model:
                return
            skipped = {*get_fields(theirs), *dir(BaseModel)}
        for attribute in list_attributes(theirs, self.package):
            if attribute not in skipped:
                self.compare_attribute(f"{find_owner(theirs, attribute)}.{attribute}", attribute, theirs, ours)

    def compare_attribute(self, label: str, attribute: str, theirs: type, ours: type) -> None:
        """Compare an attribute of two classes: its presence, the function, or the type of the value."""
        if not has_attribute(ours, attribute):
            self.record(label, f"{ours.__name__} has no such attribute")
            return
        self.record(label)
        one, other = (inspect.getattr_static(kind, attribute, None) for kind in (theirs, ours))
        one, other = unwrap_function(one), unwrap_function(other)
        if inspect.isfunction(one):
            if inspect.isfunction(other):
                if not attribute.startswith("__"):
                    self.compare_functions(label, one, other, (theirs, ours))
                # Without an annotation it is a protocol's own, which follows from its other method.
                elif attribute not in ("__exit__", "__aexit__") and (returns := get_returns(other, ours)):
                    self.compare_answers(f"{label} -> ", get_returns(one, theirs), returns)
            return
        kinds, our_kinds = get_attribute_types(one, attribute, theirs), get_attribute_types(other, attribute, ours)
        if kinds and our_kinds:
            self.compare_answers(label, kinds, our_kinds)
