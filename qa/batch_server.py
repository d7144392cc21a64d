"""A chat server that costs little, in a process of its own: `python -m qa.batch_server --latency 0.01 --places 4`.

It prints its URL. A response echoes the prompt; a request beyond the places gets 429. `GET /counts` returns what it
recorded: see `Record`. `--fault` names what happens in the last `--fault-seconds` of each `--period`: each request gets
429 or 503, takes five times as long (`slow`), or its connection and those of all requests in flight are closed, and
what they asked is lost (`dies`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.request import urlopen

from qa.batch_plan import FAULTS, ServerPlan

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PROMPT = re.compile(rb'"content":"([^"]*)"')
_BODY = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"re: %s"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}'
)


@dataclass
class Record:
    """What a server saw; times are in seconds since it started."""

    requests: int = 0
    prompts: int = 0
    """Different ones."""
    refused: int = 0
    completed: int = 0
    """Responses with 200 that were sent."""
    first_at: float = 0.0
    """When the first request came."""
    last_new_at: float = 0.0
    """When the last prompt came for the first time: until then the client had rows for each place."""
    completed_by_then: int = 0


class _Server:
    def __init__(self, plan: ServerPlan) -> None:
        self.plan, self.record = plan, Record()
        self._started_at = time.monotonic()
        self._random = random.Random(0)  # noqa: S311 - the times of rows
        self.connections: set[_Connection] = set()
        self.in_use = 0
        self._counts: Counter[bytes] = Counter()

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started_at

    def has_fault(self, *kinds: str) -> bool:
        """Whether a fault of one of these kinds happens now."""
        return self.plan.has_fault(self.now, *kinds)

    def count(self, prompt: bytes) -> None:
        """Record a request."""
        record = self.record
        record.requests += 1
        if not self._counts[prompt]:
            record.first_at = record.first_at or self.now
            record.prompts += 1
            record.last_new_at, record.completed_by_then = self.now, record.completed
        self._counts[prompt] += 1

    def draw_seconds(self) -> float:
        """Return the seconds of a row that starts now."""
        return self.plan.draw_seconds(self.now, self._random)

    async def die_now_and_then(self) -> None:
        """Close all connections at the start of each outage."""
        while self.plan.fault == "dies":
            await asyncio.sleep(self.plan.next_fault(self.now) - self.now)
            for connection in list(self.connections):
                connection.close()
            await asyncio.sleep(self.plan.fault_end(self.now) - self.now)


class _Connection(asyncio.Protocol):
    def __init__(self, server: _Server) -> None:
        self._server = server
        self._data = bytearray()
        self._size = 0  # of the request, when its head is known
        self._row: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.connections.add(self)
        if self._server.has_fault("dies"):
            self.close()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._server.connections.discard(self)

    def close(self) -> None:
        """Close it without a response; its row is lost, and has no place any more."""
        if self._row is not None:
            self._row.cancel()
            self._row = None
            self._server.in_use -= 1
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._size and (end := self._data.find(b"\r\n\r\n")) >= 0:
            match = _LENGTH.search(self._data, 0, end)
            self._size = end + 4 + (int(match[1]) if match else 0)
        if not self._size or len(self._data) < self._size:
            return
        request = bytes(self._data[: self._size])
        del self._data[: self._size]
        self._size = 0
        if request.startswith(b"GET"):
            self._send(json.dumps(asdict(self._server.record)).encode())
            return
        match = _PROMPT.search(request)
        self._answer(match[1] if match else b"")

    def _answer(self, text: bytes) -> None:
        server = self._server
        server.count(text)
        if server.in_use >= server.plan.places or server.has_fault("429", "503"):
            server.record.refused += 1
            status = b"503 Service Unavailable" if server.has_fault("503") else b"429 Too Many Requests"
            self._send(b'{"error":{"message":"busy"}}', status)
            return
        server.in_use += 1
        self._row = asyncio.get_running_loop().call_later(server.draw_seconds(), self._finish, _BODY % text)

    def _finish(self, body: bytes) -> None:
        self._row = None
        self._server.in_use -= 1
        self._server.record.completed += not self._transport.is_closing()
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
    with start_plan(ServerPlan(latency, 0.0, places, fault, period, fault_seconds)) as url:
        yield url


@contextmanager
def start_plan(plan: ServerPlan) -> Iterator[str]:
    """Do the same for a plan."""
    command = [sys.executable, "-m", "qa.batch_server"]
    for name, value in asdict(plan).items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def read_counts(url: str) -> dict[str, Any]:
    """Return what the server recorded: the fields of `Record`."""
    while True:
        try:
            with urlopen(f"{url}/counts") as response:  # noqa: S310 - of this server
                return dict(json.load(response))
        except OSError:  # it is dead for a time
            time.sleep(0.1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field in fields(ServerPlan):
        choices = ("", *FAULTS) if field.name == "fault" else None
        kind = type(field.default)
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default, choices=choices)
    asyncio.run(serve(_Server(ServerPlan(**vars(parser.parse_args())))))
