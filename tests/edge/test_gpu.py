"""Responses on GPUs, from constructed readings: the tests need no GPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from polargrid_edge.services.gpu import (
    Gpu,
    Process,
    Reading,
    memory_response,
    percent,
    read,
    status_response,
    total_memory,
)
from tests.edge.nvml_driver import GPU_IS_LOST, NOT_SUPPORTED, WITHOUT_VALUE, SimulatedDriver, install

GIB = 1024**3
L4 = Gpu(0, "NVIDIA L4", total=24 * GIB, used=6 * GIB, gpu_percent=12, memory_percent=7, temperature=41)
IDLE = Gpu(1, "NVIDIA L4", total=24 * GIB, used=0)
NOW = "2026-11-01T12:00:00Z"


def test_a_gpu_has_figures_in_mib_gib_and_percent() -> None:
    """The names have the units."""
    (info,) = status_response(Reading([L4]), NOW)["gpus"]
    assert info["memory"] == {
        "total_mb": 24576,
        "used_mb": 6144,
        "free_mb": 18432,
        "total_gb": 24.0,
        "used_gb": 6.0,
        "free_gb": 18.0,
        "percent_used": 25.0,
    }
    assert info["utilization"] == {"gpu_percent": 12, "memory_percent": 7}
    assert info["temperature_c"] == 41


def test_a_process_has_its_memory_in_mib() -> None:
    """With its id and name."""
    processes = status_response(Reading([L4], [Process(4242, "edge", 8100 * 1024**2)]), NOW)["processes"]
    assert processes == [{"pid": 4242, "name": "edge", "memory_mb": 8100}]


@pytest.mark.parametrize("used", [0, 1, 7 * GIB // 3, 24 * GIB])
def test_used_and_free_add_up(used: int) -> None:
    """To the total and to 100 percent, with any rounding."""
    (info,) = memory_response(Reading([Gpu(0, "g", 24 * GIB, used)]), NOW)["memory"]
    assert info["used_gb"] + info["free_gb"] == pytest.approx(info["total_gb"])
    assert info["percent_used"] + info["percent_free"] == pytest.approx(100)


def test_the_memory_of_all_gpus_is_summed() -> None:
    """The percentage is that of the sum."""
    assert total_memory([L4, IDLE]) == {"used_gb": 6.0, "total_gb": 48.0, "percent_used": 12.5}


def test_without_a_gpu_all_figures_are_zero() -> None:
    """Without a division by zero."""
    assert total_memory([]) == {"used_gb": 0.0, "total_gb": 0.0, "percent_used": 0.0}
    assert status_response(Reading(), NOW)["total_gpus"] == 0
    assert memory_response(Reading(), NOW)["memory"] == []


@pytest.mark.parametrize(("part", "total", "share"), [(1, 3, 33.33), (5, 4, 100.0), (-1, 4, 0.0), (1, 0, 0.0)])
def test_a_percentage_has_bounds(part: float, total: float, share: float) -> None:
    """From 0 to 100."""
    assert percent(part, total) == share


def test_the_gpus_of_this_machine_are_read() -> None:
    """Their indices count from 0; a machine without a GPU has none."""
    assert [gpu.index for gpu in read().gpus] == list(range(len(read().gpus)))


# NVIDIA's driver, by nvidia-ml-py

DEVICE = {
    "name": "NVIDIA L4",
    "memory": {"total": 24 * GIB, "free": 18 * GIB, "used": 6 * GIB},
    "utilization": {"gpu": 87, "memory": 41},
    "temperature": {"value": 64},
    "processes": {4242: 5 * GIB, 4243: 512 * 1024**2},
}
NAMES = {4242: "/usr/bin/python3", 4243: "/usr/bin/other"}


def read_devices(monkeypatch: pytest.MonkeyPatch, *devices: Any, **options: Any) -> Reading:
    with install(SimulatedDriver(devices, NAMES, **options), monkeypatch) as driver:
        reading = read()
        assert driver.opened == 0
    return reading


def test_a_driver_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """All figures of its GPUs, and their processes; afterwards it is closed."""
    reading = read_devices(monkeypatch, DEVICE, DEVICE | {"processes": {}})
    expected = Gpu(0, "NVIDIA L4", 24 * GIB, 6 * GIB, gpu_percent=87, memory_percent=41, temperature=64)
    assert reading.gpus == [expected, replace(expected, index=1)]
    assert reading.processes == [
        Process(4242, "/usr/bin/python3", 5 * GIB),
        Process(4243, "/usr/bin/other", 512 * 1024**2),
    ]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("utilization", {"gpu_percent": 0, "memory_percent": 0}),
        ("temperature", {"temperature": 0}),
        ("memory", {"total": 0, "used": 0}),
    ],
)
def test_a_figure_that_a_gpu_does_not_have_is_zero(
    monkeypatch: pytest.MonkeyPatch, name: str, changes: dict[str, int]
) -> None:
    """A part of a GPU (MIG) has no utilization, and one that shares the memory of the machine has none of its own."""
    (gpu,) = read_devices(monkeypatch, DEVICE | {name: NOT_SUPPORTED}).gpus
    assert gpu == replace(Gpu(0, "NVIDIA L4", 24 * GIB, 6 * GIB, 87, 41, 64), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("fault", [{"handle": GPU_IS_LOST}, {"memory": GPU_IS_LOST}])
def test_a_gpu_that_fails_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch, fault: dict[str, int]) -> None:
    """Which keep their indices."""
    assert [gpu.index for gpu in read_devices(monkeypatch, DEVICE, DEVICE | fault, DEVICE).gpus] == [0, 2]


def test_a_process_may_be_without_name_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ended meanwhile, and the driver of Windows has no memory of processes."""
    reading = read_devices(monkeypatch, DEVICE | {"processes": {99: WITHOUT_VALUE}})
    assert reading.processes == [Process(99, "unknown", 0)]


def test_an_old_driver_has_gpus_without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its library does not have the function."""
    reading = read_devices(monkeypatch, DEVICE, missing=["nvmlDeviceGetComputeRunningProcesses_v3"])
    assert (len(reading.gpus), reading.processes) == (1, [])


def test_the_operations_have_the_figures_of_the_driver(
    monkeypatch: pytest.MonkeyPatch, fake_client: httpx.Client
) -> None:
    """As the document has them."""
    with install(SimulatedDriver([DEVICE], NAMES), monkeypatch):
        status, memory = fake_client.get("/v1/gpu/status").json(), fake_client.get("/v1/gpu/memory").json()
    assert status["gpus"][0]["utilization"] == {"gpu_percent": 87, "memory_percent": 41}
    assert status["processes"][1] == {"pid": 4243, "name": "/usr/bin/other", "memory_mb": 512}
    assert memory["memory"][0]["percent_used"] == 25.0
