"""Responses on GPUs, from constructed readings: the tests need no GPU."""

from __future__ import annotations

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
