"""All changes between two versions of the API, each once; pure.

A change of openapi.yaml changes generated code in many places. What the document explains is told in its words; what it
does not, for example a changed template, is told as a change of Python.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable

from generator.changes.change import Change, fold
from generator.changes.document import DocumentFacts
from generator.changes.models import compare_models, find_renamed_types
from generator.changes.names import NameChange
from generator.changes.operations import NameStatus, compare_operations
from generator.spec import Spec

_TWIN = re.compile(r"\bAsync(?=[A-Z])|(?<=PolarGrid)Sync\b|(?<![a-z])_?a?sync(?=[_.])")


def compare_documents(old: Spec, new: Spec, name_status: NameStatus) -> list[Change]:
    """Return the changes of operations and types between two documents."""
    schemas = [spec.get("components", {}).get("schemas", {}) for spec in (old, new)]
    renamed = find_renamed_types(*schemas)
    before, after = DocumentFacts(old, renamed), DocumentFacts(new)
    changes = [*compare_operations(before, after, name_status), *compare_models(before, after, renamed)]
    return list(dict.fromkeys(changes))


def find_sent_types(spec: Spec) -> frozenset[str]:
    """Return the components that only requests reach."""
    operations = DocumentFacts(spec).operations.values()
    sent = {name for one in operations for name in one.uses[0]}
    return frozenset(sent - {name for one in operations for name in one.uses[1]})


def merge(document: list[Change], names: Iterable[NameChange]) -> list[Change]:
    """Return the changes of the document, then those of Python names that it does not explain, both clients as one."""
    facts = [_Explanation(change) for change in document]
    others = (item for item in names if not (item.is_generated and any(one.covers(item) for one in facts)))
    return [*fold((_operation_key(change), change) for change in document), *fold(map(_twin_key, others))]


class _Explanation:
    """A change of the document, and the names that generated code has for it."""

    def __init__(self, change: Change) -> None:
        self._change = change
        names = {*change.owners, *change.aliases, *(change.members if not _is_field(change) else ())}
        self._names = {name.partition("(")[0] for name in names}
        self._members = {_normalize(part) for member in change.members for part in (member, member.split(".")[-1])}

    def covers(self, item: NameChange) -> bool:
        """Whether a change of a generated name is this change."""
        change = item.change
        if change.is_breaking and not self._change.is_breaking:
            return False
        if item.types & set(self._change.owners):  # a type in a signature changed, and not the signature
            return True
        owner = change.aliases[0]
        if not any(_names_same(owner, name) for name in self._names):
            return False
        members = {_normalize(member) for member in change.members}
        return not members or not self._members or bool(members & self._members)


def _is_field(change: Change) -> bool:
    return any(f" `{change.members[0]}`" in change.text for _ in change.members[:1])


def _names_same(name: str, document_name: str) -> bool:
    """Whether a name of generated code, like `health_stream` or `chat.completions`, belongs to one of the document."""
    short = name.rpartition(".")[2]
    is_method = re.match(rf"{re.escape(document_name)}(_[a-z_]+)?$", short) is not None
    is_resource = f"{document_name}.".startswith(f"{name}.") or name.rpartition(".")[0] == _prefix(document_name)
    return is_method or short == document_name or ("." in document_name and is_resource)


def _prefix(name: str) -> str:
    return name.rpartition(".")[0] or "-"


def _normalize(name: str) -> str:
    return re.sub(r"\W+", "_", name).casefold()


def _operation_key(change: Change) -> Hashable:
    """Return the same key for a part that several operations gain or lose; a whole operation has its own line."""
    return change.text if change.members else (change.owners, change.text)


def _twin_key(item: NameChange) -> tuple[Hashable, Change]:
    """Return the same key for both clients, and for all classes that inherit what changed."""
    return tuple(_TWIN.sub("", text) for text in (item.origin, item.change.text)), item.change
