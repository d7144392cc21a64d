"""A TCP relay with a constant and a random delay in each direction, before a server: a distant one, for hand runs.

    python -m qa.fault_bench.slow_network http://127.0.0.1:8000 --delay 2 --jitter 0.2

It prints its URL, and ends with its input. A side that closes its connection closes the other one, after the delay.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

_CHUNK_BYTES = 65536


class SlowNetwork:
    """Relays connections; half of the delay is spent on the way to the server, half on the way back."""

    def __init__(self, host: str, port: int, *, delay: float, jitter: float, seed: int = 1) -> None:
        self._host, self._port = host, port
        self._delay, self._jitter = delay, jitter
        self._random = random.Random(seed)  # noqa: S311 - jitter is no secret

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection until both sides have ended."""
        upstream_reader, upstream_writer = await asyncio.open_connection(self._host, self._port)
        directions = (self._copy(reader, upstream_writer), self._copy(upstream_reader, writer))
        await asyncio.gather(*directions)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Copy what arrives, in order, each piece after its own delay; the end of the input closes the output."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        async def send() -> None:
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(due - loop.time())
                if not data or writer.is_closing():
                    writer.close()
                    return
                with suppress(ConnectionError):
                    writer.write(data)
                    await writer.drain()

        sender = asyncio.create_task(send())
        data = b"-"
        while data and not sender.done():
            try:
                data = await reader.read(_CHUNK_BYTES)
            except ConnectionError:
                data = b""
            delay = self._delay / 2 + self._random.uniform(0, self._jitter) / 2
            pieces.put_nowait((loop.time() + delay, data))
        await sender


async def serve(url: str, *, delay: float, jitter: float) -> None:
    """Relay to the server until standard input ends."""
    address = urlsplit(url)
    network = SlowNetwork(str(address.hostname), int(address.port or 80), delay=delay, jitter=jitter)
    server = await asyncio.start_server(network.relay, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.read)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0."""
    parser = argparse.ArgumentParser(prog="slow_network", description=__doc__)
    parser.add_argument("url", help="the server")
    parser.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help="of a request and its response")
    parser.add_argument("--jitter", type=float, default=0.0, metavar="SECONDS", help="at most, in addition")
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.url, delay=options.delay, jitter=options.jitter))
    return 0


if __name__ == "__main__":
    sys.exit(main())
