"""The way to an edge, step by step: name, connection, certificate, clock, key. Here is the network."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import attrs

from polargrid import PolarGrid
from polargrid.errors import PolarGridError
from polargrid.regions import Edge
from polargrid.transport.origins import Origin, address_of, proxy_of, tls

LOOKS = 3  # on a connection that stands


@attrs.define
class Way:
    """What was found on the way to an edge; what was not come to is None."""

    edge: Edge
    origin: Origin
    proxy: str | None = None
    addresses: tuple[str, ...] = ()
    connected: float | None = None
    """Seconds that the connection took."""
    certificate: Mapping[str, Any] | None = None
    protocol: str | None = None
    broken: tuple[str, Exception] | None = None
    """The step that failed, and how."""
    date: str | None = None
    asked_at: float = 0.0
    """This machine's time when the edge told its own, in seconds since 1970."""
    health: str | None = None
    latency: float | None = None
    fault: PolarGridError | None = None
    """What the edge said to the key."""

    @property
    def name(self) -> str:
        """The region, or the URL."""
        return self.edge.region["id"] if self.edge.region else self.edge.base_url


async def explored(edge: Edge, options: Mapping[str, Any] | None, patience: float) -> Way:
    """The way to an edge, as far as it goes. Without options there is no key, and the edge is not asked anything."""
    origin = address_of(edge.base_url).origin
    way = Way(edge, origin, proxy_of(origin))
    if way.proxy is None:
        for step, take in (("name", _look_up), ("connection", _connect), ("certificate", _shake_hands)):
            try:
                async with asyncio.timeout(patience):
                    await take(way)
            except (OSError, ValueError) as error:  # a timeout is an OSError, what the codec of names says a ValueError
                way.broken = (step, error)
                return way
    if options is not None:
        await _ask(way, options)
    return way


async def _look_up(way: Way) -> None:
    found = await asyncio.get_running_loop().getaddrinfo(way.origin.host, way.origin.port, type=1)
    way.addresses = tuple(dict.fromkeys(str(address[0]) for *_, address in found))


async def _connect(way: Way) -> None:
    started = time.perf_counter()
    _, writer = await asyncio.open_connection(way.origin.host, way.origin.port)
    way.connected = time.perf_counter() - started
    await _closed(writer)


async def _shake_hands(way: Way) -> None:
    if not way.origin.is_tls:
        return
    _, writer = await asyncio.open_connection(way.origin.host, way.origin.port, ssl=tls())
    secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
    way.certificate, way.protocol = secured.getpeercert(), secured.version()
    await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # whoever is done may be cut off
        await writer.wait_closed()


async def _ask(way: Way, options: Mapping[str, Any]) -> None:
    """Health, again on the same connection for the latency, and the models, for which the key must be good."""
    try:
        async with PolarGrid(**options) as client:
            answer = await client.health()
            way.health, way.date, way.asked_at = str(answer.status), answer.meta.headers.get("date"), time.time()
            way.latency = min([(await client.health()).meta.elapsed for _ in range(LOOKS)])
            await client.list_models()
    except PolarGridError as error:
        way.fault = error
        if way.date is None and error.meta is not None:
            way.date, way.asked_at = error.meta.headers.get("date"), time.time()
