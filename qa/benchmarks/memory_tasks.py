"""Tasks that measure memory, each in a process of its own: memory of an earlier task would hide a peak."""

from __future__ import annotations

import functools
import gc
import time
from typing import Any

from qa.benchmarks import memory, registry, workload
from qa.benchmarks.registry import Bench, Figures, Task

MEMORY_TASKS: dict[str, Task] = {}
sync_task = functools.partial(registry.register_sync, tasks=MEMORY_TASKS)
async_task = functools.partial(registry.register_async, tasks=MEMORY_TASKS)

CALLS = 20_000


@sync_task("upload")
def upload_300_sync(bench: Bench, client: Any) -> Figures:
    small, large = bench.create_file(1), bench.create_file(300)
    bench.contender.upload(client, small)
    gc.collect()
    before = memory.reset_peak()
    bench.contender.upload(client, large)
    return {"upload_300_sync": memory.read_peak() - before}


@async_task("async_upload")
async def upload_300_async(bench: Bench, client: Any) -> Figures:
    small, large = bench.create_file(1), bench.create_file(300)
    await bench.contender.async_upload(client, small)
    gc.collect()
    before = memory.reset_peak()
    await bench.contender.async_upload(client, large)
    return {"upload_300_async": memory.read_peak() - before}


@sync_task("speech")
def speech_64_sync(bench: Bench, client: Any) -> Figures:
    bench.contender.speech(client, workload.SMALL_SPEECH)
    gc.collect()
    before = memory.reset_peak()
    audio = bench.contender.speech(client, workload.LARGE_SPEECH)
    growth = memory.read_peak() - before
    _check_audio(audio)
    return {"speech_64_sync": growth}


@async_task("async_speech")
async def speech_64_async(bench: Bench, client: Any) -> Figures:
    await bench.contender.async_speech(client, workload.SMALL_SPEECH)
    gc.collect()
    before = memory.reset_peak()
    audio = await bench.contender.async_speech(client, workload.LARGE_SPEECH)
    growth = memory.read_peak() - before
    _check_audio(audio)
    return {"speech_64_async": growth}


def _check_audio(audio: bytes) -> None:
    size = workload.SPEECHES[workload.LARGE_SPEECH]
    if len(audio) != size:
        raise AssertionError(f"received {len(audio)} bytes of audio, expected {size}")


@sync_task("chat")
def calls_sync(bench: Bench, client: Any) -> Figures:
    growth = _Growth(bench, 25)
    for number in range(growth.warm_up + growth.calls):
        growth.on_call(number)
        bench.contender.chat(client)
    return {"calls_sync": growth.read()}


@async_task("async_chat")
async def calls_async(bench: Bench, client: Any) -> Figures:
    growth = _Growth(bench, 45)
    for number in range(growth.warm_up + growth.calls):
        growth.on_call(number)
        await bench.contender.async_chat(client)
    return {"calls_async": growth.read()}


class _Growth:
    """The memory that many calls leave behind, if they do not take too long."""

    def __init__(self, bench: Bench, max_seconds: float) -> None:
        self.calls = CALLS // 10 if bench.quick else CALLS
        self.warm_up = self.calls // 10
        self._max_seconds, self._started_at, self._before = max_seconds, time.monotonic(), 0

    def on_call(self, number: int) -> None:
        """Count a call. Raises TimeoutError as soon as it is clear that all calls would take too long."""
        if number == self.warm_up:
            gc.collect()
            self._before = memory.reset_peak()
        if number in (self.warm_up // 10, self.warm_up):
            expected = (time.monotonic() - self._started_at) * self.calls / number
            if expected > self._max_seconds:
                raise TimeoutError(f"the calls would take {expected:.0f} s, more than {self._max_seconds:.0f} s")

    def read(self) -> int:
        gc.collect()
        return memory.reset_peak() - self._before
