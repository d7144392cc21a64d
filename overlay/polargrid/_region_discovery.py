"""The nearest healthy region: that of the autorouter, or the first of all regions to report that it is healthy."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NoReturn

import anyio

from polargrid._endpoints import resolve_endpoints
from polargrid.errors import AuthenticationError, NetworkError, PolarGridError, ValidationError
from polargrid.regions import DEFAULT_REGION, POLARGRID_REGIONS

Failure = str | PolarGridError
_VARIABLE = "POLARGRID_AUTOROUTER"
#: A region that needs a second attempt is not the nearest.
PROBE_OPTIONS: dict[str, Any] = {"timeout": 3.0, "deadline": 3.0, "max_retries": 0}
#: Probing all regions takes about as long, so a slow autorouter is of no use. What the caller adds to requests is for
#: the regions, and may be secret.
ROUTE_OPTIONS: dict[str, Any] = {
    "timeout": 2.0,
    "deadline": 2.0,
    "max_retries": 0,
    "max_body_bytes": 64 * 1024,
    "extra_headers": {},
    "extra_query": {},
    "extra_body": {},
}


def router_options(environ: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the options of a client that asks the autorouter; None if the environment disables it.

    Raises ValidationError for an invalid URL in the environment.
    """
    url = environ.get(_VARIABLE, "").strip()
    if not url:
        return {"region": DEFAULT_REGION, **ROUTE_OPTIONS}  # the operation has a server of its own
    if url.lower() == "off":
        return None
    try:
        (endpoint,) = resolve_endpoints({}, {"base_url": url})
    except ValidationError as error:
        message = f"{error.message.replace('base_url', _VARIABLE, 1)}; or 'off'"
        raise ValidationError(message, param=_VARIABLE, sent=False) from None
    return {"base_url": endpoint.base_url, **ROUTE_OPTIONS}


def select_region(route: Any) -> str | None:
    """Return the region of the autorouter's response; None if the SDK does not know it, or by another URL.

    The key goes to that URL, and the response is not authenticated by it.
    """
    region = POLARGRID_REGIONS.get(route.region)
    return None if region is None or route.endpoint.rstrip("/") != region["url"] else region["id"]


def is_healthy(health: Any) -> bool:
    """Whether a region reports that it is healthy."""
    return bool(health.status == "healthy")


async def find_nearest(clients: Mapping[str, Any]) -> str:
    """Return the region whose client is the first to report that it is healthy.

    Raises NetworkError if none is, AuthenticationError if all reject the key.
    """
    healthy: list[str] = []
    failures: dict[str, Failure] = {}

    async def probe(region: str, client: Any) -> None:
        try:
            async with client:
                failure = _check_health(await client.health())
        except PolarGridError as error:
            failure = error
        if failure:
            failures[region] = failure
        else:
            healthy.append(region)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for region, client in clients.items():
            group.start_soon(probe, region, client)
    return healthy[0] if healthy else _raise_none_healthy(failures)


def find_nearest_sync(clients: Mapping[str, Any]) -> str:
    """The same on threads; probes that still run end within their timeout."""
    failures: dict[str, Failure] = {}
    threads = ThreadPoolExecutor(len(clients), thread_name_prefix="polargrid-region-discovery")
    try:
        probes = {threads.submit(_probe, client): region for region, client in clients.items()}
    except RuntimeError as error:  # no more threads, or the interpreter is about to end
        raise NetworkError(f"cannot probe the regions: {error}; pass a region") from error
    finally:
        threads.shutdown(wait=False)
    for probe in as_completed(probes):
        failure = probe.result()
        if failure is None:
            for client in clients.values():
                client.close()
            return probes[probe]
        failures[probes[probe]] = failure
    return _raise_none_healthy(failures)


def _probe(client: Any) -> Failure | None:
    try:
        with client:
            return _check_health(client.health())
    except PolarGridError as error:
        return error


def _check_health(health: Any) -> Failure | None:
    return None if is_healthy(health) else f"status is {health.status!r}"


def _raise_none_healthy(failures: Mapping[str, Failure]) -> NoReturn:
    """If every region rejects the key, that is the error."""
    rejections = [failure for failure in failures.values() if isinstance(failure, AuthenticationError)]
    if len(rejections) == len(failures):
        raise rejections[0]
    details = {region: str(failure) for region, failure in sorted(failures.items())}
    summary = "; ".join(f"{region}: {failure}" for region, failure in details.items())
    raise NetworkError(f"no region is healthy: {summary}", details=details)
