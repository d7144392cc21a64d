"""The benchmark: runs the contract tester on the edge as it is, on each legal variation, and on each fault."""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from polargrid_contract.checks import all_checks
from polargrid_contract.results import SUITES
from qa.fault_bench import table
from qa.fault_bench.faults import FAULTS, Fault
from qa.fault_bench.remembered import Memory
from qa.fault_bench.runs import EDGE, EDGE_AGAIN, Options, Result, open_bench, run_in_processes
from qa.fault_bench.variations import VARIATIONS, Variation


def run_bench(options: argparse.Namespace) -> Iterator[Result]:
    """Yield one result after another: the edge, what is not about time, and what is."""
    changes: list[Fault | Variation] = [*VARIATIONS.values(), *FAULTS.values()]
    changes = [change for change in changes if not options.only or change.id in options.only]
    settings = Options(
        options.url, (options.suite,) if options.suite else SUITES, tuple(options.checks), options.max_examples
    )
    on = tuple({name for change in changes for name in change.on}) if options.only else ()
    names = [change.id for change in sorted(changes, key=lambda change: change.timed)]
    names = [EDGE_AGAIN.id, *names]  # it takes longest of what is about time
    with tempfile.TemporaryDirectory() as directory, open_bench(settings, memory := Memory()) as bench:
        yield bench.run(replace(EDGE, on=on), "correct")
        memory.complete()
        memory.save(file := Path(directory, "memory.pickle"))
        if options.workers > 1 and len(names) > 2:
            yield from run_in_processes(names, settings, file, options.workers)
        else:
            yield from map(bench.run_change, names)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Without the log of every invalid request."""
    loggers = [logging.getLogger(name) for name in ("python_multipart", "uvicorn.error", "httpx")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fault_bench", description=__doc__)
    names = [check.name for check in all_checks()]
    parser.add_argument("--only", nargs="+", metavar="ID", default=[], choices=[*FAULTS, *VARIATIONS])
    parser.add_argument("--kind", nargs="+", metavar="KIND", default=[], help="all faults of these kinds")
    parser.add_argument("--suite", choices=SUITES, help="one suite instead of both")
    parser.add_argument(
        "--checks", nargs="+", metavar="NAME", default=[], choices=names, help="of the behaviour suite; default: all"
    )
    parser.add_argument("--max-examples", type=int, default=5, metavar="N", help="for the schema suite (5)")
    parser.add_argument(
        "--workers", type=int, default=4, metavar="N", help="processes side by side, which mostly wait (4)"
    )
    parser.add_argument("--url", help="the edge to use; the default is a new one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every fault is detected and nothing else is reported, otherwise 1."""
    options = _build_parser().parse_args(arguments)
    options.only += [fault.id for fault in FAULTS.values() if fault.kind in options.kind]
    started, results = time.monotonic(), []
    with _quiet_logs():
        for result in run_bench(options):
            results.append(result)
            print(table.format_result(result), flush=True)
    print(table.format_summary(results, time.monotonic() - started), flush=True)
    if options.json:
        rows = [asdict(result) for result in results]
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    faults = [result for result in results if result.kind not in ("variation", "correct")]
    correct = [result for result in results if result not in faults]
    missed = not all(result.is_detected() for result in faults)
    return int(missed or any(result.is_detected() for result in correct) or any(result.errors for result in results))
