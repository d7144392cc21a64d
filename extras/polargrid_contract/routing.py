"""Which operation a request is for, and which methods a path has; pure."""

from __future__ import annotations

from collections.abc import Mapping

from polargrid_contract.operations import DocumentedOperation, is_template
from polargrid_runtime.operation import split_path


def find_operation(
    operations: Mapping[str, DocumentedOperation], method: str, target: str
) -> DocumentedOperation | None:
    """Return the operation of a request: one without templates first, and one whose query is in the request first."""
    path, query = split_path(target)
    candidates = [it for it in operations.values() if it.method == method and it.matches(path)]

    def rank(operation: DocumentedOperation) -> tuple[bool, int]:
        return "{" in operation.path, -len(split_path(operation.key)[1])

    fitting = [it for it in candidates if _has_query(it, query)]
    return min(fitting or candidates, key=rank, default=None)


def methods_at(operations: Mapping[str, DocumentedOperation], path: str) -> set[str]:
    """Return the methods that are supported at a path, by any operation whose template it matches."""
    return {operation.method for operation in operations.values() if operation.matches(path)}


def _has_query(operation: DocumentedOperation, query: tuple[tuple[str, str], ...]) -> bool:
    names = {name for name, _ in query}
    return all(
        (name in names) if is_template(value) else ((name, value) in query)
        for name, value in split_path(operation.key)[1]
    )
