"""A change of the API, and the lines of a changelog that state it; pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from generator.spec import Location

T = TypeVar("T")
_WIDTH = 120
_MAX_PLACES = 3  # the owners name the others
_MANY = 3  # owners; an entry of a changelog does not name more of them one by one


class Section(StrEnum):
    """A heading of a changelog, in the order in which they are printed."""

    BREAKING = "Breaking"
    ADDED = "Added"
    CHANGED = "Changed"
    DEPRECATED = "Deprecated"
    REMOVED = "Removed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the changed thing is defined: a location in openapi.yaml, or a Python file."""

    location: Location = ()
    file: str = ""
    is_old: bool = False
    """Whether it exists only in the older version."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `` `owner`: text (place)`` is its line."""

    section: Section
    owners: tuple[str, ...]
    """The names of operations, classes or functions that the change is of."""
    text: str
    """What changed, without its owner."""
    members: tuple[str, ...] = ()
    """The names of the changed arguments, fields or values; none if the whole owner changed."""
    places: tuple[Place, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other names of the owners, by which an entry of the changelog may call them."""

    @property
    def is_breaking(self) -> bool:
        return self.section is Section.BREAKING

    @property
    def is_general(self) -> bool:
        """Whether so many owners changed in the same way that an entry may call them "every method"."""
        return bool(self.members) and len(self.owners) > _MANY


FindPlace = Callable[[Place], str]


def render(changes: Iterable[Change], find_place: FindPlace) -> str:
    """Return the changes as Markdown, below a heading for each section; `find_place` names the place of a change."""
    changes = list(changes)
    blocks = []
    for section in Section:
        lines = [render_line(change, find_place) for change in changes if change.section is section]
        if lines:
            blocks.append("\n".join([f"### {section}", "", *dict.fromkeys(lines)]))
    return "\n\n".join(blocks)


def render_line(change: Change, find_place: FindPlace) -> str:
    """Return the bullet of a change, wrapped as CHANGELOG.md is."""
    *others, last = [f"`{owner}`" for owner in change.owners]
    owners = f"{', '.join(others)} and {last}" if others else last
    places = list(dict.fromkeys(find_place(item) for item in change.places))
    rest = f" and {len(places) - _MAX_PLACES} more" if len(places) > _MAX_PLACES else ""
    end = f" ({', '.join(places[:_MAX_PLACES])}{rest})" if places else ""
    line = f"- {owners}: {change.text}{end}."
    return textwrap.fill(line, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def fold(changes: Iterable[tuple[Hashable, Change]]) -> Iterator[Change]:
    """Yield the changes, those with the same key, section and members as one change of several owners."""
    groups: dict[Hashable, list[Change]] = {}
    for key, change in changes:
        groups.setdefault((key, change.section, change.members), []).append(change)
    for group in groups.values():
        yield replace(
            group[0],
            owners=_merge(change.owners for change in group),
            places=_merge(change.places for change in group),
            aliases=_merge(change.aliases for change in group),
        )


def _merge(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))
