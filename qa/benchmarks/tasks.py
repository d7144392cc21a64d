"""What is measured, each task for one contender; run in the contender's environment.

A task gives figures by name; `figures.py` says what each is. One that needs a function that the contender has not got
is left out.
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

from qa.benchmarks import entering, work
from qa.benchmarks.entering import Bench, Figures, Task
from qa.benchmarks.loops import Loops

TASKS: dict[str, Task] = {}
task = functools.partial(entering.task, into=TASKS)
sync_task = functools.partial(entering.sync_task, into=TASKS)
async_task = functools.partial(entering.async_task, into=TASKS)


def counted(texts: Iterable[str | None], count: int) -> None:
    """Read a stream to its end, and see that it is whole. An SDK may tell what ends a stream, or not."""
    _check(sum(1 for text in texts if text), count)


async def counted_async(texts: AsyncIterator[str | None], count: int) -> None:
    _check(sum([1 async for text in texts if text]), count)


def _check(seen: int, count: int) -> None:
    if seen != count - 1:  # the last has no text
        raise AssertionError(f"{seen} chunks with text came, not {count - 1}")


# Calls


@sync_task("chat")
def chat_sync(bench: Bench, client: Any) -> Figures:
    return {"chat_sync": bench.loops.once(lambda: bench.contender.chat(client))}


@async_task("async_chat")
async def chat_async(bench: Bench, client: Any) -> Figures:
    return {"chat_async": await bench.loops.at_once(lambda: bench.contender.async_chat(client))}


@async_task("async_chat")
async def chat_64(bench: Bench, client: Any) -> Figures:
    return {"chat_64": await bench.loops.at_once(lambda: bench.contender.async_chat(client), 64)}


@async_task("async_chat")
async def chat_256(bench: Bench, client: Any) -> Figures:
    return {"chat_256": await bench.loops.at_once(lambda: bench.contender.async_chat(client), 256)}


@sync_task("speech")
def speech_1_sync(bench: Bench, client: Any) -> Figures:
    return {"speech_1_sync": bench.loops.once(lambda: bench.contender.speech(client, work.SMALL_SPEECH))}


@async_task("async_speech")
async def speech_1_async(bench: Bench, client: Any) -> Figures:
    cost = await bench.loops.at_once(lambda: bench.contender.async_speech(client, work.SMALL_SPEECH))
    return {"speech_1_async": cost}


@sync_task("upload")
def upload_10_sync(bench: Bench, client: Any) -> Figures:
    path = bench.file(10)
    return {"upload_10_sync": bench.loops.once(lambda: bench.contender.upload(client, path))}


@async_task("async_upload")
async def upload_10_async(bench: Bench, client: Any) -> Figures:
    path = bench.file(10)
    return {"upload_10_async": await bench.loops.at_once(lambda: bench.contender.async_upload(client, path))}


# Streams


@sync_task("stream")
def stream_sync(bench: Bench, client: Any) -> Figures:
    def read(model: str) -> float:
        return bench.loops.once(lambda: counted(bench.contender.stream(client, model), work.STREAMS[model]))

    short, long = read("stream-50"), read("stream-2000")
    return {"stream_50_sync": short, "stream_2000_sync": long, "chunk_sync": (long - short) / 1950}


@async_task("async_stream")
async def stream_async(bench: Bench, client: Any) -> Figures:
    async def read(model: str) -> float:
        count = work.STREAMS[model]
        return await bench.loops.at_once(lambda: counted_async(bench.contender.async_stream(client, model), count))

    short, long = await read("stream-50"), await read("stream-2000")
    return {"stream_50_async": short, "stream_2000_async": long, "chunk_async": (long - short) / 1950}


@async_task("async_stream", "async_chat")
async def paced_64(bench: Bench, client: Any) -> Figures:
    many, model = 64, "paced-50"
    await asyncio.gather(*(bench.contender.async_chat(client) for _ in range(many)))  # opens the connections
    gc.collect()
    count = work.STREAMS[model]
    before = bench.loops.read()
    await asyncio.gather(*(counted_async(bench.contender.async_stream(client, model), count) for _ in range(many)))
    return {"paced_64": (bench.loops.read() - before) / (many * count)}


@sync_task("stream")
def first_sync(bench: Bench, client: Any) -> Figures:
    def seen() -> Iterator[float]:
        yield time.perf_counter()
        for _ in bench.contender.stream(client, "paced-50"):
            yield time.perf_counter()

    counted(bench.contender.stream(client, "stream-50"), 50)
    began, first, *_, last = seen()
    return {"first_sync": first - began, "share_sync": (first - began) / (last - began)}


@async_task("async_stream")
async def first_async(bench: Bench, client: Any) -> Figures:
    await counted_async(bench.contender.async_stream(client, "stream-50"), 50)
    began = time.perf_counter()
    first, *_, last = [time.perf_counter() async for _ in bench.contender.async_stream(client, "paced-50")]
    return {"first_async": first - began, "share_async": (first - began) / (last - began)}


# Getting ready


def _cpu_of(statement: str, times: int) -> float:
    """CPU seconds of an interpreter that runs a statement."""
    spent = []
    for _ in range(times + 1):
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, "-I", "-c", statement], check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise ChildProcessError(done.stderr.strip().rpartition("\n")[2])
        after = getrusage(RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent[1:])  # the first may have to compile


@task("IMPORT")
def imports(bench: Bench) -> Figures:
    times, ready = 2 if bench.quick else 3, bench.contender.IMPORT
    bare = _cpu_of("pass", times)
    figures = {"import": _cpu_of(ready, times) - bare}
    if hasattr(bench.contender, "CLIENT"):
        figures["import_client"] = _cpu_of(f"{ready}\n{bench.contender.CLIENT}", times) - bare
    return figures


@task("IMPORT", "CLIENT")
def construct(bench: Bench) -> Figures:
    names: dict[str, Any] = {}
    exec(bench.contender.IMPORT, names)  # noqa: S102 - what imports gives to an interpreter
    code = compile(bench.contender.CLIENT, "CLIENT", "eval")

    def made() -> None:
        client = eval(code, names)  # noqa: S307
        if hasattr(client, "close"):
            client.close()

    return {"construct": Loops(bench.loops.seconds, "s", time.process_time).once(made)}
