"""The changes of types, the components of two documents; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.changes.change import Change, Place, Section
from generator.changes.document import DocumentFacts
from generator.changes.fields import Direction, FieldChange, compare_fields, compare_values
from generator.changes.schemas import is_class
from generator.spec import Location

_MAX_OPERATIONS = 3  # a type of more operations has its own line
_PROSE = ("description", "title", "example", "examples", "externalDocs")


def find_renamed_types(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Return new names by old names: of a type that is gone and one that is new with the same schema."""
    renamed: dict[str, str] = {}
    added = [name for name in new if name not in old]
    for name in (name for name in old if name not in new):
        same = [other for other in added if _strip_prose(new[other]) == _strip_prose(old[name])]
        if len(same) == 1 and same[0] not in renamed.values():
            renamed[name] = same[0]
    return renamed


def _strip_prose(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _strip_prose(value) for key, value in node.items() if key not in _PROSE or isinstance(value, dict)}
    return [_strip_prose(item) for item in node] if isinstance(node, list) else node


def compare_models(old: DocumentFacts, new: DocumentFacts, renamed: Mapping[str, str]) -> Iterator[Change]:
    """Yield the changes of all types; `old` names them as `new`, and `renamed` has their old names."""
    used_before, used = (_find_uses(facts) for facts in (old, new))
    arguments = _argument_types(old) & _argument_types(new)
    for before, name in renamed.items():
        if is_class(new.schemas[name]):
            text = f"is the new name of the type `{before}`"
            yield Change(Section.BREAKING, (name,), text, (before,), (Place(new.locate(name)),))
    for name in old.schemas:
        if name not in new.schemas:
            if is_class(old.schemas[name]):
                yield Change(Section.BREAKING, (name,), "the type is removed", (), (Place(old.locate(name), "", True),))
        elif name in used_before and name in used:
            for change in _compare_model(name, old, new, _direct(name, used, arguments)):
                origins = _places(name, change, new, used)
                yield Change(change.section, (name,), change.text, change.members, origins)
    for name in new.schemas:
        if name not in old.schemas and is_class(new.schemas[name]):
            yield Change(Section.ADDED, (name,), "the type", (), (Place(new.locate(name)),))


Uses = dict[str, tuple[list[Location], bool, bool]]


def _find_uses(facts: DocumentFacts) -> Uses:
    """Return by component: the operations that reach it, and whether in requests and in responses."""
    uses: Uses = {}
    for operation in facts.operations.values():
        for name in operation.uses[0] | operation.uses[1]:
            locations, is_sent, is_received = uses.get(name, ([], False, False))
            uses[name] = (
                [*locations, operation.location],
                is_sent or name in operation.uses[0],
                is_received or name in operation.uses[1],
            )
    return uses


def _argument_types(facts: DocumentFacts) -> set[tuple[str, str]]:
    """Return (operation, component) of each body: its fields are compared as arguments."""
    return {(name, kind) for name, operation in facts.operations.items() for kind in operation.body_types}


def _direct(name: str, uses: Uses, arguments: set[tuple[str, str]]) -> Direction | None:
    """Return how callers meet a type; None if its fields are nothing but arguments."""
    _, is_sent, is_received = uses[name]
    is_argument = any(kind == name for _, kind in arguments)
    if is_argument and not is_received:
        return None
    return Direction("field", is_sent=is_sent and not is_argument, is_received=is_received)


def _compare_model(
    name: str, old: DocumentFacts, new: DocumentFacts, direction: Direction | None
) -> Iterator[FieldChange]:
    if direction is None:
        return
    before, after = old.read_type(name), new.read_type(name)
    fields = [*before.values(), *after.values()]
    own = {field.name for field in fields if _is_own(field.location, name, old, new)}
    before, after = ({key: version[key] for key in version if key in own} for version in (before, after))
    yield from compare_fields(before, after, direction)
    values = [tuple(map(str, facts.schemas[name].get("enum", ()))) for facts in (old, new)]
    for section, members, text in compare_values("the type", values[0], values[1], direction, is_class=True):
        yield FieldChange(section, members, text, None)


def _is_own(location: Location, name: str, old: DocumentFacts, new: DocumentFacts) -> bool:
    """Whether a field is defined by the type itself, and not by one that it contains and that is compared itself."""
    origin = str(location[2]) if location[:2] == ("components", "schemas") else name
    return origin in {name, old.locate(name)[2]} or origin not in old.schemas or origin not in new.schemas


def _places(name: str, change: FieldChange, new: DocumentFacts, uses: Uses) -> tuple[Place, ...]:
    operations = uses[name][0]
    if len(operations) <= _MAX_OPERATIONS:
        return tuple(Place(location) for location in operations)
    is_new = change.field is not None and not change.is_removed
    return (Place(change.field.location if is_new and change.field else new.locate(name)),)
