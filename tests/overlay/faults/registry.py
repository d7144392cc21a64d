"""The faults by kind, and the page that tells them: `python -m tests.overlay.faults` writes docs/faults.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

KINDS = {
    "connection": "Connections",
    "tls": "TLS",
    "proxy": "Proxies",
    "time": "Time",
    "answer": "Answers",
    "encoding": "Packed answers",
    "refusal": "Refusals",
    "retry": "Tries",
    "upload": "Uploads",
    "stream": "Streams",
    "use": "Use",
}
_INTRODUCTION = """\
# What happens when …

Each line is a test in `tests/overlay/faults/`, on both clients, against an edge that has the fault. Whatever happens,
it ends in bounded time and memory, and the API key is in no message, `repr`, log line or traceback, not even one that
shows local variables, but for a stream that says the key back. Every exception is a `polargrid.PolarGridError`.
Statuses and times are those of one try; "tried again" means up to `max_retries` more. `make test` fails where this
page and the tests do not agree; `.venv/bin/python -m tests.overlay.faults` writes it anew.
"""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    kind: str
    when: str
    then: str
    test: str


FAULTS: dict[str, Fault] = {}


def fault(kind: str, when: str, *, then: str) -> Callable[[Test], Test]:
    """Register a test as that of a fault; its docstring is the row of the table."""

    def register(test: Test) -> Test:
        assert kind in KINDS, kind
        test.__doc__ = f"{when}: {then}."
        FAULTS[f"{kind} {test.__name__}"] = Fault(kind, when, then, test.__name__)
        return test

    return register


def page() -> str:
    """docs/faults.md."""
    return "\n".join([_INTRODUCTION, *(_section(kind, title) for kind, title in KINDS.items())])


def _section(kind: str, title: str) -> str:
    rows = [f"| {fault.when} | {fault.then} |" for fault in FAULTS.values() if fault.kind == kind]
    return "\n".join([f"## {title}\n", "| When | You get |", "|---|---|", *rows, ""])
