"""The tasks that measure memory, each in a process of its own: what one leaves behind would hide another's peak."""

from __future__ import annotations

import functools
import gc
import time
from typing import Any

from qa.benchmarks import entering, memory, work
from qa.benchmarks.entering import Bench, Figures, Task

MEMORY_TASKS: dict[str, Task] = {}
sync_task = functools.partial(entering.sync_task, into=MEMORY_TASKS)
async_task = functools.partial(entering.async_task, into=MEMORY_TASKS)

CALLS = 20_000


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
    watch = _Watch(bench, 25)
    for number in range(watch.warm_up + watch.calls):
        watch.reached(number)
        bench.contender.chat(client)
    return {"calls_sync": watch.grown()}


@async_task("async_chat")
async def calls_async(bench: Bench, client: Any) -> Figures:
    watch = _Watch(bench, 45)
    for number in range(watch.warm_up + watch.calls):
        watch.reached(number)
        await bench.contender.async_chat(client)
    return {"calls_async": watch.grown()}


class _Watch:
    """What many calls leave behind, where they do not take too long."""

    def __init__(self, bench: Bench, longest: float) -> None:
        self.calls = CALLS // 10 if bench.quick else CALLS
        self.warm_up = self.calls // 10
        self._longest, self._began, self._before = longest, time.monotonic(), 0

    def reached(self, number: int) -> None:
        """So many calls are done. Raises TimeoutError as soon as it is seen that all would take too long."""
        if number == self.warm_up:
            gc.collect()
            self._before = memory.held()
        if number in (self.warm_up // 10, self.warm_up):
            expected = (time.monotonic() - self._began) * self.calls / number
            if expected > self._longest:
                raise TimeoutError(f"the calls would take {expected:.0f} s, more than {self._longest:.0f} s")

    def grown(self) -> int:
        gc.collect()
        return memory.held() - self._before
