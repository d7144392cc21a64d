"""Bulk runs: the rows of a file or an iterator, each sent once, whose results none is missing from.

`run` and `run_sync` take and yield rows of a program; `run_file` and `run_file_sync` read a file and append to another.
`polargrid batch` is the command.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid_batch.adaptive_limiter import AdaptiveLimiter
    from polargrid_batch.check import CheckReport, check_file
    from polargrid_batch.errors import BatchInputError, BatchStoppedError, BudgetReachedError
    from polargrid_batch.files import FileRun, run_file, run_file_sync
    from polargrid_batch.map_batches import Rows
    from polargrid_batch.prices import Price, Prices, read_prices
    from polargrid_batch.queue import Limits
    from polargrid_batch.results import Failure, Result
    from polargrid_batch.retries import RowPolicy
    from polargrid_batch.runs import RunOptions, run, run_sync
    from polargrid_batch.sources import RowFormat
    from polargrid_batch.summary import Summary

_MODULES = {
    "adaptive_limiter": ("AdaptiveLimiter",),
    "check": ("CheckReport", "check_file"),
    "errors": ("BatchInputError", "BatchStoppedError", "BudgetReachedError"),
    "files": ("FileRun", "run_file", "run_file_sync"),
    "map_batches": ("Rows",),
    "prices": ("Price", "Prices", "read_prices"),
    "queue": ("Limits",),
    "results": ("Failure", "Result"),
    "retries": ("RowPolicy",),
    "runs": ("RunOptions", "run", "run_sync"),
    "sources": ("RowFormat",),
    "summary": ("Summary",),
}
_NAMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AdaptiveLimiter",
    "BatchInputError",
    "BatchStoppedError",
    "BudgetReachedError",
    "CheckReport",
    "Failure",
    "FileRun",
    "Limits",
    "Price",
    "Prices",
    "Result",
    "RowFormat",
    "RowPolicy",
    "Rows",
    "RunOptions",
    "Summary",
    "check_file",
    "read_prices",
    "run",
    "run_file",
    "run_file_sync",
    "run_sync",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
