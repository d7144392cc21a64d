"""`python -m qa.benchmarks.worker CONTENDER URL SECONDS FOLDER PACE [CORE]`: runs the tasks that stdin names.

PACE is `quick` or `full`. Each line of stdin is a task; each line of stdout has its figures, or its error. The first
line of stdout lists the tasks that the contender supports.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from qa.benchmarks.memory_tasks import MEMORY_TASKS
from qa.benchmarks.meter import CostMeter
from qa.benchmarks.registry import Bench
from qa.benchmarks.server import pin_to_core
from qa.benchmarks.tasks import TASKS

_MAX_MESSAGE = 200  # characters of an error


def run_task(bench: Bench, name: str) -> dict[str, Any]:
    task = TASKS.get(name) or MEMORY_TASKS[name]
    try:
        return {"figures": task.run(bench)}
    except Exception as error:  # noqa: BLE001 - the results show the error, and the bench continues
        return {"error": f"{type(error).__name__}: {str(error)[:_MAX_MESSAGE]}"}


def find_version(requires: list[str]) -> str | None:
    """The version of the first package that a contender requires."""
    if not requires:
        return None
    return metadata.version("polargrid" if requires[0] == "." else re.split(r"[\[=<>~]", requires[0])[0])


def main() -> None:
    contender, url, seconds, folder, pace, *core = sys.argv[1:]
    pin_to_core(int(core[0]) if core else None)
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an SDK prints goes to stderr

    def write(**message: Any) -> None:
        print(json.dumps(message), file=output, flush=True)

    meter = CostMeter.create(float(seconds))
    try:
        module = importlib.import_module(f"qa.benchmarks.contenders.{contender}")
    except ImportError as error:
        write(error=f"{type(error).__name__}: {error}")
        return
    bench = Bench(module, url, meter, Path(folder), pace == "quick")
    supported = [name for name, task in {**TASKS, **MEMORY_TASKS}.items() if task.is_supported(module)]
    write(supported=supported, unit=meter.unit, version=find_version(module.REQUIRES))
    for line in sys.stdin:
        write(**run_task(bench, line.strip()))


if __name__ == "__main__":
    main()
