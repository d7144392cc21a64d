"""Reads openapi.yaml, refuses mistakes in it, and finds the position of any location in it."""

from __future__ import annotations

from pathlib import Path

from generator.lint import Finding, lint
from generator.lint.document import Location, Spec, position_of
from generator.lint.source import read_document

__all__ = ["Location", "Spec", "SpecError", "find_line", "find_position", "read_spec"]


class SpecError(Exception):
    """An error in openapi.yaml, with its location in the document or its line and column, if known."""

    def __init__(
        self, message: str, *, location: Location = (), line: int | None = None, column: int | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message = message
        self.location = location
        self.line = line
        self.column = column
        self.findings = findings


def read_spec(path: Path) -> Spec:
    """Return the document of a file. Raises SpecError with every mistake in it; its message is that of the first."""
    spec, findings = lint(path.read_bytes())
    if findings:
        first = findings[0]
        raise SpecError(first.message, line=first.line, column=first.column, findings=tuple(findings))
    return spec


def find_position(path: Path, location: Location) -> tuple[int, int]:
    """Return line and column of a location in a file, for errors that are raised after the file is read."""
    document, _ = read_document(path.read_bytes())
    return position_of(document.tree, location, is_key=True) if document else (1, 1)


def find_line(path: Path, location: Location) -> int:
    """Return the line of a location in a file."""
    return find_position(path, location)[0]
