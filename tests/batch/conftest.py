"""A server that each test scripts, and runs against it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polargrid import PolarGrid
from polargrid_batch import Result, Summary, run
from tests.batch.server import ChatHandler, LoopbackServer, Script


@pytest.fixture(autouse=True)
def share_interpreter():
    """Let the threads of client and server alternate at once: a request takes 5 ms otherwise."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[ChatHandler, str]]]:
    """Start a server: `handler, url = serve(script)`."""
    servers: list[LoopbackServer] = []

    def start(script: Script | None = None, **options: Any) -> tuple[ChatHandler, str]:
        handler = ChatHandler(script, **options)
        servers.append(LoopbackServer(handler))
        return handler, servers[-1].url

    yield start
    for server in servers:
        server.close()


def run_rows(rows: Any, url: str, summary: Summary | None = None, **options: Any) -> list[Result]:
    """Run, and return all results."""

    async def collect() -> list[Result]:
        async with PolarGrid(base_url=url, api_key="k") as client:
            return [result async for result in run(rows, client=client, summary=summary, **options)]

    return asyncio.run(collect())
