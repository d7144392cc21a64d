"""The registry of faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from qa.stress.exchange import Exchange
from qa.stress.payloads import OPERATIONS

Script = Callable[[Exchange], Awaitable[None]]
#: Addresses of the server that do more than serve; "" is the usual one.
REFUSED, CLOSED, RESET, SILENT, NOT_TLS = "refused", "closed", "reset", "silent", "not-tls"


class Fault(NamedTuple):
    """How the server misbehaves."""

    name: str
    script: Script | None
    text: str
    weight: float  # how often it is chosen; slow ones rarely
    operations: tuple[str, ...]
    address: str
    reads_body: bool  # before the script runs


FAULTS: Final[dict[str, Fault]] = {}
RARE = 0.12  # the weight of a fault that costs a timeout


def fault(
    operations: tuple[str, ...] = OPERATIONS, *, weight: float = 1.0, reads_body: bool = True
) -> Callable[[Script], Script]:
    """Register a fault by the name of its function; its docstring says what happens."""

    def register(script: Script) -> Script:
        name = script.__name__.replace("_", "-")
        text = (script.__doc__ or "").partition("\n")[0]
        FAULTS[name] = Fault(name, script, text, weight, operations, "", reads_body)
        return script

    return register


def add_address(name: str, address: str, text: str, weight: float = 1.0) -> None:
    """Register a fault of an address, before any request."""
    FAULTS[name] = Fault(name, None, text, weight, OPERATIONS, address, reads_body=False)
