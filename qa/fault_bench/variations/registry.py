"""Registry of legal variations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from polargrid_contract.results import Profile
from qa.fault_bench.faults.seeded import TEXT_OPERATIONS
from qa.fault_bench.messages import Change
from qa.fault_bench.network import Network


@dataclass(frozen=True)
class Variation:
    """What a server may do but need not; `timed` if it is about arrival times.

    `profile` is the profile with which the server is checked, `network` what is between it and its clients.
    """

    id: str
    description: str
    on: tuple[str, ...]
    apply: Change
    timed: bool = False
    profile: Profile = "polargrid"
    network: Network | None = None


VARIATIONS: dict[str, Variation] = {}


def variation(
    name: str,
    description: str,
    *,
    on: tuple[str, ...] = TEXT_OPERATIONS,
    timed: bool = False,
    profile: Profile = "polargrid",
    network: Network | None = None,
) -> Callable[[Change], Change]:
    """Register a change as a legal variation."""

    def register(change: Change) -> Change:
        VARIATIONS[name] = Variation(name, description, on, change, timed, profile, network)
        return change

    return register
