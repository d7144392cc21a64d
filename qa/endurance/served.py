"""The edge's process, asked what it saw; and both clients, each called without await."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from polargrid import PolarGrid, PolarGridSync

CLIENTS: Final[dict[str, type[PolarGrid | PolarGridSync]]] = {"PolarGrid": PolarGrid, "PolarGridSync": PolarGridSync}
_STOP_SECONDS: Final = 30.0
_KEY: Final = "pg_endurance"


@contextmanager
def served() -> Iterator[str]:
    """The URL of an edge that ends with the context."""
    command = [sys.executable, "-m", "qa.endurance.edge"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def seen(url: str, what: str) -> Any:
    """What the edge saw: its `requests` by the first part of their path, or how many connections are `open`."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/{what}", timeout=_STOP_SECONDS) as response:
        return json.load(response)


class Client:
    """A client of either kind, called without await."""

    def __init__(self, name: str, runner: asyncio.Runner) -> None:
        self._kind, self._runner = CLIENTS[name], runner
        self._made: list[Any] = []
        self.run(asyncio.sleep(0))  # the event loop has files of its own

    def at(self, url: str, **options: Any) -> Any:
        """The SDK's client for this URL."""
        self._made.append(self._kind(api_key=_KEY, base_url=url, **options))
        return self._made[-1]

    def run(self, result: Any) -> Any:
        """The result, waited for where it must be."""
        return self._runner.run(result) if inspect.iscoroutine(result) else result

    def call(self, method: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """Call a method of the SDK's client."""
        return self.run(method(*values, **options))

    def read(self, stream: Any, chunks: int | None = None) -> None:
        """Read a stream to its end, or leave it after so many chunks."""
        if hasattr(stream, "__anext__"):
            self.run(_read(stream, chunks))
            return
        with stream:
            for number, _ in enumerate(stream, 1):
                if number == chunks:
                    return

    def close(self) -> None:
        """Close all that was made."""
        while self._made:
            self.run(self._made.pop().close())


async def _read(stream: Any, chunks: int | None) -> None:
    async with stream:
        number = 0
        async for _ in stream:
            number += 1
            if number == chunks:
                return
