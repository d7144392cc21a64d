"""Whether CHANGELOG.md and the version say that a change breaks callers; pure.

An entry states a change if it names, in backticks and below a heading "Breaking" of the unreleased section, an owner of
the change (an operation, by any of its names, a class or a function) and each argument, field or value that the change
is of. `` `chat_completion`: the argument `n` `` and `` `chat_completion(n=...)` `` both do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from packaging.version import Version

from generator.changes.change import Change, Section

_SPAN = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"[\w./*+-]+")


def read_entries(changelog: str, released: str = "") -> list[str]:
    """Return the entries below "Breaking" in the top section, or, after a release, in all sections above its own."""
    entries: list[str] = []
    is_breaking, sections = False, 0
    for line in changelog.splitlines():
        if line.startswith("## "):
            sections += 1
            if (released and released in _WORD.findall(line)) or (sections > 1 and not released):
                break
            is_breaking = False
        elif line.startswith("### "):
            is_breaking = line.removeprefix("### ").strip().casefold() == Section.BREAKING.casefold()
        elif is_breaking and line.startswith(("- ", "* ")):
            entries.append(line[2:])
        elif is_breaking and line.strip() and entries:
            entries[-1] += f" {line.strip()}"
    return entries


def find_unstated(changes: Iterable[Change], entries: Iterable[str]) -> Iterator[Change]:
    """Yield the breaking changes that no entry states."""
    names = [set(_read_names(entry)) for entry in entries]
    for change in changes:
        if change.is_breaking and not any(_states(entry, change) for entry in names):
            yield change


def _read_names(entry: str) -> Iterator[str]:
    """Yield every name in backticks: `client.audio.speech.create(voice=...)` is also `create`, `speech`, `voice`."""
    for span in _SPAN.findall(entry):
        yield span
        for word in _WORD.findall(span):
            yield word
            parts = word.split(".")
            yield from (".".join(parts[start:]) for start in range(1, len(parts)))
            yield from (".".join(parts[:end]) for end in range(1, len(parts)))


def _states(names: set[str], change: Change) -> bool:
    owners = {*change.owners, *change.aliases}
    has_owner = change.is_general or any(owner in names for owner in owners)
    return has_owner and all(member in names for member in change.members)


def check_version(version: str, released: str) -> str | None:
    """Return what is wrong with a version that has breaking changes since a released one; None if it is right."""
    new, old = Version(version), Version(released)
    least = f"{old.major + 1}.0.0" if old.major else f"0.{old.minor + 1}.0"
    if new >= Version(least):
        return None
    return f"breaking changes since {released} require version {least} or higher; pyproject.toml has {version}"
