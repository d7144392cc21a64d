"""The benchmark: runs the contract tester on the edge as it is, on each legal variation, and on each fault."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from polargrid_contract.checks import all_checks
from polargrid_contract.client import TargetServer
from polargrid_contract.results import SUITES, Suite
from polargrid_contract.runner import Plan, UnreachableError, run
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from qa.fault_bench import proxy, table
from qa.fault_bench.faults import FAULTS, Fault
from qa.fault_bench.messages import KEY, MODEL, forward_unchanged
from qa.fault_bench.variations import VARIATIONS, Variation

SETTINGS = EdgeSettings(port=0, chat_model=MODEL, max_output_tokens=48)
_SEED = 7
# Loading and unloading do not change the responses with these faults, so the slow lifecycle scenario is left out.
_STATELESS_KINDS = ("json", "streams", "audio")
_MUTATING_CHECKS = tuple(check.name for check in all_checks() if check.mutates)


@dataclass(frozen=True)
class Result:
    """What the contract tester reports for one fault or variation: the failed checks of each suite."""

    id: str
    kind: str
    description: str
    failed: dict[Suite, dict[str, str]]
    seconds: float

    def is_detected(self, *suites: Suite) -> bool:
        """Whether a check of any of these suites failed; of any suite if none is named."""
        return any(self.failed.get(suite) for suite in suites or SUITES)


class Bench:
    """Runs the contract tester through one proxy, on one change after another."""

    def __init__(self, server: proxy.Proxy, url: str, options: argparse.Namespace) -> None:
        self._proxy, self._url = server, url
        self._suites: Sequence[Suite] = (options.suite,) if options.suite else SUITES
        self._max_examples, self._checks = options.max_examples, tuple(options.checks)

    def run_correct(self, *, refresh: bool, only: Sequence[str]) -> Result:
        """Run on the edge as it is; with `refresh` every request is sent to it."""
        name = "edge" if refresh else "cached"
        description = "The edge as it is." if refresh else "The edge as it is, from the cache."
        self._proxy.cache.refresh = refresh
        result = self._run(Variation(name, description, tuple(only), forward_unchanged, timed=True), "correct")
        self._proxy.cache.refresh = False
        return result

    def run_change(self, change: Fault | Variation) -> Result:
        """Run on the edge behind a change."""
        return self._run(change, change.kind if isinstance(change, Fault) else "variation")

    def _run(self, change: Fault | Variation, kind: str) -> Result:
        started, failed = time.monotonic(), {}
        self._proxy.cache.timed = change.timed
        for suite in self._suites:
            self._proxy.start_run(change.apply)
            only = change.on if suite == "schema" else self._checks
            skip = _MUTATING_CHECKS if suite == "behaviour" and kind in _STATELESS_KINDS else ()
            failed[suite] = self._find_failures(suite, only, skip)
        return Result(change.id, kind, change.description, failed, round(time.monotonic() - started, 1))

    def _find_failures(self, suite: Suite, only: Sequence[str], skip: Sequence[str]) -> dict[str, str]:
        """The failed checks, with the first violation of each."""
        target = TargetServer(self._url, KEY, models={"chat": MODEL})
        try:
            report = run(Plan(target, (suite,), tuple(only), tuple(skip), self._max_examples, _SEED))
        except UnreachableError as error:
            return {"unreachable": str(error)}
        violations = {outcome.check: outcome.violations[0] for outcome in report.failures}
        return {
            name: f"{violation.operation}: expected {violation.expected}, got {violation.actual}"[:300]
            for name, violation in violations.items()
        }


def run_bench(options: argparse.Namespace) -> Iterator[Result]:
    """Yield one result after another."""
    changes: list[Fault | Variation] = [*VARIATIONS.values(), *FAULTS.values()]
    changes = [change for change in changes if not options.only or change.id in options.only]
    only = tuple({name for change in changes for name in change.on}) if options.only else ()
    with _edge_url(options.url) as edge_url, proxy.run_in_thread(edge_url) as (server, url):
        bench = Bench(server, url, options)
        for refresh in (True, False):
            yield bench.run_correct(refresh=refresh, only=only)
        for change in changes:
            yield bench.run_change(change)


@contextmanager
def _edge_url(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with run_in_thread(SETTINGS) as edge:
        yield edge.url


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every fault is detected and nothing else is reported, otherwise 1."""
    parser = argparse.ArgumentParser(prog="fault_bench", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ID", default=[], choices=[*FAULTS, *VARIATIONS])
    parser.add_argument("--suite", choices=SUITES, help="one suite instead of both")
    parser.add_argument("--checks", nargs="+", metavar="NAME", default=[], help="of the behaviour suite; default: all")
    parser.add_argument("--max-examples", type=int, default=5, metavar="N", help="for the schema suite (5)")
    parser.add_argument("--url", help="the edge to use; the default is a new one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results as JSON")
    options = parser.parse_args(arguments)
    for name in ("python_multipart", "uvicorn.error", "httpx"):  # they log every invalid request
        logging.getLogger(name).setLevel(logging.ERROR)
    started, results = time.monotonic(), []
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
    return int(missed or any(result.is_detected() for result in correct))
