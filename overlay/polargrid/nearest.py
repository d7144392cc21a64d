"""Which region is nearest: all are asked for their health at once, and the first healthy one serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

import anyio

from polargrid.errors import AuthenticationError, NetworkError, PolarGridError

if TYPE_CHECKING:
    from polargrid.client import PolarGrid, PolarGridSync
    from polargrid.types import HealthResponse

Fault = str | PolarGridError
PATIENCE = {"timeout": 3.0, "max_retries": 0}  # seconds for a region to answer; a second try would not be the nearest


async def nearest(clients: Mapping[str, PolarGrid]) -> str:
    """The region whose client is first to hear that it is healthy.

    Raises NetworkError where none is, AuthenticationError where all refuse the key.
    """
    healthy: list[str] = []
    faults: dict[str, Fault] = {}

    async def ask(region: str, client: PolarGrid) -> None:
        fault: Fault | None
        try:
            async with client:
                fault = _fault(await client.health())
        except PolarGridError as error:
            fault = error
        if fault:
            faults[region] = fault
        else:
            healthy.append(region)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for region, client in clients.items():
            group.start_soon(ask, region, client)
    return healthy[0] if healthy else _none(faults)


def nearest_sync(clients: Mapping[str, PolarGridSync]) -> str:
    """The same on threads. Those that are still asking end when their client is closed.

    With an HTTP client of the user's they end by themselves, within their timeout.
    """
    faults: dict[str, Fault] = {}
    threads = ThreadPoolExecutor(len(clients), thread_name_prefix="polargrid-nearest")
    asked = {threads.submit(_asked(client)): region for region, client in clients.items()}
    threads.shutdown(wait=False)
    for answer in as_completed(asked):
        fault = answer.result()
        if fault is None:
            for client in clients.values():
                client.close()
            return asked[answer]
        faults[asked[answer]] = fault
    return _none(faults)


def _asked(client: PolarGridSync) -> Callable[[], Fault | None]:
    def ask() -> Fault | None:
        try:
            with client:
                return _fault(client.health())
        except PolarGridError as error:
            return error

    return ask


def _fault(health: HealthResponse) -> str | None:
    return None if health.status == "healthy" else f"it says that it is {health.status}"


def _none(faults: Mapping[str, Fault]) -> str:
    """Raise what it comes to: a key that all refuse is the key's fault, not the regions'."""
    refused = [fault for fault in faults.values() if isinstance(fault, AuthenticationError)]
    if len(refused) == len(faults):
        raise refused[0]
    told = {region: str(fault) for region, fault in sorted(faults.items())}
    each = "; ".join(f"{region}: {fault}" for region, fault in told.items())
    raise NetworkError(f"No region is healthy. {each}", details=told)
