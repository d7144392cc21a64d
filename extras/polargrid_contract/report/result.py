"""The report as a value: outcomes, what follows from them, and nothing of the key; pure."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal
from urllib.parse import quote

from polargrid_contract.check import Fault, Half
from polargrid_contract.conduct import Outcome, Verdict
from polargrid_contract.exchange import Arrival, Exchange

HALVES: tuple[Half, ...] = ("schema", "conduct")
#: Every verdict and its mark.
MARKS: dict[Verdict, str] = {"kept": "✓", "broken": "✗", "not offered": "–", "not run": "·"}  # noqa: RUF001 - as meant
HIDDEN = "[the key]"
_STATUS = {"kept": 0, "broken": 6, "nothing checked": 1}
# An answer may be quoted in part, and the key with it. A shorter part of a key is no secret worth the confusion.
_PART = 12
# Of one answer. A report is to be read.
_MOST = 20_000


@dataclass(frozen=True)
class Report:
    """One run against one server. `groups` tells under which heading a check stands; else it is its half."""

    url: str
    profile: str
    started: str
    """ISO 8601, UTC."""
    seconds: float
    outcomes: tuple[Outcome, ...]
    seed: int | None
    version: str
    operations: tuple[str, ...]
    groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> Literal["kept", "broken", "nothing checked"]:
        """Kept where something was checked and nothing is broken."""
        verdicts = {outcome.verdict for outcome in self.outcomes}
        if "broken" in verdicts:
            return "broken"
        return "kept" if verdicts & {"kept", "not offered"} else "nothing checked"

    @property
    def exit_status(self) -> int:
        """0 kept, 6 broken, 1 where nothing could be checked."""
        return _STATUS[self.verdict]

    @property
    def broken(self) -> tuple[Outcome, ...]:
        """The outcomes to read."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict == "broken")

    @property
    def counts(self) -> dict[Half, dict[Verdict, int]]:
        """How many checks of each half that ran came to each verdict."""
        counted: dict[Half, dict[Verdict, int]] = {}
        for outcome in in_order(self.outcomes):
            counted.setdefault(outcome.half, dict.fromkeys(MARKS, 0))[outcome.verdict] += 1
        return counted

    @property
    def matrix(self) -> dict[str, dict[str, Verdict]]:
        """Operation -> check -> verdict, for the operations that were checked."""
        rows: dict[str, dict[str, Verdict]] = {operation: {} for operation in self.operations}
        for outcome in self.outcomes:
            for operation in concerned(outcome):
                rows.setdefault(operation, {})[outcome.check] = outcome.verdict_on(operation)
        return {operation: row for operation, row in rows.items() if row}

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The groups in which there are outcomes, the schema half first, else as they came."""
        return tuple(dict.fromkeys(self.group(outcome) for outcome in in_order(self.outcomes)))

    def group(self, outcome: Outcome) -> str:
        """The heading of a check."""
        return self.groups.get(outcome.check, outcome.half)

    def cell(self, operation: str, heading: str) -> tuple[Outcome, ...]:
        """The outcomes under a heading that are on an operation."""
        rows = (outcome for outcome in in_order(self.outcomes) if self.group(outcome) == heading)
        return tuple(outcome for outcome in rows if operation in concerned(outcome))


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The schema half first, in each the order in which they came."""
    return sorted(outcomes, key=lambda outcome: HALVES.index(outcome.half))


def concerned(outcome: Outcome) -> tuple[str, ...]:
    """The operations that an outcome is told under: those it is on, and those where it found something."""
    return tuple(dict.fromkeys((*outcome.operations, *(fault.operation for fault in outcome.faults))))


def summary(counts: Mapping[Verdict, int]) -> str:
    """Like `41 kept, 2 broken`."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "none"


def plain(text: str) -> str:
    """The text with everything escaped that a terminal would obey, XML forbids, or nobody can see."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else _escaped(character) for character in text
    )


def short(text: str, most: int) -> str:
    """The beginning of a text, and how long it is where that is not all."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def redacted(text: str, key: str) -> str:
    """The text without the key, however it is escaped, and without its beginning where the rest is cut off."""
    for hidden in _spellings(key):
        text = text.replace(hidden, HIDDEN)
    return text


def without_key(outcome: Outcome, key: str) -> Outcome:
    """The outcome as it may be shown to anyone."""
    faults = tuple(_fault_without(fault, key) for fault in outcome.faults)
    return replace(outcome, faults=faults, note=redacted(outcome.note, key))


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _spellings(key: str) -> Iterator[str]:
    if not key:
        return
    yield from dict.fromkeys((key, json.dumps(key)[1:-1], html.escape(key), quote(key, safe="")))
    yield from (key[:length] for length in range(len(key) - 1, _PART - 1, -1))


def _fault_without(fault: Fault, key: str) -> Fault:
    texts = {name: redacted(getattr(fault, name), key) for name in ("operation", "expected", "came", "curl")}
    return replace(fault, **texts, exchange=_exchange_without(fault.exchange, key) if fault.exchange else None)


def _exchange_without(exchange: Exchange, key: str) -> Exchange:
    """The parts of it that a report shows: where it went, and the answer, as one piece."""
    headers = {redacted(name, key): redacted(value, key) for name, value in exchange.answer_headers.items()}
    body = redacted(exchange.text, key)[:_MOST].encode()
    return replace(
        exchange,
        url=redacted(exchange.url, key),
        headers={},
        content=None,
        form=None,
        upload=None,
        answer_headers=headers,
        arrivals=(Arrival(exchange.seconds, body),),
        cut=redacted(exchange.cut, key),
    )
