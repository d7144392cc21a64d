"""The measurements of a contender, in its environment; the keys of the figures are those of `figures.py`.

A contender that lacks a function that a task needs is left out of the task.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from qa.benchmarks import registry, responses, workload
from qa.benchmarks.meter import CostMeter
from qa.benchmarks.registry import Bench, Figures, Task

TASKS: dict[str, Task] = {}
task = functools.partial(registry.register, tasks=TASKS)
sync_task = functools.partial(registry.register_sync, tasks=TASKS)
async_task = functools.partial(registry.register_async, tasks=TASKS)

_SHORT, _LONG = "stream-50", "stream-2000"
_MORE_CHUNKS = workload.STREAMS[_LONG] - workload.STREAMS[_SHORT]


def read_stream(texts: Iterable[str | None], count: int) -> None:
    """Read a stream to its end, and check that it is complete."""
    _check_count(sum(1 for text in texts if text), count)


async def read_async_stream(texts: AsyncIterator[str | None], count: int) -> None:
    _check_count(sum([1 async for text in texts if text]), count)


def _check_count(received: int, count: int) -> None:
    if received != count - 1:  # the last chunk has no text
        raise AssertionError(f"received {received} chunks with text, expected {count - 1}")


# Calls


@sync_task("chat")
def chat_sync(bench: Bench, client: Any) -> Figures:
    return {"chat_sync": bench.meter.measure(lambda: bench.contender.chat(client))}


@async_task("async_chat")
async def chat_async(bench: Bench, client: Any) -> Figures:
    return {"chat_async": await bench.meter.measure_async(lambda: bench.contender.async_chat(client))}


@async_task("async_chat")
async def chat_64(bench: Bench, client: Any) -> Figures:
    return {"chat_64": await bench.meter.measure_async(lambda: bench.contender.async_chat(client), 64)}


@async_task("async_chat")
async def chat_256(bench: Bench, client: Any) -> Figures:
    return {"chat_256": await bench.meter.measure_async(lambda: bench.contender.async_chat(client), 256)}


@sync_task("speech")
def speech_1_sync(bench: Bench, client: Any) -> Figures:
    return {"speech_1_sync": bench.meter.measure(lambda: bench.contender.speech(client, workload.SMALL_SPEECH))}


@async_task("async_speech")
async def speech_1_async(bench: Bench, client: Any) -> Figures:
    cost = await bench.meter.measure_async(lambda: bench.contender.async_speech(client, workload.SMALL_SPEECH))
    return {"speech_1_async": cost}


@sync_task("upload")
def upload_10_sync(bench: Bench, client: Any) -> Figures:
    path = bench.create_file(10)
    return {"upload_10_sync": bench.meter.measure(lambda: bench.contender.upload(client, path))}


@async_task("async_upload")
async def upload_10_async(bench: Bench, client: Any) -> Figures:
    path = bench.create_file(10)
    return {"upload_10_async": await bench.meter.measure_async(lambda: bench.contender.async_upload(client, path))}


# Streams


@sync_task("stream")
def stream_sync(bench: Bench, client: Any) -> Figures:
    def measure(model: str) -> float:
        count = workload.STREAMS[model]
        return bench.meter.measure(lambda: read_stream(bench.contender.stream(client, model), count))

    short, long = measure(_SHORT), measure(_LONG)
    return {"stream_50_sync": short, "stream_2000_sync": long, "chunk_sync": (long - short) / _MORE_CHUNKS}


@async_task("async_stream")
async def stream_async(bench: Bench, client: Any) -> Figures:
    async def measure(model: str) -> float:
        count = workload.STREAMS[model]
        return await bench.meter.measure_async(
            lambda: read_async_stream(bench.contender.async_stream(client, model), count)
        )

    short, long = await measure(_SHORT), await measure(_LONG)
    return {"stream_50_async": short, "stream_2000_async": long, "chunk_async": (long - short) / _MORE_CHUNKS}


@async_task("async_stream", "async_chat")
async def paced_64(bench: Bench, client: Any) -> Figures:
    concurrency, model = 64, "paced-50"
    await asyncio.gather(*(bench.contender.async_chat(client) for _ in range(concurrency)))  # opens the connections
    gc.collect()
    count = workload.STREAMS[model]
    streams = [bench.contender.async_stream(client, model) for _ in range(concurrency)]
    before = bench.meter.read()
    await asyncio.gather(*(read_async_stream(stream, count) for stream in streams))
    return {"paced_64": (bench.meter.read() - before) / (concurrency * count)}


@sync_task("stream")
def first_sync(bench: Bench, client: Any) -> Figures:
    def times() -> Iterator[float]:
        yield time.perf_counter()
        for _ in bench.contender.stream(client, "paced-50"):
            yield time.perf_counter()

    read_stream(bench.contender.stream(client, _SHORT), workload.STREAMS[_SHORT])
    start, first, *_, last = times()
    return {"first_sync": first - start, "share_sync": (first - start) / (last - start)}


@async_task("async_stream")
async def first_async(bench: Bench, client: Any) -> Figures:
    await read_async_stream(bench.contender.async_stream(client, _SHORT), workload.STREAMS[_SHORT])
    start = time.perf_counter()
    first, *_, last = [time.perf_counter() async for _ in bench.contender.async_stream(client, "paced-50")]
    return {"first_async": first - start, "share_async": (first - start) / (last - start)}


# The parts of a chunk: the bytes of the transport, read like a stream above, and the typing


@sync_task("receive")
def receive_sync(bench: Bench, client: Any) -> Figures:
    def measure(model: str) -> float:
        size = responses.body_size(model)
        return bench.meter.measure(lambda: _check_size(sum(map(len, bench.contender.receive(client, model))), size))

    return {"receive_sync": (measure(_LONG) - measure(_SHORT)) / _MORE_CHUNKS}


@async_task("async_receive")
async def receive_async(bench: Bench, client: Any) -> Figures:
    async def measure(model: str) -> float:
        size = responses.body_size(model)

        async def receive() -> None:
            _check_size(sum([len(data) async for data in bench.contender.async_receive(client, model)]), size)

        return await bench.meter.measure_async(receive)

    return {"receive_async": (await measure(_LONG) - await measure(_SHORT)) / _MORE_CHUNKS}


def _check_size(received: int, size: int) -> None:
    if received != size:
        raise AssertionError(f"received {received} bytes, expected {size}")


@task("parse_chunk")
def typing(bench: Bench) -> Figures:
    data = responses.build_chunk(" word0", None)
    return {"typing": bench.meter.measure(lambda: bench.contender.parse_chunk(data))}


# Start


def _measure_interpreter(statement: str, times: int) -> float:
    """The median of the CPU seconds of an interpreter that runs a statement."""
    costs = []
    for _ in range(times + 1):
        before = getrusage(RUSAGE_CHILDREN)
        process = subprocess.run(
            [sys.executable, "-I", "-c", statement], check=False, stderr=subprocess.PIPE, text=True
        )
        if process.returncode:
            raise ChildProcessError(process.stderr.strip().rpartition("\n")[2])
        after = getrusage(RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(costs[1:])  # the first run may compile modules


@task("IMPORT")
def imports(bench: Bench) -> Figures:
    times, statement = 2 if bench.quick else 3, bench.contender.IMPORT
    interpreter = _measure_interpreter("pass", times)
    figures = {"import": _measure_interpreter(statement, times) - interpreter}
    if hasattr(bench.contender, "CLIENT"):
        figures["import_client"] = _measure_interpreter(f"{statement}\n{bench.contender.CLIENT}", times) - interpreter
    return figures


@task("IMPORT", "CLIENT")
def construct(bench: Bench) -> Figures:
    names: dict[str, Any] = {}
    exec(bench.contender.IMPORT, names)  # noqa: S102 - a statement of this repository
    code = compile(bench.contender.CLIENT, "CLIENT", "eval")

    def create_client() -> None:
        client = eval(code, names)  # noqa: S307 - as above
        if hasattr(client, "close"):
            client.close()

    meter = CostMeter(bench.meter.seconds, "s", time.process_time)
    return {"construct": meter.measure(create_client)}
