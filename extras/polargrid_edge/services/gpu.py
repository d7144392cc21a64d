"""Memory, utilization and processes of the GPUs, read by NVML; none on a machine without NVIDIA's driver."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

_MIB: Final = 1024**2
_GIB: Final = 1024**3

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU: memory in bytes, utilization in percent, temperature in degrees Celsius."""

    index: int
    name: str
    total: int
    used: int
    gpu_percent: int = 0
    memory_percent: int = 0
    temperature: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """A process on a GPU and the memory it uses there, in bytes."""

    pid: int
    name: str
    used: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All GPUs at one moment."""

    gpus: Sequence[Gpu] = ()
    processes: Sequence[Process] = field(default=())


def read() -> Reading:
    """Read all GPUs by NVML. Blocks for some milliseconds."""
    import pynvml  # type: ignore[import-untyped]

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return Reading()
    try:
        gpus: list[Gpu] = []
        processes: list[Process] = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            with suppress(pynvml.NVMLError):  # a GPU that fails does not hide the others
                handle = pynvml.nvmlDeviceGetHandleByIndex(index)
                gpus.append(_read_gpu(pynvml, index, handle))
                processes += _read_processes(pynvml, handle)
        return Reading(gpus, processes)
    except pynvml.NVMLError:
        return Reading()
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _read_gpu(nvml: Any, index: int, handle: Any) -> Gpu:
    total = used = gpu_percent = memory_percent = temperature = 0
    # Some GPUs do not report these; one that shares the memory of the machine has none of its own.
    with suppress(nvml.NVMLError_NotSupported):
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        total, used = int(memory.total), int(memory.used)
    with suppress(nvml.NVMLError):
        rates = nvml.nvmlDeviceGetUtilizationRates(handle)
        gpu_percent, memory_percent = int(rates.gpu), int(rates.memory)
    with suppress(nvml.NVMLError):
        temperature = int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
    name = _text(nvml.nvmlDeviceGetName(handle))
    return Gpu(index, name, total, used, gpu_percent, memory_percent, temperature)


def _read_processes(nvml: Any, handle: Any) -> list[Process]:
    processes: list[Process] = []
    with suppress(nvml.NVMLError, nvml.NVMLLibraryMismatchError):  # an old driver has no such function
        for process in nvml.nvmlDeviceGetComputeRunningProcesses(handle):
            name = "unknown"
            with suppress(nvml.NVMLError):
                name = _text(nvml.nvmlSystemGetProcessName(process.pid))
            processes.append(Process(int(process.pid), name, int(process.usedGpuMemory or 0)))
    return processes


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def percent(part: float, total: float) -> float:
    """A share in percent, from 0 to 100, to two decimal places; 0 of a total of 0."""
    return round(min(max(100 * part / total, 0.0), 100.0), 2) if total > 0 else 0.0


def status_response(reading: Reading, timestamp: str) -> Json:
    return {
        "status": "success",
        "timestamp": timestamp,
        "gpus": [_gpu_info(gpu) for gpu in reading.gpus],
        "processes": [
            {"pid": process.pid, "name": process.name, "memory_mb": process.used // _MIB}
            for process in reading.processes
        ],
        "total_gpus": len(reading.gpus),
    }


def _gpu_info(gpu: Gpu) -> Json:
    total, used = gpu.total // _MIB, gpu.used // _MIB
    gigabytes = _gigabytes(gpu.total, gpu.used)
    return {
        "index": gpu.index,
        "name": gpu.name,
        "memory": {"total_mb": total, "used_mb": used, "free_mb": total - used}
        | gigabytes
        | {"percent_used": percent(gpu.used, gpu.total)},
        "utilization": {"gpu_percent": gpu.gpu_percent, "memory_percent": gpu.memory_percent},
        "temperature_c": gpu.temperature,
    }


def _gigabytes(total: int, used: int) -> Json:
    # The free memory is the difference of the rounded figures, so that the three add up.
    total_gb, used_gb = round(total / _GIB, 2), round(used / _GIB, 2)
    return {"total_gb": total_gb, "used_gb": used_gb, "free_gb": round(max(total_gb - used_gb, 0.0), 2)}


def memory_response(reading: Reading, timestamp: str) -> Json:
    return {"status": "success", "timestamp": timestamp, "memory": [_memory_info(gpu) for gpu in reading.gpus]}


def _memory_info(gpu: Gpu) -> Json:
    used = percent(gpu.used, gpu.total)
    return _gigabytes(gpu.total, gpu.used) | {
        "percent_used": used,
        "percent_free": round(100 - used, 2) if gpu.total else 0.0,
    }


def total_memory(gpus: Iterable[Gpu]) -> Json:
    """The memory of all GPUs together."""
    gpus = tuple(gpus)
    total, used = sum(gpu.total for gpu in gpus), sum(gpu.used for gpu in gpus)
    return {
        "used_gb": round(used / _GIB, 2),
        "total_gb": round(total / _GIB, 2),
        "percent_used": percent(used, total),
    }
