"""GPU memory figures: they are consistent with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.bodies import read_object
from polargrid_contract.checks.lifecycle_scenario import run_scenario
from polargrid_contract.checks.requests import select
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Profile, Violation

_POLARGRID: tuple[Profile, ...] = ("polargrid",)
_FIGURES = ("get_gpu_status", "get_gpu_memory")


@check(
    "gpu-memory-figures",
    on=_FIGURES,
    rationale="Capacity planning needs figures that add up, and percentages instead of fractions.",
    reference="openapi.yaml, GPUMemoryInfo and GPUMemorySimple",
    profiles=_POLARGRID,
)
def check_memory_figures(client: ServerClient) -> Iterator[Violation]:
    """Totals, parts, units and percentages match in both responses."""
    for operation in select(client, lambda it: it.name in _FIGURES):
        exchange, body = _read_cached(client, operation.name)
        for figures in [gpu["memory"] for gpu in body["gpus"]] if "gpus" in body else body["memory"]:
            for expected, actual in find_memory_errors(figures):
                yield client.violation(exchange, expected=expected, actual=actual)


@check(
    "gpu-responses-consistent",
    on=_FIGURES,
    rationale="Both responses describe the same GPUs.",
    reference="openapi.yaml, GPUStatusResponse and GPUMemoryResponse",
    profiles=_POLARGRID,
    together=True,
)
def check_consistency(client: ServerClient) -> Iterator[Violation]:
    """The number of GPUs, their indexes and their sizes match."""
    status, status_body = _read_cached(client, "get_gpu_status")
    memory, memory_body = _read_cached(client, "get_gpu_memory")
    gpus, memories, total = status_body["gpus"], memory_body["memory"], status_body["total_gpus"]
    if total != len(gpus):
        yield client.violation(status, expected=f"total_gpus {len(gpus)}", actual=str(total))
    indexes = [gpu["index"] for gpu in gpus]
    if len(set(indexes)) != len(gpus):
        yield client.violation(status, expected="unique indexes", actual=str(indexes))
    if len(memories) != len(gpus):
        expected = f"{len(gpus)} GPUs as in get_gpu_status"
        yield client.violation(memory, expected=expected, actual=str(len(memories)))
        return
    expected_sizes = sorted(gpu["memory"]["total_gb"] for gpu in gpus)
    sizes = sorted(figures["total_gb"] for figures in memories)
    if any(abs(a - b) > 0.02 * a + 0.1 for a, b in zip(expected_sizes, sizes, strict=True)):
        expected = f"GPUs of {expected_sizes} GiB as in get_gpu_status"
        yield client.violation(memory, expected=expected, actual=str(sizes))


@check(
    "purge-figures",
    on=("purge_gpu",),
    rationale="The freed memory is the difference before and after the purge.",
    reference="openapi.yaml, GPUPurgeResponse",
    profiles=_POLARGRID,
    mutates=True,
)
def check_purge_figures(client: ServerClient) -> Iterator[Violation]:
    """The figures before and after are valid, and memory_freed_gb is their difference."""
    exchange = run_scenario(client).responses["purge"]
    if exchange.status != 200:
        raise CheckSkipped(f"purge_gpu returns status {exchange.status}")
    response = read_object(client, exchange)
    before, after = response["memory_before"], response["memory_after"]
    for figures in (before, after):
        for expected, actual in find_memory_errors(figures):
            yield client.violation(exchange, expected=expected, actual=actual)
    if after["used_gb"] > before["used_gb"] + 0.05 * before["total_gb"] + 0.05:
        expected = f"at most {before['used_gb']} GiB used, as before the purge"
        yield client.violation(exchange, expected=expected, actual=str(after["used_gb"]))
    if abs(before["total_gb"] - after["total_gb"]) > 0.1:
        expected = f"total_gb {before['total_gb']}, as before the purge"
        yield client.violation(exchange, expected=expected, actual=str(after["total_gb"]))
    difference = before["used_gb"] - after["used_gb"]
    if abs(response["memory_freed_gb"] - difference) > 0.06:
        expected = f"memory_freed_gb {difference:.2f}"
        yield client.violation(exchange, expected=expected, actual=str(response["memory_freed_gb"]))


def find_memory_errors(memory: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield expected and actual values of memory figures that do not match, with tolerances for rounding."""
    for unit, step in (("mb", 1.0), ("gb", 0.1)):
        if f"free_{unit}" not in memory:
            continue
        total, used, free = (memory[f"{part}_{unit}"] for part in ("total", "used", "free"))
        if abs(used + free - total) > 0.02 * total + step:
            yield f"used and free that add up to {total} {unit}", f"{used} + {free}"
    for part in ("total", "used", "free"):
        in_mb, in_gb = memory.get(f"{part}_mb"), memory.get(f"{part}_gb")
        if in_mb is not None and in_gb is not None and abs(in_mb / 1024 - in_gb) > 0.03 * in_gb + 0.1:
            yield f"{part}_gb {in_mb / 1024:.2f}, to match {part}_mb", str(in_gb)
    percent = memory["percent_used"]
    unit, step = ("mb", 0.5) if memory.get("total_mb") else ("gb", 0.06)
    total, used = memory.get(f"total_{unit}"), memory.get(f"used_{unit}")
    if not 0 <= percent <= 100:
        yield "percent_used from 0 to 100", str(percent)
    elif total and used is not None and abs(percent - 100 * used / total) > 0.6 + 100 * step / total:
        yield f"percent_used {100 * used / total:.2f}, for {used} of {total} {unit}", str(percent)
    if "percent_free" in memory and abs(percent + memory["percent_free"] - 100) > 1 and total:
        yield "percent_used and percent_free that add up to 100", f"{percent} + {memory['percent_free']}"


def _read_cached(client: ServerClient, operation: str) -> tuple[Exchange, dict[str, Any]]:
    exchange = cached(client.base, operation, lambda: client.send(operation))
    return exchange, read_object(client, exchange)
