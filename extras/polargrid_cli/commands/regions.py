"""`polargrid regions`"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from polargrid.errors import AuthenticationError, PolarGridError
from polargrid_cli import exit_codes, options
from polargrid_cli.output import print_json, print_table, spinner

if TYPE_CHECKING:
    from polargrid import PolarGrid
    from polargrid.regions import Region

SAMPLES = 3  # after the first request, which includes connecting
COLUMNS = ("region", "name", "latency", "state")
NO_KEY = "none"  # is sent if there is no key; the response that rejects it takes as long as any other
REACHABLE = "reachable; a key is needed to read its health"


class RegionLatency(NamedTuple):
    """Latency of a region, or the reason why it is unknown."""

    region: Region
    seconds: float | None = None
    """From request to response, the shortest of several."""
    status: str = ""
    error: PolarGridError | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether the region can serve requests, as far as it says so without a key."""
        return self.status in ("healthy", REACHABLE)


@click.command()
@options.api_key_option
@options.step_timeout_option
@options.json_option
def regions(api_key: str | None, timeout: float, json_output: bool) -> int:
    """Measure the latency of each region.

    No key is needed to measure; with one, the health is read as well. The exit status is 0 if at least one region is
    healthy, or reachable if there is no key, and 8 if none is reachable.
    """
    import asyncio

    client_options = options.drop_none({"api_key": api_key, "timeout": timeout, "max_retries": 0})
    with spinner("Measuring …"):
        latencies = asyncio.run(measure_regions(client_options))
    nearest = find_nearest(latencies)
    if json_output:
        print_json({"nearest": nearest, "regions": [_to_json(latency) for latency in latencies]})
    else:
        print_table(COLUMNS, [table_row(latency, nearest) for latency in latencies], bars=bar_fractions(latencies))
    return _exit_code_for(latencies)


async def measure_regions(client_options: Mapping[str, Any]) -> list[RegionLatency]:
    """Measure all regions concurrently. Without a key, only whether and how fast they respond."""
    import asyncio

    from polargrid import PolarGrid
    from polargrid.regions import POLARGRID_REGIONS

    has_key = "api_key" in client_options or bool(os.environ.get("POLARGRID_API_KEY"))
    chosen = client_options if has_key else {**client_options, "api_key": NO_KEY}
    clients = [(region, PolarGrid(region=name, **chosen)) for name, region in POLARGRID_REGIONS.items()]
    return await asyncio.gather(*[_measure_region(region, client, has_key) for region, client in clients])


async def _measure_region(region: Region, client: PolarGrid, has_key: bool) -> RegionLatency:
    seconds: list[float] = []
    status = ""
    async with client:
        for _ in range(1 + SAMPLES):
            try:
                response = await client.health()
            except PolarGridError as error:
                if has_key or not isinstance(error, AuthenticationError) or error.meta is None:
                    return RegionLatency(region, error=error)
                seconds, status = [*seconds, error.meta.elapsed], REACHABLE
            else:
                seconds, status = [*seconds, response.meta.elapsed], str(response.status)
    return RegionLatency(region, min(seconds[1:]), status)


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
    errors = [latency.error for latency in latencies if latency.error is not None]
    kinds = {exit_codes.exit_code_for(error) for error in errors}
    return kinds.pop() if len(kinds) == 1 and len(errors) == len(latencies) else exit_codes.FAILED


def _to_json(latency: RegionLatency) -> dict[str, Any]:
    return {
        **latency.region,
        "latency_ms": None if latency.seconds is None else round(latency.seconds * 1000, 1),
        "status": latency.status or None,
        "error": str(latency.error) if latency.error else None,
    }
