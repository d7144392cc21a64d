"""NVIDIA's driver, simulated: it stands for `libnvidia-ml.so.1`, and nvidia-ml-py itself runs on it.

A device has what each function of the C library returns: an error code of NVML, or the values that it writes into what
its arguments point to, in the form of nvml.h. So the tests need no GPU, and read the figures as an edge does.
"""

# ruff: noqa: ARG002, N802  names and arguments are those of nvml.h

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pynvml  # type: ignore[import-untyped]
import pytest

Json = Mapping[str, Any]

SUCCESS = 0
NOT_SUPPORTED = 3
INSUFFICIENT_SIZE = 7
GPU_IS_LOST = 15
WITHOUT_VALUE = 2**64 - 1
"""What the driver of Windows returns for the memory of a process."""


class SimulatedDriver:
    """The functions of the library, found by their names as in a shared object."""

    def __init__(self, devices: Sequence[Json], processes: Mapping[int, str], *, missing: Sequence[str] = ()) -> None:
        """`devices` have a value, or an error code, by function; `missing` are functions that an old driver has not."""
        self._devices = devices
        self._names = processes
        self._missing = missing
        self.opened = 0

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("nvml") and name in self._missing:
            raise AttributeError(name)
        return super().__getattribute__(name)

    def nvmlInitWithFlags(self, flags: int) -> int:
        self.opened += 1
        return SUCCESS

    def nvmlShutdown(self) -> int:
        self.opened -= 1
        return SUCCESS

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self._devices)
        return SUCCESS

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, device: Any) -> int:
        answer = self._devices[index.value].get("handle", SUCCESS)
        pynvml.cast(device, pynvml.POINTER(pynvml.c_void_p))[0] = index.value + 1
        return int(answer)

    def _find(self, device: Any) -> Json:
        return self._devices[pynvml.cast(device, pynvml.c_void_p).value - 1]

    def _write(self, device: Any, name: str, target: Any) -> int:
        answer = self._find(device)[name]
        if isinstance(answer, int):
            return answer
        for field, value in answer.items():
            setattr(target._obj, field, value)
        return SUCCESS

    def nvmlDeviceGetMemoryInfo(self, device: Any, memory: Any) -> int:
        return self._write(device, "memory", memory)

    def nvmlDeviceGetUtilizationRates(self, device: Any, rates: Any) -> int:
        return self._write(device, "utilization", rates)

    def nvmlDeviceGetTemperature(self, device: Any, sensor: Any, temperature: Any) -> int:
        return self._write(device, "temperature", temperature)

    def nvmlDeviceGetName(self, device: Any, buffer: Any, size: Any) -> int:
        buffer.value = self._find(device)["name"].encode()
        return SUCCESS

    def nvmlDeviceGetComputeRunningProcesses_v3(self, device: Any, count: Any, processes: Any) -> int:
        running = self._find(device)["processes"]
        if processes is None:
            count._obj.value = len(running)
            return INSUFFICIENT_SIZE if running else SUCCESS
        count._obj.value = len(running)
        for slot, (pid, used) in zip(processes, running.items(), strict=False):
            slot.pid, slot.usedGpuMemory = pid, used
        return SUCCESS

    def nvmlSystemGetProcessName(self, pid: Any, buffer: Any, size: Any) -> int:
        if pid.value not in self._names:
            return 6  # NVML_ERROR_NOT_FOUND: the process ended meanwhile
        buffer.value = self._names[pid.value].encode()
        return SUCCESS


@contextmanager
def install(driver: SimulatedDriver, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedDriver]:
    """Let nvidia-ml-py find this library, and no functions of another one."""
    with monkeypatch.context() as patch:
        patch.setattr(pynvml, "nvmlLib", driver)
        patch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
        yield driver
