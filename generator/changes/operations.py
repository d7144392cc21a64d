"""The changes of operations between two documents; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from generator.changes.annotations import render_union
from generator.changes.change import Change, Place, Section
from generator.changes.document import DocumentFacts, OperationFacts
from generator.changes.fields import Direction, compare_fields, compare_types

_ARGUMENTS = Direction("argument", is_sent=True, is_received=False)
_RESPONSES = Direction("response", is_sent=False, is_received=True)
#: Returns the name of the exception of a status.
NameStatus = Callable[[str], str]
Sentence = tuple[Section, tuple[str, ...], str]


def compare_operations(old: DocumentFacts, new: DocumentFacts, name_error: NameStatus) -> Iterator[Change]:
    """Yield the changes of all operations, in the order of the documents."""
    renamed = _find_renamed(old, new)
    for name, operation in old.operations.items():
        other = new.operations.get(renamed.get(name, name))
        if other is None:
            yield _describe_whole(operation, Section.BREAKING, f"{_call(operation)}is removed", is_old=True)
            continue
        if name in renamed:
            change = _describe_whole(other, Section.BREAKING, f"is the new name of `{name}`")
            yield replace(change, members=(name,), aliases=(*operation.aliases, name, *other.aliases))
        for section, members, text in _compare(operation, other, name_error):
            names = (*operation.aliases, *other.aliases)
            yield Change(section, (other.name,), text, members, (Place(other.location),), names)
    for name, operation in new.operations.items():
        if name not in old.operations and name not in renamed.values():
            section = Section.DEPRECATED if operation.deprecated else Section.ADDED
            yield _describe_whole(operation, section, f"{_call(operation)}`{operation.target}`")


def _find_renamed(old: DocumentFacts, new: DocumentFacts) -> dict[str, str]:
    """Return new names by old names: of operations with the same method and path."""
    removed = {operation.target: name for name, operation in old.operations.items() if name not in new.operations}
    added = {operation.target: name for name, operation in new.operations.items() if name not in old.operations}
    return {name: added[target] for target, name in removed.items() if target in added}


def _describe_whole(operation: OperationFacts, section: Section, text: str, *, is_old: bool = False) -> Change:
    return Change(section, (operation.name,), text, (), (Place(operation.location, is_old=is_old),), operation.aliases)


def _call(operation: OperationFacts) -> str:
    return f"also `{operation.call}`, " if operation.call else ""


def _compare(old: OperationFacts, new: OperationFacts, name_error: NameStatus) -> Iterator[Sentence]:
    yield from _compare_names(old, new)
    for change in compare_fields(old.arguments, new.arguments, _ARGUMENTS):
        yield change.section, change.members, change.text
    if new.body_media_types and old.body_media_types and set(old.body_media_types) != set(new.body_media_types):
        kinds, before = _list(new.body_media_types), _list(old.body_media_types)
        yield Section.CHANGED, (), f"the request is sent as {kinds}; it was {before}"
    if new.body_media_types and old.body_media_types and old.requires_body != new.requires_body:
        section = Section.BREAKING if new.requires_body else Section.CHANGED
        yield section, ("request",), f"the `request` is {'required' if new.requires_body else 'optional'} now"
    for constant in sorted(new.constants - old.constants):
        yield Section.CHANGED, (), f"always sends `{constant}`"
    for constant in sorted(old.constants - new.constants):
        yield Section.CHANGED, (), f"no longer sends `{constant}` by itself"
    yield from _compare_responses(old, new)
    yield from _compare_streams(old, new)
    for status in sorted(new.errors - old.errors):
        yield Section.ADDED, (status,), f"can fail with {_describe_error(status, name_error)}"
    for status in sorted(old.errors - new.errors):
        yield Section.REMOVED, (status,), f"no longer fails with {_describe_error(status, name_error)}"
    yield from _compare_flags(old, new)


def _compare_names(old: OperationFacts, new: OperationFacts) -> Iterator[Sentence]:
    if old.target != new.target:
        yield Section.CHANGED, (), f"is sent to `{new.target}`; it was `{old.target}`"
    if old.call != new.call:
        if not old.call:
            yield Section.ADDED, (new.call,), f"also `{new.call}`"
        elif not new.call:
            yield Section.BREAKING, (old.call,), f"is no longer `{old.call}`"
        else:
            yield Section.BREAKING, (old.call, new.call), f"`{old.call}` is now `{new.call}`"
    prefixes = tuple(operation.call.partition("(")[0].rpartition(".")[0] for operation in (old, new))
    before = [call.replace(f"{prefixes[0]}.", f"{prefixes[1]}.") for call in old.extra_calls]  # moved with `call`
    for call in sorted(set(before) - set(new.extra_calls)):
        yield Section.BREAKING, (call,), f"`{call}` is removed"
    for call in sorted(set(new.extra_calls) - set(before)):
        yield Section.ADDED, (call,), f"also `{call}`"


def _compare_responses(old: OperationFacts, new: OperationFacts) -> Iterator[Sentence]:
    yield from compare_types("the response", old.returns, new.returns, _RESPONSES)
    for media_type in sorted(new.media_types - old.media_types):
        yield Section.ADDED, (media_type,), f"the response can be `{media_type}`"
    for media_type in sorted(old.media_types - new.media_types):
        yield Section.BREAKING, (media_type,), f"the response is no longer `{media_type}`"
    for status in sorted(new.statuses - old.statuses):
        yield Section.CHANGED, (status,), f"the response can have the status {status}"
    for status in sorted(old.statuses - new.statuses):
        yield Section.CHANGED, (status,), f"the response no longer has the status {status}"


def _compare_streams(old: OperationFacts, new: OperationFacts) -> Iterator[Sentence]:
    if old.stream is None or new.stream is None:
        if new.stream is not None:
            yield Section.ADDED, ("stream",), f"can be streamed, as `{render_union(new.stream.chunk)}`"
        if old.stream is not None:
            yield Section.BREAKING, ("stream",), "can no longer be streamed"
        return
    yield from compare_types("a chunk of the stream", old.stream.chunk, new.stream.chunk, _RESPONSES)
    if old.stream.end != new.stream.end:
        yield Section.CHANGED, ("stream",), f"the stream ends with {new.stream.end}; it was {old.stream.end}"
    if old.stream.media_type != new.stream.media_type:
        text = f"the stream is `{new.stream.media_type}`; it was `{old.stream.media_type}`"
        yield Section.CHANGED, ("stream",), text


def _compare_flags(old: OperationFacts, new: OperationFacts) -> Iterator[Sentence]:
    if old.requires_key != new.requires_key:
        section = Section.BREAKING if new.requires_key else Section.CHANGED
        yield section, (), "needs an API key" if new.requires_key else "no longer needs an API key, and sends none"
    if old.server != new.server:
        yield Section.CHANGED, (), f"is sent to {f'`{new.server}`' if new.server else 'the server of the client'}"
    if old.accepts_idempotency_key != new.accepts_idempotency_key:
        verb = "sends" if new.accepts_idempotency_key else "no longer sends"
        section = Section.ADDED if new.accepts_idempotency_key else Section.CHANGED
        yield section, ("Idempotency-Key",), f"{verb} an `Idempotency-Key`, which makes a retry safe"
    if old.deprecated != new.deprecated:
        section = Section.DEPRECATED if new.deprecated else Section.CHANGED
        yield section, (), f"is {'' if new.deprecated else 'no longer '}deprecated"


def _describe_error(status: str, name_error: NameStatus) -> str:
    name = name_error(status)
    return f"{'any other status' if status == 'default' else status}{f' (`{name}`)' if name else ''}"


def _list(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names)
