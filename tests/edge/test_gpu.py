"""What is told of GPUs, with readings made here: the shapes need no GPU."""

from __future__ import annotations

import pytest

from polargrid_edge.gpu import Gpu, Process, Reading, memory, percent, read, state, status

GIB = 1024**3
L4 = Gpu(0, "NVIDIA L4", total=24 * GIB, used=6 * GIB, gpu_percent=12, memory_percent=7, temperature=41)
IDLE = Gpu(1, "NVIDIA L4", total=24 * GIB, used=0)
NOW = "2026-11-01T12:00:00Z"


def test_a_gpu_is_told_in_mib_gib_and_percent() -> None:
    """Each figure in the unit its name says; percent from 0 to 100."""
    (told,) = status(Reading([L4]), NOW)["gpus"]
    assert told["memory"] == {
        "total_mb": 24576,
        "used_mb": 6144,
        "free_mb": 18432,
        "total_gb": 24.0,
        "used_gb": 6.0,
        "free_gb": 18.0,
        "percent_used": 25.0,
    }
    assert told["utilization"] == {"gpu_percent": 12, "memory_percent": 7}
    assert told["temperature_c"] == 41


def test_processes_are_told_in_mib() -> None:
    """With their id and name."""
    told = status(Reading([L4], [Process(4242, "edge", 8100 * 1024**2)]), NOW)["processes"]
    assert told == [{"pid": 4242, "name": "edge", "memory_mb": 8100}]


@pytest.mark.parametrize("used", [0, 1, 7 * GIB // 3, 24 * GIB])
def test_used_and_free_add_up(used: int) -> None:
    """Whatever the rounding: to the total, and to 100 percent."""
    (told,) = memory(Reading([Gpu(0, "g", 24 * GIB, used)]), NOW)["memory"]
    assert told["used_gb"] + told["free_gb"] == pytest.approx(told["total_gb"])
    assert told["percent_used"] + told["percent_free"] == pytest.approx(100)


def test_all_gpus_together() -> None:
    """Sums, and the share of the sum."""
    assert state([L4, IDLE]) == {"used_gb": 6.0, "total_gb": 48.0, "percent_used": 12.5}


def test_no_gpu_is_zeros() -> None:
    """Nothing is divided by nothing."""
    assert state([]) == {"used_gb": 0.0, "total_gb": 0.0, "percent_used": 0.0}
    assert status(Reading(), NOW)["total_gpus"] == 0
    assert memory(Reading(), NOW)["memory"] == []


@pytest.mark.parametrize(("part", "whole", "share"), [(1, 3, 33.33), (5, 4, 100.0), (-1, 4, 0.0), (1, 0, 0.0)])
def test_a_share_is_within_bounds(part: float, whole: float, share: float) -> None:
    """From 0 to 100."""
    assert percent(part, whole) == share


def test_reading_works_on_this_machine() -> None:
    """With a GPU or without: as many as there are, counted from 0."""
    assert [gpu.index for gpu in read().gpus] == list(range(len(read().gpus)))
