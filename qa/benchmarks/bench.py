"""The bench: every contender in its own process, one after another through each task, for several rounds."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from qa.benchmarks import page, results
from qa.benchmarks.environments import ROOT, lock, python_of, python_of_plot
from qa.benchmarks.memory_tasks import MEMORY_TASKS
from qa.benchmarks.process import Cores, Setting, Worker, server, worker
from qa.benchmarks.results import Results
from qa.benchmarks.roster import Contender, contenders
from qa.benchmarks.tasks import TASKS

OUT = ROOT / "out" / "bench.json"
DOCS = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"


async def measured(chosen: Sequence[Contender], tasks: Sequence[str], rounds: int, setting: Setting) -> Results:
    """All figures. The order of the contenders turns from round to round."""
    found, cores = Results(pinned=bool(Cores.found().client)), Cores.found()
    async with server(cores) as url:
        setting = Setting(url, setting.seconds, setting.folder, setting.quick)
        for number in range(rounds):
            began = time.monotonic()
            turned = [*chosen[number % len(chosen) :], *chosen[: number % len(chosen)]]
            await _round(turned, [name for name in tasks if name in TASKS], setting, cores, found)
            print(f"round {number + 1} of {rounds}: {time.monotonic() - began:.0f} s", flush=True)
        for name in tasks:
            if name in MEMORY_TASKS:
                await _in_fresh_processes(chosen, name, setting, cores, found)
                print(f"{name}: done", flush=True)
    return found


async def _round(
    chosen: Sequence[Contender], tasks: Sequence[str], setting: Setting, cores: Cores, found: Results
) -> None:
    async with AsyncExitStack() as stack:
        workers = {who.name: await stack.enter_async_context(worker(who, setting, cores)) for who in chosen}
        for name in tasks:
            for who, process in workers.items():
                await _ask(process, who, name, found)


async def _in_fresh_processes(
    chosen: Sequence[Contender], name: str, setting: Setting, cores: Cores, found: Results
) -> None:
    for who in chosen:
        async with worker(who, setting, cores) as process:
            await _ask(process, who.name, name, found)


async def _ask(process: Worker, who: str, task: str, found: Results) -> None:
    found.met(who, process.version, process.unit)
    if process.error is None and task not in process.able:
        return
    said = await process.ask(task)
    if "error" in said and found.failed(who, task, said["error"]):
        print(f"{who}, {task}: {said['error']}", flush=True)
    found.add(who, said.get("figures", {}))


def _chosen(words: Sequence[str]) -> tuple[list[Contender], list[str]]:
    """The contenders and tasks that the words name; a task by its beginning, too. No word of a kind means all of it."""
    everyone, every_task = contenders(), [*TASKS, *MEMORY_TASKS]
    some = [who for who in everyone if {who.name, who.module} & set(words)]
    tasks = [name for name in every_task if name.startswith(tuple(words))]
    for word in words:
        if not any(word in (who.name, who.module) for who in some) and not any(name.startswith(word) for name in tasks):
            names = ", ".join([*(who.name for who in everyone), *every_task])
            raise SystemExit(f"--only: there is no {word!r}; there are {names}")
    return some or everyone, tasks or every_task


def _run(given: argparse.Namespace) -> dict[str, Any]:
    chosen, tasks = _chosen(given.only or [])
    for who in chosen:
        python_of(who)
    rounds = given.rounds or (1 if given.quick else 5)
    seconds = 0.1 if given.quick else 0.3
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measured(chosen, tasks, rounds, Setting("", seconds, Path(folder), given.quick)))
    return found.as_json(rounds=rounds, seconds=seconds, whole=not (given.quick or given.only))


def _drawn() -> Path:
    """The plot, drawn in an environment that has what it takes."""
    path = OUT.with_suffix(".png")
    subprocess.run([python_of_plot(), Path(__file__).with_name("plot.py"), OUT, path], check=True)
    return path


def _write(given: argparse.Namespace, told: dict[str, Any], plot: Path) -> None:
    if not told["whole"]:
        raise SystemExit("pages are written from a whole run, without --quick and --only")
    if given.write_docs:
        DOCS.write_text(page.docs(told), encoding="utf-8")
        shutil.copy(plot, DOCS.with_suffix(".png"))
        print(f"wrote {DOCS.relative_to(ROOT)}")
    if given.write_readme:
        README.write_text(page.with_table(README.read_text(encoding="utf-8"), told), encoding="utf-8")
        print(f"wrote {README.relative_to(ROOT)}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes: fewer rounds, and shorter")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these contenders and these tasks")
    parser.add_argument("--rounds", type=int, help="[default: 5, with --quick 1]")
    parser.add_argument("--read", action="store_true", help="measure nothing: take out/bench.json as it is")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md and its plot, too")
    parser.add_argument("--write-readme", action="store_true", help="write the table in README.md, too")
    parser.add_argument("--lock", nargs="*", metavar="NAME", help="only pin what these contenders require, or all")
    given = parser.parse_args(arguments)
    if given.lock is not None:
        lock(given.lock)
        return 0
    if not given.read:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(_run(given), indent=1) + "\n", encoding="utf-8")
    told = results.read(OUT)
    print(page.text(told))
    plot = _drawn()
    print(f"{OUT.relative_to(ROOT)}, {plot.relative_to(ROOT)}")
    if given.write_docs or given.write_readme:
        _write(given, told, plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
