"""Runs of the contract tester against a server behind one change after another, in this process and in others."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from polargrid_contract.checks import all_checks
from polargrid_contract.client import TargetServer
from polargrid_contract.document import load_document
from polargrid_contract.results import SUITES, Suite
from polargrid_contract.runner import Plan, UnreachableError, run
from polargrid_edge.server import run_in_thread
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings
from qa.fault_bench import proxy
from qa.fault_bench.faults import FAULTS, Fault
from qa.fault_bench.faults.seeded import CHAT
from qa.fault_bench.messages import KEY, MODEL, forward_unchanged, operations
from qa.fault_bench.remembered import Memory, build_pool
from qa.fault_bench.variations import VARIATIONS, Variation

SETTINGS = EdgeSettings(port=0, chat_model=MODEL, max_output_tokens=48)
_SEED = 7
_TIMEOUT = 20.0  # seconds; a fault that never responds is waited for
# The same in the schema suite, which sends hundreds of requests of which each may get no response.
_SCHEMA_TIMEOUT = 6.0
# Loading and unloading do not change the responses with these faults, so the slow lifecycle scenario is left out.
_STATELESS_KINDS = ("json", "streams", "streamed", "audio", "dialects", "concurrency", "equality", "wire", "timing")
# The schema suite sends one request after the other, each in one spelling.
_NOT_OF_SCHEMAS = ("concurrency", "dialects")
# Exclusive for other reasons than time: they change the state of the server, or its load.
_UNTIMED = ("retry-after-on-429",)
# How many times slower than remembered the models respond where time is measured: a text is cut after 0.3 s otherwise.
_PACE = 4.0
_LONG_PACE = 10.0
"""Where it takes a text of more than two seconds."""
_LONG_CHECKS = ("health-while-generating",)
# They take longest, so they are first: models have to respond to the requests of the first three, since nothing else
# sends the same; others wait for what never comes.
_LONGEST = ("J08", "J18", "D42", "W11", "D19", "D18", "D13", "D06")
# First the models run; then their responses are remembered, at once and at the pace of the models.
EDGE = Variation("edge", "The edge as it is.", (), forward_unchanged)
EDGE_AGAIN = Variation("again", "The edge as it is, with models that respond again.", (), forward_unchanged, timed=True)
# Checks compare the operations of such a fault with others of their tag.
_COMPARED_KINDS = ("equality", "lifecycle", "models", "concurrency")


@dataclass(frozen=True)
class Options:
    """What is run. `url` is the edge to use; without it a new one is started, whose models are remembered."""

    url: str | None
    suites: tuple[Suite, ...]
    checks: tuple[str, ...]
    max_examples: int


@dataclass(frozen=True)
class _Selection:
    """Which checks and operations are run, and how many times as long the models take as remembered."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    pace: float = 0.0


@dataclass(frozen=True)
class Result:
    """What the contract tester reports for one fault or variation: the failed checks of each suite."""

    id: str
    kind: str
    description: str
    failed: dict[Suite, dict[str, str]]
    seconds: float
    errors: tuple[str, ...] = ()
    """Failures of the change itself, which say nothing about the tester."""

    def is_detected(self, *suites: Suite) -> bool:
        """Whether a check of any of these suites failed; of any suite if none is named."""
        return any(self.failed.get(suite) for suite in suites or SUITES)


class Bench:
    """Runs the contract tester through one proxy, on one change after another."""

    def __init__(self, server: proxy.Proxy, url: str, options: Options, memory: Memory) -> None:
        self._proxy, self._url, self._options, self._memory = server, url, options, memory

    def run_change(self, name: str) -> Result:
        """Run on the edge behind the change with this id."""
        change = _find_change(name)
        if change in (EDGE, EDGE_AGAIN):
            return self.run(change, "correct")
        return self.run(change, change.kind if isinstance(change, Fault) else "variation")

    def run(self, change: Fault | Variation, kind: str) -> Result:
        """Run on the edge behind a change."""
        failed: dict[Suite, dict[str, str]] = {}
        errors: list[str] = []
        started = time.monotonic()
        for suite in self._options.suites:
            failed[suite] = {}
            for selection in self._select(change, kind, suite):
                self._memory.pace = selection.pace
                self._proxy.start_run(change.apply, change.network)
                timeout = _SCHEMA_TIMEOUT if suite == "schema" and isinstance(change, Fault) else _TIMEOUT
                failed[suite] |= self._find_failures(change, suite, selection, timeout)
                errors += self._proxy.errors[:1]
        seconds = round(time.monotonic() - started, 1)
        return Result(change.id, kind, change.description, failed, seconds, tuple(errors))

    def _select(self, change: Fault | Variation, kind: str, suite: Suite) -> Iterator[_Selection]:
        """A fault is run with its operations, a variation with all: any check may misjudge it.

        What is about time is run with the checks that measure it, at the pace of the models. The other checks are run
        only where they could be misled by it, and not by a network, with which they just take longer.
        """
        if suite == "schema":
            if not change.timed and kind not in _NOT_OF_SCHEMAS:  # it measures no time
                yield _Selection(_representatives(change.on))
            return
        if self._options.checks:
            yield _Selection(self._options.checks, pace=_PACE if change.timed else 0.0)
            return
        is_fault = isinstance(change, Fault)
        if change.timed:
            yield from _select_timed(change.on[:1] if is_fault else change.on if change.network else None)
            if is_fault or change.network:
                return
        skip = _mutating_checks() if kind in _STATELESS_KINDS else ()
        skip += _timing_checks() if change.timed else ()
        only: tuple[str, ...] = ()
        if is_fault:
            only = _with_same_tag(change.on) if kind in _COMPARED_KINDS else change.on
        yield _Selection(only, skip)

    def _find_failures(
        self, change: Fault | Variation, suite: Suite, selection: _Selection, timeout: float
    ) -> dict[str, str]:
        """The failed checks, with the first violation of each."""
        target = TargetServer(self._url, KEY, profile=change.profile, models={"chat": MODEL}, timeout=timeout)
        examples = self._options.max_examples
        try:
            report = run(Plan(target, (suite,), selection.only, selection.skip, examples, _SEED))
        except UnreachableError as error:
            return {"unreachable": str(error)}
        violations = {outcome.check: outcome.violations[0] for outcome in report.failures}
        return {
            name: f"{violation.operation}: expected {violation.expected}, got {violation.actual}"[:300]
            for name, violation in violations.items()
        }


@cache
def _mutating_checks() -> tuple[str, ...]:
    return tuple(check.name for check in all_checks() if check.mutates)


def _select_timed(on: tuple[str, ...] | None) -> Iterator[_Selection]:
    """Select the checks of time, for these operations or for all; a check that needs a long text has its own pace."""
    checks = _timing_checks(on)
    for pace in (_PACE, _LONG_PACE):
        only = tuple(name for name in checks if (name in _LONG_CHECKS) == (pace == _LONG_PACE))
        if only and on:
            yield _Selection(on, tuple(it.name for it in all_checks() if it.name not in only), pace)
        elif only:
            yield _Selection(only, pace=pace)


@cache
def _timing_checks(on: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """The checks that measure time, one request after the other."""
    checks = [it for it in all_checks() if it.exclusive and not it.mutates and not it.together]
    documented = [it for it in operations().values() if on is None or it.name in on]
    return tuple(it.name for it in checks if it.name not in _UNTIMED and it.operations(documented))


def _representatives(on: tuple[str, ...]) -> tuple[str, ...]:
    """Without chat where completions show the same: the schema suite sends it the most requests by far."""
    return tuple(name for name in on if name not in CHAT or "completion" not in on)


@cache
def _with_same_tag(on: tuple[str, ...]) -> tuple[str, ...]:
    operations = {
        operation["operationId"]: set(operation.get("tags", ()))
        for item in load_document()["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    tags = {tag for name in on for tag in operations[name]}
    return tuple(name for name, own in operations.items() if own & tags)


@contextmanager
def open_bench(options: Options, memory: Memory) -> Iterator[Bench]:
    """Start an edge if none is named, and a proxy in front of it."""
    with ExitStack() as stack:
        url = options.url
        if url is None:
            services = Services(SETTINGS, build_pool(SETTINGS, memory))
            url = stack.enter_context(run_in_thread(SETTINGS, services)).url
        server, proxy_url = stack.enter_context(proxy.run_in_thread(url))
        yield Bench(server, proxy_url, options, memory)


def run_in_processes(names: Sequence[str], options: Options, memory: Path, workers: int) -> Iterator[Result]:
    """Run changes in processes side by side, each with its own edge, and yield the results.

    What is about time, for which a run mostly waits, has fewer processes of its own, and is last.
    """
    timed = [name for name in names if _find_change(name).timed]
    others = sorted((name for name in names if name not in timed), key=lambda name: name not in _LONGEST)
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        executors = [
            stack.enter_context(ProcessPoolExecutor(count, context, _start_process, (options, memory)))
            for count in (workers, max(1, workers // 2))
        ]
        results = [
            executor.map(_run_in_process, group) for executor, group in zip(executors, (others, timed), strict=True)
        ]
        for group in results:
            yield from group


def _find_change(name: str) -> Fault | Variation:
    unchanged = {it.id: it for it in (EDGE, EDGE_AGAIN)}
    return {**unchanged, **VARIATIONS, **FAULTS}[name]


_bench: Bench


def _start_process(options: Options, file: Path) -> None:
    global _bench  # noqa: PLW0603 - the process has one, for all of its runs
    for name in ("python_multipart", "uvicorn.error", "httpx"):  # they log every invalid request
        logging.getLogger(name).setLevel(logging.ERROR)
    memory, stack = Memory(), ExitStack()
    memory.load(file)
    gc.freeze()  # what is remembered needs no collection
    _bench = stack.enter_context(open_bench(options, memory))
    Finalize(None, stack.close, exitpriority=10)


def _run_in_process(name: str) -> Result:
    return _bench.run_change(name)
