"""`python -m qa.refusals`: how long the local edge takes to reject hostile requests, and how that grows with the size.

The requests go to the application in this process, without a socket and without models. Exits with 1 if a rejection
takes more than linear time or more than its limit, or if a request makes the edge fail.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from polargrid_edge.app import build_app
from polargrid_edge.services import Services
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from polargrid_generated.operations import OPERATIONS
from polargrid_runtime.operation import Operation
from qa.refusals.requests import FORM_TYPE, HOSTILE, Request, has_file

GROWTH: Final = 4
"""The second size of a request is this many times the first."""
_CHUNK: Final = 64 * 1024
_MAX_EXPONENT: Final = 1.5
_MIN_SECONDS: Final = 0.5  # shorter times say nothing about growth
_MAX_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """The CPU times of one kind of request, in seconds, at a size and at `GROWTH` times this size."""

    operation: str
    kind: str
    status: int
    seconds: tuple[float, float]

    @property
    def exponent(self) -> float:
        """1 for linear growth, 2 for quadratic growth."""
        first, second = self.seconds
        return math.log(max(second, 1e-9) / max(first, 1e-9), GROWTH)

    @property
    def failure(self) -> str | None:
        """What is wrong; None for a rejection that is as it must be."""
        if self.status >= 500 and self.status != HTTPStatus.NOT_IMPLEMENTED:  # no service serves the operation yet
            return f"status {self.status}"
        if self.seconds[1] > _MAX_SECONDS:
            return f"longer than {_MAX_SECONDS:g} s"
        if self.seconds[1] > _MIN_SECONDS and self.exponent > _MAX_EXPONENT:
            return "more than linear"
        return None


async def send(app: Any, operation: Operation[Any, Any], request: Request) -> int:
    """Send a request with a valid key to the application, and return the status of the response."""
    headers = {"host": "localhost", "authorization": f"Bearer {LOCAL_KEY}", "content-length": str(len(request.body))}
    headers["content-type"] = request.content_type or (FORM_TYPE if has_file(operation) else "application/json")
    raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in (headers | {**request.headers}).items()]
    path = operation.path if request.path is None else request.path
    scope = {
        "type": "http",
        "scheme": "http",
        "method": operation.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": request.query,
        "headers": raw_headers,
    }
    chunks = [request.body[at : at + _CHUNK] for at in range(0, len(request.body), _CHUNK)] or [b""]
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages[-1]["more_body"] = False
    statuses: list[int] = []

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        return await asyncio.get_running_loop().create_future()  # the client waits for the response

    async def collect(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, collect)
    return statuses[0]


async def measure(app: Any, operation: Operation[Any, Any], kind: str, size: int, repeats: int) -> Measurement:
    """Measure one kind of request; of several attempts the fastest counts, because the machine may be busy."""
    seconds = []
    status = 0
    for request in (HOSTILE[operation.name][kind](part) for part in (size // GROWTH, size)):
        times = []
        for _ in range(repeats):
            started_at = time.process_time()  # of all threads: JSON is parsed on one of its own
            status = await send(app, operation, request)
            times.append(time.process_time() - started_at)
        seconds.append(min(times))
        if seconds[0] > _MAX_SECONDS:
            seconds.append(math.inf)
            break
    return Measurement(operation.name, kind, status, (seconds[0], seconds[1]))


async def measure_all(size: int, repeats: int, names: Sequence[str] = ()) -> list[Measurement]:
    """Measure every kind of request of the operations, or of those with these names."""
    settings = EdgeSettings()
    app = build_app(settings, Services(settings))
    measurements = []
    for operation in OPERATIONS:
        for kind in HOSTILE[operation.name] if operation.name in names or not names else ():
            measurement = await measure(app, operation, kind, size, repeats)
            if measurement.failure and measurement.seconds[1] < math.inf:
                measurement = await measure(app, operation, kind, size, repeats + 2)
            measurements.append(measurement)
    return measurements


def render(measurements: Sequence[Measurement], *, everything: bool) -> Iterator[str]:
    """The slowest kind of each operation, and each that fails; or all of them."""
    yield f"{'operation':18} {'kind':28} status  first s  second s  exponent"
    slowest = {item.operation: item for item in sorted(measurements, key=lambda item: item.seconds[1])}
    for item in measurements:
        if everything or item.failure or item is slowest[item.operation]:
            first, second = item.seconds
            note = f"  FAILED: {item.failure}" if item.failure else ""
            yield (
                f"{item.operation:18} {item.kind:28} {item.status:>6} {first:>8.4f} {second:>9.4f} "
                f"{item.exponent:>9.2f}{note}"
            )
    failures = sum(item.failure is not None for item in measurements)
    yield f"{len(measurements)} kinds of requests, {failures} failures"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.refusals", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1_600_000, help="bytes; also a quarter of it [default: 1600000]")
    parser.add_argument("--repeats", type=int, default=1, help="the fastest counts [default: 1]")
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION", help="repeatable")
    parser.add_argument("--all", action="store_true", help="print every kind, not only the slowest of each operation")
    options = parser.parse_args(arguments)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    gc.disable()  # a collection looks at every object of the process, and starts at certain sizes
    try:
        measurements = asyncio.run(measure_all(options.size, options.repeats, options.only))
    finally:
        gc.enable()
    print("\n".join(render(measurements, everything=options.all)))
    return 1 if any(item.failure for item in measurements) else 0


if __name__ == "__main__":
    sys.exit(main())
