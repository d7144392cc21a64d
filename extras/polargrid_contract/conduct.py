"""Running the conduct checks against a server, one after another; each has an outcome, whatever happens in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import httpx

from polargrid_contract.check import Check, Fault, Half, NotOffered
from polargrid_contract.server import Server

Verdict = Literal["kept", "broken", "not offered", "not run"]
_MOST_FAULTS = 10  # of one check: more say nothing new


@dataclass(frozen=True)
class Outcome:
    """What came of one check."""

    half: Half
    check: str
    why: str
    source: str
    operations: tuple[str, ...]
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    note: str = ""
    """Why it was not run, or what is not offered."""
    seconds: float = 0.0

    def verdict_on(self, operation: str) -> Verdict:
        """The verdict on one operation: a fault elsewhere does not break it."""
        if self.verdict != "broken":
            return self.verdict
        return "broken" if any(fault.operation == operation for fault in self.faults) else "kept"


def chosen(checks: Iterable[Check], only: Collection[str], skip: Collection[str]) -> Iterator[Check]:
    """The checks that are asked for by name, or by the operation they are on."""
    for check in checks:
        names = {check.name, *check.operations}
        if (not only or names & set(only)) and not names & set(skip):
            yield check


def conduct(
    server: Server,
    checks: Iterable[Check],
    *,
    until: float = float("inf"),
    tell: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """The outcome of each check; `tell` hears of each as it comes. What starts after `until` (monotonic) is not run."""
    outcomes: list[Outcome] = []
    for check in checks:
        outcome = _outcome(server, check, late=time.monotonic() > until)
        outcomes.append(outcome)
        if tell:
            tell(outcome)
    return outcomes


def _outcome(server: Server, check: Check, *, late: bool) -> Outcome:
    def told(verdict: Verdict, faults: tuple[Fault, ...] = (), note: str = "") -> Outcome:
        spent = time.monotonic() - started
        return Outcome("conduct", check.name, check.why, check.source, check.operations, verdict, faults, note, spent)

    started = time.monotonic()
    if reason := _reason_not_to_run(server, check, late=late):
        return told("not run", note=reason)
    faults: list[Fault] = []
    try:
        faults.extend(islice(check.run(server), _MOST_FAULTS))
    except NotOffered as absent:
        if server.target.profile == "openai":
            return told("not offered", note=str(absent))
        faults.append(Fault(check.operations[0], "the operation is there", str(absent)))
    except httpx.HTTPError as error:
        faults.append(Fault(check.operations[0], "an answer", f"{type(error).__name__}: {error}"))
    except Exception as error:  # noqa: BLE001 - whatever a check stumbles over, the run goes on
        # A check reads answers as they should be; an answer that is otherwise is the server's fault, not the check's.
        shape = "an answer of the documented shape"
        faults.append(Fault(check.operations[0], shape, f"{type(error).__name__}: {error}"))
    return told("broken" if faults else "kept", tuple(faults))


def _reason_not_to_run(server: Server, check: Check, *, late: bool) -> str:
    if server.target.profile not in check.profiles:
        return f"not part of the profile {server.target.profile}"
    if check.changes and server.target.read_only:
        return "--read-only: it loads, unloads or purges models"
    return "the time budget was spent" if late else ""
