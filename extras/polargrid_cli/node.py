"""`polargrid health` and `polargrid gpu`: how the edge is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from polargrid.types import GPUInfo, GPUStatusResponse, HealthResponse
from polargrid_cli import exits, output
from polargrid_cli.connection import connected

if TYPE_CHECKING:
    from rich.table import Table

GPU_COLUMNS = ("gpu", "name", "memory", "busy", "temperature")
NO_GPU = "There is no GPU at this edge: the models run on its processor."


def health(connection: Mapping[str, Any], *, json_output: bool) -> int:
    """How the edge is; the exit status is FAILED where it is not healthy."""
    with connected(connection) as client:
        answer = client.health()
    if json_output:
        output.as_json(answer)
    else:
        output.table(("", ""), list(_facts(answer)))
    return exits.DONE if answer.status == "healthy" else exits.FAILED


def _facts(answer: HealthResponse) -> Iterable[tuple[str, str]]:
    yield "status", answer.status
    yield "node", answer.node or ""
    yield "edge", answer.meta.base_url or ""
    yield "runtime", answer.runtime
    yield "backend", "healthy" if answer.backend.healthy else "not healthy"
    yield "time", answer.timestamp
    yield "latency", f"{answer.meta.elapsed * 1000:.0f} ms"


def gpu(connection: Mapping[str, Any], *, watch: bool, interval: float, json_output: bool) -> None:
    """What the GPUs are doing: once, or again and again until it is interrupted."""
    with connected(connection) as client:
        if not watch:
            _tell(client.get_gpu_status(), on_one_line=False, json_output=json_output)
            return
        draws = sys.stdout.isatty() and not json_output
        with _live() if draws else nullcontext() as live:
            while True:
                answer = client.get_gpu_status()
                if live is not None:
                    live.update(_drawn(answer), refresh=True)
                else:
                    _tell(answer, on_one_line=True, json_output=json_output)
                time.sleep(interval)


def purge(connection: Mapping[str, Any], *, force: bool, json_output: bool) -> int:
    """Clear GPU memory; the exit status is what the answer says."""
    with connected(connection) as client, output.waiting("Clearing …"):
        answer = client.purge_gpu({"force": force})
    for fault in answer.errors:
        output.note(fault)
    if json_output:
        output.as_json(answer)
    else:
        freed = f"{answer.memory_freed_gb:.1f} GiB freed"
        output.line("\n".join([freed, *answer.models_unloaded]))
    return {"failed": exits.FAILED, "partial": exits.PARTLY}.get(answer.status, exits.DONE)


def _tell(answer: GPUStatusResponse, *, on_one_line: bool, json_output: bool) -> None:
    if json_output:
        output.as_json(answer, on_one_line=on_one_line)
        return
    output.table(GPU_COLUMNS, [_row(each) for each in answer.gpus], bars=_shares(answer))
    if not answer.gpus:
        output.note(NO_GPU)


def _live() -> Any:
    from rich.live import Live

    return Live(console=output.console(), auto_refresh=False)


def _drawn(answer: GPUStatusResponse) -> Table | str:
    if not answer.gpus:
        return NO_GPU
    return output.drawn(GPU_COLUMNS, [_row(each) for each in answer.gpus], bars=_shares(answer))


def _row(each: GPUInfo) -> tuple[str, ...]:
    memory = f"{each.memory.used_gb:.1f} of {each.memory.total_gb:.1f} GiB"
    return (str(each.index), each.name, memory, f"{each.utilization.gpu_percent} %", f"{each.temperature_c} °C")


def _shares(answer: GPUStatusResponse) -> list[float]:
    return [each.memory.percent_used / 100 for each in answer.gpus]
