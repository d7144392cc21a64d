"""All changes between two versions of the API, each once; pure.

A change of openapi.yaml changes generated code in many places. It is listed once, in the words of the document; what
the document does not explain, like a changed template, is listed as a change of Python.
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

_TYPES_OF_OPERATION = "Parameters|Request|Response|Event"  # of its inline schemas
_TWIN = re.compile(r"\bAsync(?=[A-Z])|(?<=PolarGrid)Sync\b|(?<![a-z])_?a?sync(?=[_.])")


class DocumentComparison:
    """Two documents."""

    def __init__(self, old: Spec, new: Spec) -> None:
        schemas = [spec.get("components", {}).get("schemas", {}) for spec in (old, new)]
        self._renamed = find_renamed_types(*schemas)
        self._old, self._new = DocumentFacts(old, self._renamed), DocumentFacts(new)
        self._operations = [*self._old.operations.values(), *self._new.operations.values()]

    def compare(self, name_status: NameStatus) -> list[Change]:
        """Return the changes of operations and types; `name_status` returns the exception of a status."""
        operations = compare_operations(self._old, self._new, name_status)
        return list(dict.fromkeys([*operations, *compare_models(self._old, self._new, self._renamed)]))

    @property
    def sent_types(self) -> frozenset[str]:
        """The components that only requests reach."""
        sent = frozenset().union(*(operation.uses[0] for operation in self._operations))
        return sent.difference(*(operation.uses[1] for operation in self._operations))

    @property
    def unused_types(self) -> frozenset[str]:
        """The components that no operation reaches any more."""
        uses = [names for operation in self._new.operations.values() for names in operation.uses]
        return frozenset(self._new.schemas).difference(*uses)

    @property
    def method_names(self) -> frozenset[str]:
        """The names of all operations on a client."""
        return frozenset(name for operation in self._operations for name in (operation.name, operation.call) if name)


def merge(document: list[Change], names: Iterable[NameChange], method_names: frozenset[str]) -> list[Change]:
    """Return the changes of the document, then those of Python names that it does not explain, both clients as one."""
    facts = [_Explanation(change, method_names) for change in document]
    others = (item for item in names if not (item.is_generated and any(fact.covers(item) for fact in facts)))
    return [*fold((_operation_key(change), change) for change in document), *fold(map(_twin_key, others))]


class _Explanation:
    """A change of the document, and the names that generated code has for it."""

    def __init__(self, change: Change, method_names: frozenset[str]) -> None:
        self._change = change
        self._names = {name.partition("(")[0] for name in (*change.owners, *change.aliases)}
        self._members = {_normalize(part) for member in change.members for part in (member, member.split(".")[-1])}
        self._method_names = method_names

    def covers(self, item: NameChange) -> bool:
        """Whether a change of a generated name is this change."""
        if item.change.is_breaking and not self._change.is_breaking:
            return False
        if item.types & set(self._change.owners):  # a type in a signature changed, and not the signature
            return True
        if not any(self._belongs_to(item.subject, name) for name in self._names):
            return False
        if item.members:
            return any(_normalize(member) in self._members for member in item.members)
        if not item.change.is_breaking:
            return True
        subject = f"_{_normalize(item.subject)}_"  # `chat_completion_stream` for the member `stream`
        is_part = any(subject in f"_{operation}_" or f"_{operation}_" in subject for operation in self._members)
        return is_part or not self._members or item.subject in self._change.owners

    def _belongs_to(self, subject: str, name: str) -> bool:
        """Whether a name of generated code is one of the document, or is derived from it.

        Derived are `health_stream` and the type `HealthParameters` from `health`, and siblings and resources from
        `chat.completions.create`.
        """
        if subject == name or subject in self._method_names:
            return subject == name
        if "." in name:
            return f"{name}.".startswith(f"{subject}.") or name.rpartition(".")[0] == subject.rpartition(".")[0]
        class_name = "".join(word.title() for word in name.split("_"))
        return subject.startswith(f"{name}_") or re.match(rf"{class_name}({_TYPES_OF_OPERATION})", subject) is not None


def _normalize(name: str) -> str:
    return re.sub(r"\W+", "_", name).casefold()


def _operation_key(change: Change) -> Hashable:
    """Return the same key for a part that several operations gain or lose; a whole operation has its own line."""
    return change.text if change.members else (change.owners, change.text)


def _twin_key(item: NameChange) -> tuple[Hashable, Change]:
    """Return the same key for both clients, and for all classes that inherit what changed."""
    return tuple(_TWIN.sub("", text) for text in (item.origin, item.change.text)), item.change
