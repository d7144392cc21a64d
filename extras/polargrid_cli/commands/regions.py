"""`polargrid regions`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from polargrid.errors import AuthenticationError, PolarGridError
from polargrid_cli import exit_codes, options
from polargrid_cli.client import explain_missing_key
from polargrid_cli.output import print_json, print_table, spinner

if TYPE_CHECKING:
    from polargrid import PolarGrid
    from polargrid.regions import Region

SAMPLES = 3  # after the first request, which includes connecting
COLUMNS = ("region", "name", "latency", "state")


class RegionLatency(NamedTuple):
    """Latency of a region, or the reason why it is unknown."""

    region: Region
    seconds: float | None = None
    """From request to response, the shortest of several."""
    status: str = ""
    error: PolarGridError | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether the region can serve requests."""
        return self.status == "healthy"


@click.command()
@options.api_key_option
@options.step_timeout_option
@options.json_option
def regions(api_key: str | None, timeout: float, json_output: bool) -> int:
    """Measure the latency of each region.

    The exit status is 0 if at least one region is healthy.
    """
    import asyncio

    client_options = options.drop_none({"api_key": api_key, "timeout": timeout, "max_retries": 0})
    with explain_missing_key(), spinner("Measuring …"):
        latencies = asyncio.run(measure_regions(client_options))
    nearest = find_nearest(latencies)
    if json_output:
        print_json({"nearest": nearest, "regions": [_to_json(latency) for latency in latencies]})
    else:
        print_table(COLUMNS, [table_row(latency, nearest) for latency in latencies], bars=bar_fractions(latencies))
    return _exit_code_for(latencies)


async def measure_regions(client_options: Mapping[str, Any]) -> list[RegionLatency]:
    """Measure all regions concurrently. Raises AuthenticationError if there is no key."""
    import asyncio

    from polargrid import PolarGrid
    from polargrid.regions import POLARGRID_REGIONS

    clients = [(region, PolarGrid(region=name, **client_options)) for name, region in POLARGRID_REGIONS.items()]
    return await asyncio.gather(*[_measure_region(region, client) for region, client in clients])


async def _measure_region(region: Region, client: PolarGrid) -> RegionLatency:
    try:
        async with client:
            responses = [await client.health() for _ in range(1 + SAMPLES)]
    except PolarGridError as error:
        return RegionLatency(region, error=error)
    seconds = min(response.meta.elapsed for response in responses[1:])
    return RegionLatency(region, seconds, str(responses[-1].status))


def find_nearest(latencies: Sequence[RegionLatency]) -> str | None:
    """Return the id of the healthy region with the lowest latency."""
    healthy = [(item.seconds, item.region["id"]) for item in latencies if item.is_healthy and item.seconds is not None]
    return min(healthy)[1] if healthy else None


def table_row(latency: RegionLatency, nearest: str | None) -> tuple[str, ...]:
    """Return the cells for a region."""
    region_id = latency.region["id"]
    text = "" if latency.seconds is None else f"{latency.seconds * 1000:.0f} ms"
    state = str(latency.error) if latency.error else latency.status
    return (region_id, latency.region["name"], text, f"{state}, nearest" if region_id == nearest else state)


def bar_fractions(latencies: Sequence[RegionLatency]) -> list[float | None]:
    """Return each latency as a fraction of the longest."""
    longest = max((latency.seconds or 0.0 for latency in latencies), default=0.0)
    return [latency.seconds / longest if latency.seconds and longest else None for latency in latencies]


def _exit_code_for(latencies: Sequence[RegionLatency]) -> int:
    if any(latency.is_healthy for latency in latencies):
        return exit_codes.OK
    is_auth = all(isinstance(latency.error, AuthenticationError) for latency in latencies)
    return exit_codes.AUTH if is_auth else exit_codes.FAILED


def _to_json(latency: RegionLatency) -> dict[str, Any]:
    return {
        **latency.region,
        "latency_ms": None if latency.seconds is None else round(latency.seconds * 1000, 1),
        "status": latency.status or None,
        "error": str(latency.error) if latency.error else None,
    }
