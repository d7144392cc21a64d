"""Network checks of an endpoint, step by step: name, connection, certificate, clock, health, key."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import attrs

from polargrid import PolarGrid
from polargrid.errors import PolarGridError
from polargrid_cli.commands.doctor.endpoints import Endpoint, proxy_for

SAMPLES = 3  # requests on an open connection, for the latency
_DEFAULT_PORTS = {"http": 80, "https": 443}


@attrs.define
class ProbeResult:
    """Facts about an endpoint; None for steps that were not reached."""

    endpoint: Endpoint
    proxy: str | None = None
    addresses: tuple[str, ...] = ()
    connect_seconds: float | None = None
    certificate: Mapping[str, Any] | None = None
    protocol: str | None = None
    failure: tuple[str, Exception] | None = None
    """The step that failed, and its exception."""
    date: str | None = None
    date_received_at: float = 0.0
    """This machine's time when the response with `date` arrived, in seconds since 1970."""
    health: str | None = None
    latency: float | None = None
    error: PolarGridError | None = None
    """The error response to the requests."""

    @property
    def name(self) -> str:
        """The region's id, or the URL."""
        return self.endpoint.region["id"] if self.endpoint.region else self.endpoint.base_url

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to."""
        url = urlsplit(self.endpoint.base_url)
        return url.hostname or "", url.port or _DEFAULT_PORTS[url.scheme]


async def probe_all(
    endpoints: Sequence[Endpoint], client_options: Mapping[str, Any] | None, step_timeout: float
) -> list[ProbeResult]:
    """Probe all endpoints concurrently, with `step_timeout` seconds for each step."""

    def options_for(endpoint: Endpoint) -> Mapping[str, Any] | None:
        if client_options is None:
            return None
        region = {} if len(endpoints) == 1 else {"region": endpoint.region["id"] if endpoint.region else None}
        return {**client_options, **region, "timeout": step_timeout, "max_retries": 0}

    return await asyncio.gather(*[probe(endpoint, options_for(endpoint), step_timeout) for endpoint in endpoints])


async def probe(endpoint: Endpoint, client_options: Mapping[str, Any] | None, step_timeout: float) -> ProbeResult:
    """Probe an endpoint up to the first step that fails. Without client options no request is sent."""
    result = ProbeResult(endpoint, proxy_for(endpoint.base_url))
    if result.proxy is None:
        for step, run in (("name", _look_up), ("connection", _connect), ("certificate", _check_certificate)):
            try:
                async with asyncio.timeout(step_timeout):
                    await run(result)
            except (OSError, ValueError) as error:  # TimeoutError is an OSError, UnicodeError (IDNA) a ValueError
                result.failure = (step, error)
                return result
    if client_options is not None:
        await _send_requests(result, client_options)
    return result


async def _look_up(result: ProbeResult) -> None:
    infos = await asyncio.get_running_loop().getaddrinfo(*result.address, type=1)
    result.addresses = tuple(dict.fromkeys(str(address[0]) for *_, address in infos))


async def _connect(result: ProbeResult) -> None:
    started = time.perf_counter()
    _, writer = await asyncio.open_connection(*result.address)
    result.connect_seconds = time.perf_counter() - started
    await _close(writer)


async def _check_certificate(result: ProbeResult) -> None:
    if not result.endpoint.base_url.startswith("https:"):
        return
    _, writer = await asyncio.open_connection(*result.address, ssl=_ssl_context())
    ssl_object: ssl.SSLObject = writer.get_extra_info("ssl_object")
    result.certificate, result.protocol = ssl_object.getpeercert(), ssl_object.version()
    await _close(writer)


def _ssl_context() -> ssl.SSLContext:
    """Return the context that httpx uses: certifi's certificates, or those of SSL_CERT_FILE or SSL_CERT_DIR."""
    import httpx

    return httpx.create_ssl_context()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # the server may reset the connection
        await writer.wait_closed()


async def _send_requests(result: ProbeResult, client_options: Mapping[str, Any]) -> None:
    """Request the health, then again on the open connection for the latency, then the models, which need the key."""
    try:
        async with PolarGrid(**client_options) as client:
            response = await client.health()
            result.health, result.date = str(response.status), response.meta.headers.get("date")
            result.date_received_at = time.time()
            result.latency = min([(await client.health()).meta.elapsed for _ in range(SAMPLES)])
            await client.list_models()
    except PolarGridError as error:
        result.error = error
        if result.date is None and error.meta is not None:
            result.date, result.date_received_at = error.meta.headers.get("date"), time.time()
