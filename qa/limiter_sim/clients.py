"""`python -m qa.limiter_sim.clients`: calls that fail with and without `limiter=`, on a real server with 32 places.

600 calls by each client, 64 at once; a call takes 50 ms, and the server refuses with 429 what it has no place for.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from polargrid import PolarGrid, PolarGridError, PolarGridSync
from polargrid_batch import AdaptiveLimiter
from polargrid_testing.samples import load_samples
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, Pause, Step

HEALTH = next(sample.response for sample in load_samples() if sample.name == "health")
PLACES, SECONDS, CALLS, AT_ONCE = 32, 0.05, 600, 64


class Server:
    """Processes some requests at once."""

    def __init__(self) -> None:
        self.busy = self.refusals = 0

    def on_connect(self) -> None: ...

    def on_head(self, _request: Any) -> None: ...

    async def respond(self, _request: Any) -> AsyncIterator[Step]:
        if self.busy >= PLACES:
            self.refusals += 1
            answer = Answer.json({"error": {"message": "all places are taken"}}, status=429)
        else:
            self.busy += 1
            yield Pause(SECONDS)
            self.busy -= 1
            answer = Answer.json(HEALTH)
        for step in answer.steps():
            yield step


def call_sync(options: Any) -> int:
    """Return how many calls of threads fail."""

    def call(_number: int) -> bool:
        try:
            client.health()
        except PolarGridError:
            return True
        return False

    with PolarGridSync(**options) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(call, range(CALLS)))


async def call_async(options: Any) -> int:
    """Return how many calls of tasks fail."""
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def call() -> bool:
        async with semaphore:
            try:
                await client.health()
            except PolarGridError:
                return True
            return False

    async with PolarGrid(**options) as client:
        return sum(await asyncio.gather(*(call() for _ in range(CALLS))))


def main() -> None:
    argparse.ArgumentParser(prog="python -m qa.limiter_sim.clients", description=__doc__).parse_args()
    print(
        f"{'client':14} {'limiter':8} {'failed':>6} {'refused':>7} {'seconds':>7}  of {CALLS} calls, {AT_ONCE} at once"
    )
    for name in ("PolarGrid", "PolarGridSync"):
        for limiter in (None, AdaptiveLimiter()):
            handler = Server()
            server = LoopbackServer(handler)
            options = {"base_url": server.url, "api_key": "pg_test", "limiter": limiter}
            started_at = time.perf_counter()
            failed = call_sync(options) if name == "PolarGridSync" else asyncio.run(call_async(options))
            seconds = time.perf_counter() - started_at
            server.close()
            print(f"{name:14} {'yes' if limiter else 'no':8} {failed:6} {handler.refusals:7} {seconds:7.2f}")


if __name__ == "__main__":
    main()
