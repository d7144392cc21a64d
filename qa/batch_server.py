"""A chat server that costs little, in a process of its own: `python -m qa.batch_server --latency 0.01 --places 4`.

It prints its URL. A response echoes the prompt; a request beyond the places gets 429. `GET /counts` returns how many
requests and prompts there were, and how many requests were refused. `--fault` names what happens in the last
`--fault-seconds` of each `--period`: each request gets 429 or 503, takes five times as long (`slow`), or its connection
and those of all requests in flight are closed (`dies`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PROMPT = re.compile(rb'"content":"([^"]*)"')
_BODY = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"re: %s"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
)


class _Server:
    def __init__(self, latency: float, places: int, fault: str = "", period: float = 20.0, length: float = 2.0) -> None:
        self.latency, self.places = latency, places
        self.fault, self._period, self._length = fault, period, length
        self._started_at = time.monotonic()
        self.connections: set[_Connection] = set()
        self.in_use = self.refused = 0
        self.counts: Counter[bytes] = Counter()

    def has_fault(self, *kinds: str) -> bool:
        """Whether a fault of one of these kinds happens now."""
        phase = (time.monotonic() - self._started_at) % self._period
        return self.fault in kinds and phase >= self._period - self._length

    async def die_now_and_then(self) -> None:
        """Close all connections at the start of each outage."""
        while self.fault == "dies":
            phase = (time.monotonic() - self._started_at) % self._period
            start = self._period - self._length
            await asyncio.sleep(start - phase if phase < start else self._period - phase)
            for connection in list(self.connections) if self.has_fault("dies") else ():
                connection.close()

    def read(self) -> dict[str, int]:
        return {"requests": self.counts.total(), "prompts": len(self.counts), "refused": self.refused}


class _Connection(asyncio.Protocol):
    def __init__(self, server: _Server) -> None:
        self._server = server
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.connections.add(self)
        if self._server.has_fault("dies"):
            self.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server.connections.discard(self)

    def close(self) -> None:
        """Close it without a response."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, separator, rest = self._data.partition(b"\r\n\r\n")
        match = _LENGTH.search(head)
        length = int(match[1]) if match else 0
        if not separator or len(rest) < length:
            return
        self._data = rest[length:]
        if head.startswith(b"GET"):
            self._send(json.dumps(self._server.read()).encode())
            return
        prompt = _PROMPT.search(rest[:length])
        text = prompt[1] if prompt else b""
        self._server.counts[text] += 1
        if self._server.in_use >= self._server.places or self._server.has_fault("429", "503"):
            self._server.refused += 1
            status = b"503 Service Unavailable" if self._server.has_fault("503") else b"429 Too Many Requests"
            self._send(b'{"error":{"message":"busy"}}', status)
            return
        self._server.in_use += 1
        latency = self._server.latency * (5 if self._server.has_fault("slow") else 1)
        asyncio.get_running_loop().call_later(latency, self._finish, _BODY % text)

    def _finish(self, body: bytes) -> None:
        self._server.in_use -= 1
        self._send(body)

    def _send(self, body: bytes, status: bytes = b"200 OK") -> None:
        if not self._transport.is_closing():
            head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
            self._transport.write(head + body)


async def serve(state: _Server) -> None:
    """Serve until the process is killed."""
    dying = asyncio.ensure_future(state.die_now_and_then())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(state), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.gather(server.serve_forever(), dying)


@contextmanager
def start_server(
    latency: float, places: int = 10_000, fault: str = "", period: float = 20.0, fault_seconds: float = 2.0
) -> Iterator[str]:
    """Start the server in a process of its own, and yield its URL."""
    command = [sys.executable, "-m", "qa.batch_server", "--latency", str(latency), "--places", str(places)]
    command += ["--fault", fault, "--period", str(period), "--fault-seconds", str(fault_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def read_counts(url: str) -> dict[str, int]:
    """Return what the server counted."""
    with urlopen(f"{url}/counts") as response:  # noqa: S310 - of this server
        counts: dict[str, int] = json.load(response)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--places", type=int, default=10_000)
    parser.add_argument("--fault", choices=("", "429", "503", "slow", "dies"), default="")
    parser.add_argument("--period", type=float, default=20.0)
    parser.add_argument("--fault-seconds", type=float, default=2.0)
    options = parser.parse_args()
    server = _Server(options.latency, options.places, options.fault, options.period, options.fault_seconds)
    asyncio.run(serve(server))
