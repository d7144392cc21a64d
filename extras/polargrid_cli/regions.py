"""`polargrid regions`: how far each region is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from polargrid import PolarGrid
from polargrid.errors import AuthenticationError, PolarGridError
from polargrid.regions import POLARGRID_REGIONS, Region
from polargrid_cli import exits, output
from polargrid_cli.connection import key_needed

LOOKS = 3  # on a connection that stands: the first one paid for it
COLUMNS = ("region", "name", "latency", "state")


@attrs.frozen
class Distance:
    """How far a region is, or why nobody knows."""

    region: Region
    seconds: float | None = None
    """From a request for its health to the answer, the shortest of some."""
    status: str = ""
    fault: PolarGridError | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether it can serve."""
        return self.status == "healthy"


def run(*, api_key: str | None, timeout: float, json_output: bool) -> int:
    """Measure all regions at once and draw what came; the exit status is DONE where one at least is healthy."""
    options = {"timeout": timeout, "max_retries": 0, **({"api_key": api_key} if api_key else {})}
    with key_needed(), output.waiting("Measuring …"):
        distances = asyncio.run(measured(options))
    if json_output:
        output.as_json({"nearest": nearest(distances), "regions": [_as_data(each) for each in distances]})
    else:
        shares = _shares(distances)
        output.table(COLUMNS, [_row(each, nearest(distances)) for each in distances], bars=shares)
    return _status(distances)


async def measured(options: Mapping[str, Any]) -> list[Distance]:
    """How far each region is. Raises AuthenticationError where there is no key."""
    clients = [(region, PolarGrid(region=name, **options)) for name, region in POLARGRID_REGIONS.items()]
    return await asyncio.gather(*[_measured(region, client) for region, client in clients])


async def _measured(region: Region, client: PolarGrid) -> Distance:
    try:
        async with client:
            answers = [await client.health() for _ in range(1 + LOOKS)]
    except PolarGridError as error:
        return Distance(region, fault=error)
    seconds = min(answer.meta.elapsed for answer in answers[1:])
    return Distance(region, seconds, str(answers[-1].status))


def nearest(distances: Sequence[Distance]) -> str | None:
    """The id of the nearest healthy region."""
    healthy = [(each.seconds, each.region["id"]) for each in distances if each.is_healthy and each.seconds is not None]
    return min(healthy)[1] if healthy else None


def _status(distances: Sequence[Distance]) -> int:
    if any(each.is_healthy for each in distances):
        return exits.DONE
    refused = all(isinstance(each.fault, AuthenticationError) for each in distances)
    return exits.KEY if refused else exits.FAILED


def _row(each: Distance, nearest_id: str | None) -> tuple[str, ...]:
    latency = "" if each.seconds is None else f"{each.seconds * 1000:.0f} ms"
    state = str(each.fault) if each.fault else each.status
    return (each.region["id"], each.region["name"], latency, f"{state}, nearest" if _is(each, nearest_id) else state)


def _is(each: Distance, region_id: str | None) -> bool:
    return each.region["id"] == region_id


def _shares(distances: Sequence[Distance]) -> list[float | None]:
    longest = max((each.seconds or 0.0 for each in distances), default=0.0)
    return [each.seconds / longest if each.seconds and longest else None for each in distances]


def _as_data(each: Distance) -> dict[str, Any]:
    return {
        **each.region,
        "latency_ms": None if each.seconds is None else round(each.seconds * 1000, 1),
        "status": each.status or None,
        "error": str(each.fault) if each.fault else None,
    }
