"""The bench: each contender in a process of its own, one after another through each task, for several rounds."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from qa.benchmarks import report
from qa.benchmarks.environments import ROOT, create_contender_environment, create_plot_environment, lock_contenders
from qa.benchmarks.memory_tasks import MEMORY_TASKS
from qa.benchmarks.process import Cores, Settings, Worker, run_server, run_worker
from qa.benchmarks.results import Results, read_results
from qa.benchmarks.roster import Contender, load_contenders
from qa.benchmarks.tasks import TASKS

OUT = ROOT / "out" / "bench.json"
DOCS = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"


async def run_bench(
    contenders: Sequence[Contender], tasks: Sequence[str], rounds: int, *, seconds: float, quick: bool
) -> Results:
    """Measure all figures. The first contender changes from round to round."""
    cores = Cores.detect()
    results = Results(pinned=bool(cores.client))
    with tempfile.TemporaryDirectory() as folder:
        async with run_server(cores) as url:
            settings = Settings(url, seconds, Path(folder), quick)
            for number in range(rounds):
                started_at, first = time.monotonic(), number % len(contenders)
                rotated = [*contenders[first:], *contenders[:first]]
                await _run_round(rotated, [name for name in tasks if name in TASKS], settings, cores, results)
                print(f"round {number + 1} of {rounds}: {time.monotonic() - started_at:.0f} s", flush=True)
            for name in tasks:
                if name in MEMORY_TASKS:
                    await _run_in_new_processes(contenders, name, settings, cores, results)
                    print(f"{name}: done", flush=True)
    return results


async def _run_round(
    contenders: Sequence[Contender], tasks: Sequence[str], settings: Settings, cores: Cores, results: Results
) -> None:
    async with AsyncExitStack() as stack:
        workers = {
            contender.name: await stack.enter_async_context(run_worker(contender, settings, cores))
            for contender in contenders
        }
        for name in tasks:
            for contender, worker in workers.items():
                await _run_task(worker, contender, name, results)


async def _run_in_new_processes(
    contenders: Sequence[Contender], name: str, settings: Settings, cores: Cores, results: Results
) -> None:
    for contender in contenders:
        async with run_worker(contender, settings, cores) as worker:
            await _run_task(worker, contender.name, name, results)


async def _run_task(worker: Worker, contender: str, task: str, results: Results) -> None:
    results.add_contender(contender, worker.version, worker.unit)
    if worker.error is None and task not in worker.supported:
        return
    message = await worker.run_task(task)
    if "error" in message and results.add_error(contender, task, message["error"]):
        print(f"{contender}, {task}: {message['error']}", flush=True)
    results.add_figures(contender, message.get("figures", {}))


def select(names: Sequence[str]) -> tuple[list[Contender], list[str]]:
    """Return the contenders and the tasks with these names; of a task, its beginning is enough.

    If no name is that of a contender, all contenders are selected; the same applies to tasks.
    """
    all_contenders, all_tasks = load_contenders(), [*TASKS, *MEMORY_TASKS]
    contenders = [contender for contender in all_contenders if {contender.name, contender.module} & set(names)]
    tasks = [task for task in all_tasks if task.startswith(tuple(names))]
    known = {name for contender in contenders for name in (contender.name, contender.module)}
    for name in names:
        if name not in known and not any(task.startswith(name) for task in tasks):
            expected = ", ".join([*(contender.name for contender in all_contenders), *all_tasks])
            raise SystemExit(f"--only: unknown name {name!r}; expected one of: {expected}")
    return contenders or all_contenders, tasks or all_tasks


def _run(options: argparse.Namespace) -> dict[str, Any]:
    contenders, tasks = select(options.only or [])
    for contender in contenders:
        create_contender_environment(contender)
    rounds = options.rounds or (1 if options.quick else 5)
    seconds = 0.1 if options.quick else 0.3
    results = asyncio.run(run_bench(contenders, tasks, rounds, seconds=seconds, quick=options.quick))
    return results.as_json(rounds=rounds, seconds=seconds, complete=not (options.quick or options.only))


def _draw_plot() -> Path:
    path = OUT.with_suffix(".png")
    subprocess.run([create_plot_environment(), Path(__file__).with_name("plot.py"), OUT, path], check=True)
    return path


def _write_pages(options: argparse.Namespace, results: dict[str, Any], plot: Path) -> None:
    if not results["complete"]:
        raise SystemExit("--write-docs, --write-readme: they need a complete run, without --quick and --only")
    if options.write_docs:
        DOCS.write_text(report.render_docs(results), encoding="utf-8")
        shutil.copy(plot, DOCS.with_suffix(".png"))
        print(f"wrote {DOCS.relative_to(ROOT)}")
    if options.write_readme:
        README.write_text(report.replace_readme_table(README.read_text(encoding="utf-8"), results), encoding="utf-8")
        print(f"wrote {README.relative_to(ROOT)}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about three minutes: one round, and a shorter one")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these contenders and tasks")
    parser.add_argument("--rounds", type=int, help="[default: 5, with --quick 1]")
    parser.add_argument("--read", action="store_true", help="measure nothing, and read out/bench.json")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md and its plot")
    parser.add_argument("--write-readme", action="store_true", help="write the table of README.md")
    parser.add_argument("--lock", nargs="*", metavar="NAME", help="pin the requirements of these contenders, or of all")
    options = parser.parse_args(arguments)
    if options.lock is not None:
        lock_contenders(options.lock)
        return 0
    if not options.read:
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(_run(options), indent=1) + "\n", encoding="utf-8")
    results = read_results(OUT)
    print(report.render_text(results))
    plot = _draw_plot()
    print(f"{OUT.relative_to(ROOT)}, {plot.relative_to(ROOT)}")
    if options.write_docs or options.write_readme:
        _write_pages(options, results, plot)
    return 0
