"""The delay of the network and its spread, so that checks of time judge the server and not the distance to it.

A check of time compares two measurements, of which each has the same constant delay. It measures the spread only if
something looks wrong, and finds a deviation only where every one of several measurements shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import send
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import build_parameters
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import CheckSkipped
from polargrid_contract.results import Violation

#: How often a check measures before it reports a deviation: one measurement is no evidence on a busy machine.
ROUNDS = 3
_SAMPLES = 6
_SPREAD_FACTOR = 2  # the spread of a few samples is smaller than that of all responses
_MARGIN = 1.5  # how many times the uncertainty a difference must be; each of several rounds shows it


def confirm(measure: Callable[[], Violation | None], rounds: int = ROUNDS) -> Iterator[Violation]:
    """Yield what the last of several measurements finds, if each of them finds something."""
    violations = []
    for _ in range(rounds):
        violation = measure()
        if violation is None:
            return
        violations.append(violation)
    yield from violations[-1:]


class Latency(NamedTuple):
    """The seconds of a response that takes no work: the least of them, and how much later others may arrive."""

    floor: float
    uncertainty: float

    @property
    def resolution(self) -> float:
        """The shortest difference between two measurements that is no accident, in seconds."""
        return _MARGIN * self.uncertainty

    def include(self, equal: Sequence[float]) -> Latency:
        """Return the latency with the spread of the seconds of equal requests, if that is larger."""
        return self._replace(uncertainty=max(self.uncertainty, _SPREAD_FACTOR * (max(equal) - min(equal))))


def measure_latency(client: ServerClient, *, but: str = "") -> Latency:
    """Measure how long trivial requests take, of another operation than `but`; once for each client.

    While other checks run it is another value: their requests add to the spread.
    """
    return cached(client.base, ("latency", but, client.is_alone), lambda: _measure(client, but))


def require_resolution(client: ServerClient, equal: Sequence[float], seconds: float) -> None:
    """Raise CheckSkipped if chance explains a difference of so many seconds.

    `equal` are the seconds of several equal requests, whose spread shows what trivial ones do not: the network may have
    become worse, and the machine busy.
    """
    latency = measure_latency(client).include(equal)
    if seconds < latency.resolution:
        spread, seconds = latency.uncertainty / _SPREAD_FACTOR, max(seconds, 0.0)
        raise CheckSkipped(f"equal responses vary by {spread:.2f} s, too much to judge what takes {seconds:.2f} s")


def _measure(client: ServerClient, but: str) -> Latency:
    operations = [it for it in client.operations.values() if it.is_in(client.target.profile) and it.name != but]
    # First what all profiles share.
    operation = min(filter(is_trivial, operations), key=lambda it: not it.is_in("openai"), default=None)
    if operation is None:
        return Latency(0.0, 0.0)
    seconds = sorted(send(client, operation.name).seconds for _ in range(_SAMPLES))
    return Latency(seconds[0], _SPREAD_FACTOR * (seconds[-1] - seconds[0]))


def is_trivial(operation: DocumentedOperation) -> bool:
    """Whether a request of it takes no parameters, and the server no work."""
    return operation.method == "GET" and "{" not in operation.key and not build_parameters(operation)
