"""The tasks that measure memory, each in a process of its own: what one leaves behind would hide another's peak."""

from __future__ import annotations

import functools
import gc
import time
from typing import Any

from tests.benchmarks import entering, memory, work
from tests.benchmarks.entering import Bench, Figures, Task

MEMORY_TASKS: dict[str, Task] = {}
sync_task = functools.partial(entering.sync_task, into=MEMORY_TASKS)
async_task = functools.partial(entering.async_task, into=MEMORY_TASKS)

CALLS = 20_000
_WARM = 10  # one in so many, before


@sync_task("upload")
def upload_300_sync(bench: Bench, client: Any) -> Figures:
    small, large = bench.file(1), bench.file(300)
    bench.contender.upload(client, small)
    gc.collect()
    before = memory.held()
    bench.contender.upload(client, large)
    return {"upload_300_sync": memory.peak() - before}


@async_task("async_upload")
async def upload_300_async(bench: Bench, client: Any) -> Figures:
    small, large = bench.file(1), bench.file(300)
    await bench.contender.async_upload(client, small)
    gc.collect()
    before = memory.held()
    await bench.contender.async_upload(client, large)
    return {"upload_300_async": memory.peak() - before}


@sync_task("speech")
def speech_64_sync(bench: Bench, client: Any) -> Figures:
    bench.contender.speech(client, work.SMALL_SPEECH)
    gc.collect()
    before = memory.held()
    audio = bench.contender.speech(client, work.LARGE_SPEECH)
    return _speech("speech_64_sync", audio, memory.peak() - before)


@async_task("async_speech")
async def speech_64_async(bench: Bench, client: Any) -> Figures:
    await bench.contender.async_speech(client, work.SMALL_SPEECH)
    gc.collect()
    before = memory.held()
    audio = await bench.contender.async_speech(client, work.LARGE_SPEECH)
    return _speech("speech_64_async", audio, memory.peak() - before)


def _speech(name: str, audio: bytes, grown: int) -> Figures:
    if len(audio) != work.SPEECHES[work.LARGE_SPEECH]:
        raise AssertionError(f"{len(audio)} bytes of audio came")
    return {name: grown}


@sync_task("chat")
def calls_sync(bench: Bench, client: Any) -> Figures:
    calls, watch = _calls(bench), _Watch(15)
    for _ in range(calls // _WARM):
        bench.contender.chat(client)
    watch.warm()
    for _ in range(calls):
        bench.contender.chat(client)
    return {"calls_sync": watch.grown()}


@async_task("async_chat")
async def calls_async(bench: Bench, client: Any) -> Figures:
    calls, watch = _calls(bench), _Watch(40)
    for _ in range(calls // _WARM):
        await bench.contender.async_chat(client)
    watch.warm()
    for _ in range(calls):
        await bench.contender.async_chat(client)
    return {"calls_async": watch.grown()}


def _calls(bench: Bench) -> int:
    return CALLS // 10 if bench.quick else CALLS


class _Watch:
    """What many calls leave behind, where they do not take too long."""

    def __init__(self, longest: float) -> None:
        self._longest, self._began = longest, time.monotonic()
        self._before = 0

    def warm(self) -> None:
        expected = (time.monotonic() - self._began) * _WARM
        if expected > self._longest:
            raise TimeoutError(f"the calls would take {expected:.0f} s, more than {self._longest:.0f} s")
        gc.collect()
        self._before = memory.held()

    def grown(self) -> int:
        gc.collect()
        return memory.held() - self._before
