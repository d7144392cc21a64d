"""The server's process and what it counted; and both clients of the SDK, each called without await."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal

from polargrid import PolarGrid, PolarGridSync

CLIENTS: Final[dict[str, type[PolarGrid | PolarGridSync]]] = {"PolarGrid": PolarGrid, "PolarGridSync": PolarGridSync}
_SERVER_TIMEOUT: Final = 30.0  # seconds to respond, and to end
_KEY: Final = "pg_endurance"


@contextmanager
def run_server() -> Iterator[str]:
    """Run the server until the block ends; the value is its URL."""
    command = [sys.executable, "-m", "qa.endurance.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            try:
                process.wait(_SERVER_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()


def fetch_counts(url: str, subject: Literal["requests", "connections"]) -> Any:
    """The server's requests by the first part of their path, or the number of its open connections."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/{subject}", timeout=_SERVER_TIMEOUT) as response:
        return json.load(response)


class ClientRunner:
    """Clients of one kind, called without await."""

    def __init__(self, name: str, runner: asyncio.Runner) -> None:
        self._kind, self._runner = CLIENTS[name], runner
        self._clients: list[Any] = []
        self.run(asyncio.sleep(0))  # opens the file descriptors of the event loop itself

    def create(self, url: str, **options: Any) -> Any:
        """Create a client for this URL; `close` closes it."""
        self._clients.append(self._kind(api_key=_KEY, base_url=url, **options))
        return self._clients[-1]

    def run(self, result: Any) -> Any:
        """Return the result of a method; a coroutine runs to its end first."""
        return self._runner.run(result) if inspect.iscoroutine(result) else result

    def call(self, method: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """Call a method of a client."""
        return self.run(method(*values, **options))

    def read(self, stream: Any, chunks: int | None = None) -> None:
        """Read a stream to its end, or close it after some chunks."""
        if hasattr(stream, "__anext__"):
            self.run(_read_async(stream, chunks))
            return
        with stream:
            for number, _ in enumerate(stream, 1):
                if number == chunks:
                    return

    def close(self) -> None:
        """Close all clients."""
        while self._clients:
            self.run(self._clients.pop().close())


async def _read_async(stream: Any, chunks: int | None) -> None:
    async with stream:
        number = 0
        async for _ in stream:
            number += 1
            if number == chunks:
                return
