"""Findings: the violations of a report by their cause, since one fault fails many checks at many operations; pure.

Violations have one cause if

- a response lacks a header that they are about, whatever check or suite says so,
- one operation fails with the same status of 500 or more, or without a response, or
- one check expects and finds the same, apart from what varies between requests (`identity.normalize`).

Accepted violations are findings of their own, and so are warnings.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from polargrid_contract.document import load_document
from polargrid_contract.identity import identify
from polargrid_contract.results import Acceptance, Outcome, Report, Suite, Violation, sort_by_suite

_Key = tuple[str, ...]
_Found = tuple[Outcome, Violation]
_Kind = Literal["failed", "accepted", "warning"]
_BY_OPERATION = ("server error", "no response")  # causes whose key ends with the operation
# Headers that RFC 9110 demands of some statuses; the document may not name them.
_STANDARD_HEADERS = ("allow", "content-type", "retry-after", "www-authenticate")


@dataclass(frozen=True)
class Part:
    """The violations of one check that have the cause."""

    outcome: Outcome
    violations: tuple[Violation, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations at which it has them."""
        return tuple(dict.fromkeys(violation.operation for violation in self.violations))


@dataclass(frozen=True)
class Finding:
    """One cause of violations."""

    cause: str
    """Identifies the cause in all runs."""
    title: str
    parts: tuple[Part, ...]
    is_warning: bool = False
    """Whether the server is free to differ."""
    acceptances: tuple[Acceptance, ...] = ()
    """Why a baseline accepts it; empty if it does not."""

    @property
    def is_accepted(self) -> bool:
        """Whether a baseline accepts it."""
        return bool(self.acceptances)

    @property
    def fails(self) -> bool:
        """Whether it fails the run."""
        return not self.is_accepted and not self.is_warning

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that it affects."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.operations))

    @property
    def suites(self) -> tuple[Suite, ...]:
        """The suites that found it."""
        return tuple(dict.fromkeys(part.outcome.suite for part in self.parts))

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All of its violations."""
        return tuple(violation for part in self.parts for violation in part.violations)


def find_causes(report: Report) -> tuple[Finding, ...]:
    """Return the findings of a report: those that fail it first, and of these what affects most checks first."""
    groups: dict[tuple[_Kind, _Key], list[_Found]] = {}
    for outcome in sort_by_suite(report.outcomes):
        for violation in outcome.violations:
            group = (_find_kind(violation), _find_key(outcome, violation))
            groups.setdefault(group, []).append((outcome, violation))
    findings = [_build_finding(key, pairs) for key, pairs in _merge_alike(groups)]
    return tuple(sorted(findings, key=lambda it: (not it.fails, it.is_accepted, -len(it.parts), -len(it.operations))))


def index_violations(findings: Iterable[Finding]) -> dict[int, Finding]:
    """Return the finding of each violation by the identity of the object: equal violations may be several."""
    return {id(violation): finding for finding in findings for violation in finding.violations}


def _find_kind(violation: Violation) -> _Kind:
    if violation.is_accepted:
        return "accepted"
    return "warning" if violation.warning else "failed"


def _find_key(outcome: Outcome, violation: Violation) -> _Key:
    exchange = violation.exchange
    if headers := _find_missing_headers(outcome, violation):
        return ("missing header", *headers)
    if exchange is not None and exchange.status >= 500 and exchange.status != 501:
        return ("server error", f"HTTP {exchange.status}", violation.operation)
    if exchange is not None and exchange.status == 0:
        return ("no response", violation.operation)
    return ("check", *identify(outcome, violation))


def _find_missing_headers(outcome: Outcome, violation: Violation) -> list[str]:
    """The headers that the violation is about and that the response does not have, or has without a value."""
    exchange = violation.exchange
    if exchange is None or not exchange.status:
        return []
    texts = (violation.actual,) if outcome.suite == "schema" else (violation.actual, violation.expected)
    for text in texts:
        names = [name for name in _known_headers() if _is_about_header(text, name)]
        if missing := [name for name in names if not exchange.response_headers.get(name, "").strip()]:
            return missing
    return []


def _is_about_header(text: str, name: str) -> bool:
    """Whether a text names the header. A name that is an ordinary word has to look like a header."""
    after = r"(?![\w-])" if "-" in name else r"(?=:|`|'|\s+header)"
    return re.search(r"(?<![\w-])" + re.escape(name) + after, text, flags=re.IGNORECASE) is not None


@cache
def _known_headers() -> tuple[str, ...]:
    """The names of response headers in the document, in lower case, and those of the standard."""
    document = load_document()
    components = document.get("components", {}).get("responses", {}).values()
    inline = (
        response
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for response in operation.get("responses", {}).values()
    )
    names = {name.lower() for response in (*components, *inline) for name in response.get("headers", {})}
    return tuple(sorted(names.union(_STANDARD_HEADERS)))


def _merge_alike(groups: Mapping[tuple[_Kind, _Key], list[_Found]]) -> Iterator[tuple[_Key, list[_Found]]]:
    """Merge causes that differ by the operation only: the same checks find the same there."""
    merged: dict[Hashable, tuple[_Key, list[_Found]]] = {}
    for (kind, key), pairs in groups.items():
        alike: Hashable = key
        if key[0] in _BY_OPERATION:
            alike = (key[:-1], frozenset(identify(*pair) for pair in pairs))
        merged.setdefault((kind, alike), (key, []))[1].extend(pairs)
    yield from merged.values()


def _build_finding(key: _Key, pairs: Sequence[_Found]) -> Finding:
    by_check: dict[tuple[Suite, str], list[_Found]] = {}
    for outcome, violation in pairs:
        by_check.setdefault((outcome.suite, outcome.check), []).append((outcome, violation))
    parts = tuple(Part(pairs[0][0], tuple(violation for _, violation in pairs)) for pairs in by_check.values())
    accepted = [violation.acceptance for _, violation in pairs if violation.is_accepted and violation.acceptance]
    is_warning = _find_kind(pairs[0][1]) == "warning"
    return Finding(_name_cause(key), _write_title(key), parts, is_warning, tuple(dict.fromkeys(accepted)))


def _name_cause(key: _Key) -> str:
    if key[0] == "missing header":
        return "-".join(("missing-header", *key[1:]))
    digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:8]
    return f"{key[1] if key[0] == 'check' else key[0].replace(' ', '-')}-{digest}"


def _write_title(key: _Key) -> str:
    if key[0] == "missing header":
        names = " and ".join(key[1:])
        return f"no response header {names}"
    if key[0] == "server error":
        return f"the server responds with {key[1]}"
    return "no response" if key[0] == "no response" else key[1]
