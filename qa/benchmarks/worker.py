"""`python -m qa.benchmarks.worker CONTENDER URL SECONDS FOLDER QUICK [CORE]`: runs the tasks that stdin names.

Each line of stdin is a task; each line of stdout its figures, or the error that it ended with. The first line says
which tasks are possible.
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

from qa.benchmarks.entering import Bench
from qa.benchmarks.loops import Loops
from qa.benchmarks.memory_tasks import MEMORY_TASKS
from qa.benchmarks.server import pin
from qa.benchmarks.tasks import TASKS

_MOST_SAID = 200  # characters of an error


def _figures(bench: Bench, name: str) -> dict[str, Any]:
    task = TASKS.get(name) or MEMORY_TASKS[name]
    try:
        return {"figures": task.run(bench)}
    except Exception as error:  # noqa: BLE001 - whatever a contender cannot do is told, and the bench goes on
        return {"error": f"{type(error).__name__}: {str(error)[:_MOST_SAID]}"}


def _version(requires: list[str]) -> str | None:
    """Of what a contender is about: the first that it requires."""
    if not requires:
        return None
    return metadata.version("polargrid" if requires[0] == "." else re.split(r"[\[=<>~]", requires[0])[0])


def main() -> None:
    contender, url, seconds, folder, quick, *core = sys.argv[1:]
    pin(int(core[0]) if core else None)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an SDK prints is no answer

    def tell(**said: Any) -> None:
        print(json.dumps(said), file=out, flush=True)

    loops = Loops.of(float(seconds))
    try:
        module = importlib.import_module(f"qa.benchmarks.contenders.{contender}")
    except ImportError as error:
        tell(error=f"{type(error).__name__}: {error}")
        return
    bench = Bench(module, url, loops, Path(folder), quick == "quick")
    able = [name for name, task in {**TASKS, **MEMORY_TASKS}.items() if task.possible(module)]
    tell(able=able, unit=loops.unit, version=_version(module.REQUIRES))
    for line in sys.stdin:
        tell(**_figures(bench, line.strip()))


if __name__ == "__main__":
    main()
