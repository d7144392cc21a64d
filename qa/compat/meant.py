"""The list of the differences that are meant, each with its reason; pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LIST: Final = Path(__file__).with_name("differences.toml")


@dataclass(frozen=True, slots=True)
class Meant:
    """A kind of difference. `*` in its names, and in what is different about them, is any text."""

    title: str
    names: tuple[str, ...]
    reason: str
    problem: str = "*"

    def covers(self, name: str, problem: str) -> bool:
        return _matches(self.problem, problem) and any(_matches(pattern, name) for pattern in self.names)


@dataclass(frozen=True, slots=True)
class Result:
    """The names that were compared, and their differences by what is said about them."""

    version: str
    names: tuple[str, ...]
    meant: Mapping[str, str]
    others: Mapping[str, str]
    stale: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share of the names that are the same."""
        return 1 - (len(self.meant) + len(self.others)) / len(self.names)


def read_list(text: str) -> list[Meant]:
    """Read the list. Raises ValueError for an entry without names or reason."""
    entries = []
    for entry in tomllib.loads(text)["difference"]:
        names, reason = tuple(entry["names"]), " ".join(entry["reason"].split())
        if not names or not reason or not entry["title"]:
            raise ValueError(f"{entry}: an entry has a title, names and a reason")
        entries.append(Meant(entry["title"], names, reason, entry.get("problem", "*")))
    return entries


def judge(measured: Mapping[str, Any], entries: Sequence[Meant]) -> Result:
    """Sort the differences into those that are meant, by their reason, and others; find what on the list is stale."""
    meant, others = {}, {}
    for name, problem in measured["differences"].items():
        entry = next((entry for entry in entries if entry.covers(name, problem)), None)
        if entry:
            meant[name] = entry.title
        else:
            others[name] = problem
    stale = tuple(f"{entry.title}: {name}" for entry in entries for name in _list_stale(entry, measured["differences"]))
    return Result(measured["openai"], tuple(measured["names"]), meant, others, stale, measured["differences"])


def _list_stale(entry: Meant, differences: Mapping[str, str]) -> Iterable[str]:
    """The names of an entry that cover no difference."""
    for pattern in entry.names:
        one = Meant(entry.title, (pattern,), entry.reason, entry.problem)
        if not any(one.covers(name, problem) for name, problem in differences.items()):
            yield pattern


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, flags=re.DOTALL) is not None
