"""GPU figures and health: numbers that agree with each other, times that are now."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from polargrid_contract.check import Fault, Profile, check
from polargrid_contract.checks.lifecycle import purge_answer
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server
from polargrid_contract.shared import shared

_ALONE: tuple[Profile, ...] = ("polargrid",)
_OUT_BY = 600  # seconds that clocks may differ; a wrong zone is out by more
_QUICK = 2.0  # seconds
_HEALTH = ("healthy", "degraded", "unhealthy")


def _told(server: Server, operation: str) -> Exchange:
    return shared(server, operation, lambda: server.ask(operation))


def wrong_memory(memory: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was expected of memory figures and what came, where they disagree. Roundings are no disagreement."""
    for unit, step in (("mb", 1.0), ("gb", 0.1)):
        if f"free_{unit}" not in memory:
            continue
        total, used, free = (memory[f"{part}_{unit}"] for part in ("total", "used", "free"))
        if abs(used + free - total) > 0.02 * total + step:
            yield f"used and free to make up {total} {unit}", f"{used} + {free}"
    for part in ("total", "used", "free"):
        mega, giga = memory.get(f"{part}_mb"), memory.get(f"{part}_gb")
        if mega is not None and giga is not None and abs(mega / 1024 - giga) > 0.03 * giga + 0.1:
            yield f"{part}_gb {mega / 1024:.2f}, as {part}_mb tells", str(giga)
    percent = memory["percent_used"]
    unit, step = ("mb", 0.5) if memory.get("total_mb") else ("gb", 0.06)
    total, used = memory.get(f"total_{unit}"), memory.get(f"used_{unit}")
    if not 0 <= percent <= 100:
        yield "percent_used from 0 to 100", str(percent)
    elif total and used is not None and abs(percent - 100 * used / total) > 0.6 + 100 * step / total:
        yield f"percent_used {100 * used / total:.2f}, as {used} of {total} {unit} are used", str(percent)
    if "percent_free" in memory and abs(percent + memory["percent_free"] - 100) > 1 and total:
        yield "percent_used and percent_free to make up 100", f"{percent} + {memory['percent_free']}"


@check(
    "gpu-figures",
    on=("get_gpu_status", "get_gpu_memory"),
    why="Who plans by these figures needs them to add up, and a percentage to be one and no fraction.",
    source="openapi.yaml, GPUMemoryInfo and GPUMemorySimple",
    profiles=_ALONE,
)
def figures(server: Server) -> Iterator[Fault]:
    status, memory = _told(server, "get_gpu_status"), _told(server, "get_gpu_memory")
    gpus, memories = status.json()["gpus"], memory.json()["memory"]
    for exchange, each in ((status, [gpu["memory"] for gpu in gpus]), (memory, memories)):
        for figure in each:
            for expected, came in wrong_memory(figure):
                yield server.fault(exchange, expected=expected, came=came)


@check(
    "gpu-answers-agree",
    on=("get_gpu_status", "get_gpu_memory"),
    why="Both answers tell of the same GPUs.",
    source="openapi.yaml, GPUStatusResponse and GPUMemoryResponse",
    profiles=_ALONE,
)
def answers_agree(server: Server) -> Iterator[Fault]:
    status, memory = _told(server, "get_gpu_status"), _told(server, "get_gpu_memory")
    gpus, memories = status.json()["gpus"], memory.json()["memory"]
    if status.json()["total_gpus"] != len(gpus):
        yield server.fault(status, expected=f"total_gpus {len(gpus)}", came=str(status.json()["total_gpus"]))
    if len({gpu["index"] for gpu in gpus}) != len(gpus):
        yield server.fault(status, expected="an index for each GPU", came=str([gpu["index"] for gpu in gpus]))
    if len(memories) != len(gpus):
        yield server.fault(memory, expected=f"{len(gpus)} GPUs, as the status tells", came=str(len(memories)))
        return
    one, other = (sorted(each["total_gb"] for each in told) for told in ([g["memory"] for g in gpus], memories))
    if any(abs(a - b) > 0.02 * a + 0.1 for a, b in zip(one, other, strict=True)):
        yield server.fault(memory, expected=f"GPUs of {one} GiB, as the status tells", came=str(other))


@check(
    "purge-figures",
    on=("purge_gpu",),
    why="What a purge freed is the difference of before and after.",
    source="openapi.yaml, GPUPurgeResponse",
    profiles=_ALONE,
    changes=True,
)
def purge_figures(server: Server) -> Iterator[Fault]:
    asked = purge_answer(server)
    if asked.status != 200:
        return
    answer = asked.json()
    before, after = answer["memory_before"], answer["memory_after"]
    for figure in (before, after):
        for expected, came in wrong_memory(figure):
            yield server.fault(asked, expected=expected, came=came)
    if after["used_gb"] > before["used_gb"] + 0.05 * before["total_gb"] + 0.05:
        expected = f"no more used than the {before['used_gb']} GiB before"
        yield server.fault(asked, expected=expected, came=str(after["used_gb"]))
    if abs(before["total_gb"] - after["total_gb"]) > 0.1:
        yield server.fault(asked, expected=f"{before['total_gb']} GiB in all, as before", came=str(after["total_gb"]))
    freed = before["used_gb"] - after["used_gb"]
    if abs(answer["memory_freed_gb"] - freed) > 0.06:
        yield server.fault(asked, expected=f"memory_freed_gb {freed:.2f}", came=str(answer["memory_freed_gb"]))


@check(
    "timestamps-are-now",
    on=("health", "get_gpu_status", "get_gpu_memory"),
    why="A time of another zone or unit makes an old answer look new.",
    source="openapi.yaml, Timestamp",
    profiles=_ALONE,
)
def timestamps_are_now(server: Server) -> Iterator[Fault]:
    for operation in ("health", "get_gpu_status", "get_gpu_memory"):
        exchange = server.ask(operation)
        told = str(exchange.json()["timestamp"])
        if not any(abs(_seconds(told) - now) < _OUT_BY for now in _clocks(exchange)):
            now_text = datetime.now(UTC).isoformat(timespec="seconds")
            yield server.fault(exchange, expected=f"about {now_text}, with a time zone", came=told)


def _clocks(exchange: Exchange) -> Iterator[float]:
    """What time it is: ours, and the server's own."""
    yield time.time()
    try:
        yield parsedate_to_datetime(exchange.answer_headers.get("date", "")).timestamp()
    except ValueError:
        return


def _seconds(text: str) -> float:
    """Seconds since 1970; those of 1970 where the text tells no time with a zone."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return read.timestamp() if read.tzinfo else 0.0


@check(
    "health-is-quick",
    on=("health",),
    why="Clients find the nearest healthy region by it, so it must be quick and say one of three words.",
    source="SDK reference, health",
    profiles=_ALONE,
)
def health_is_quick(server: Server) -> Iterator[Fault]:
    exchange = server.ask("health")
    if exchange.seconds > _QUICK:
        exchange = server.ask("health")  # the first may have opened the connection
    if exchange.seconds > _QUICK:
        yield server.fault(exchange, expected=f"an answer within {_QUICK} s", came=f"{exchange.seconds:.1f} s")
    answer = exchange.json()
    if exchange.status == 200 and answer["status"] not in _HEALTH:
        yield server.fault(exchange, expected="healthy, degraded or unhealthy", came=str(answer["status"]))
    if exchange.status == 200 and answer["status"] == "healthy" and answer["backend"]["healthy"] is False:
        yield server.fault(exchange, expected="degraded or unhealthy, as its backend is", came="healthy")
