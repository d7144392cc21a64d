"""The bench: the contract against the edge as it is, against each decoy, and against each fault."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from polargrid_contract.check import Half, checks
from polargrid_contract.run import HALVES, Plan, UnreachableError, run
from polargrid_contract.server import Target
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from qa.fault_bench import proxy as proxies
from qa.fault_bench import table
from qa.fault_bench.decoys import DECOYS, Decoy
from qa.fault_bench.faults import FAULTS, Fault
from qa.fault_bench.messages import KEY, MODEL, honest

MODELS = {"chat": MODEL}
SETTINGS = EdgeSettings(port=0, chat_model=MODEL, max_output_tokens=48)
_SEED = 7
# Faults of these kinds are in answers that loading and unloading do not change: the slow story of it is left out.
_STATELESS = ("json", "streams", "audio")
_CHANGES = tuple(check.name for check in checks() if check.changes)


@dataclass(frozen=True)
class Result:
    """What was reported of one fault or decoy: by half, the checks that broke and what the first of each said."""

    id: str
    kind: str
    what: str
    broken: dict[Half, dict[str, str]]
    seconds: float

    def seen(self, *halves: Half) -> bool:
        return any(self.broken.get(half) for half in halves or HALVES)


def reported(url: str, half: Half, only: Sequence[str], skip: Sequence[str], max_examples: int) -> dict[str, str]:
    """The checks that are broken, and what came in the first fault of each."""
    target = Target(url, KEY, models=MODELS)  # type: ignore[arg-type]
    try:
        report = run(Plan(target, (half,), tuple(only), tuple(skip), max_examples, _SEED))
    except UnreachableError as error:
        return {"no run": str(error)}
    faults = {outcome.check: outcome.faults[0] for outcome in report.broken}
    return {name: f"{it.operation}: {it.expected} expected, {it.came} came"[:300] for name, it in faults.items()}


class Bench:
    """One edge, one proxy, one memory; whatever is tested follows on the other."""

    def __init__(self, proxy: proxies.Proxy, url: str, halves: Sequence[Half], max_examples: int) -> None:
        self._proxy, self._url, self._halves, self._examples = proxy, url, halves, max_examples

    def correct(self, name: str, *, learning: bool, only: Sequence[str]) -> Result:
        """The edge as it is; `learning` asks it everything afresh."""
        self._proxy.memory.learning = learning
        what = "The edge as it is." if learning else "The edge as it is, remembered."
        result = self._run(Decoy(name, what, tuple(only), honest, timed=True), "correct")
        self._proxy.memory.learning = False
        return result

    def of(self, seeded: Fault | Decoy) -> Result:
        return self._run(seeded, seeded.kind if isinstance(seeded, Fault) else "decoy")

    def _run(self, seeded: Fault | Decoy, kind: str) -> Result:
        began, broken = time.monotonic(), {}
        self._proxy.memory.timed = seeded.timed
        for half in self._halves:
            self._proxy.begin(seeded.change)
            only = seeded.on if half == "schema" else ()
            skip = _CHANGES if half == "conduct" and kind in _STATELESS else ()
            broken[half] = reported(self._url, half, only, skip, self._examples)
        return Result(seeded.id, kind, seeded.what, broken, round(time.monotonic() - began, 1))


def results(options: argparse.Namespace) -> Iterator[Result]:
    """One at a time, as they come."""
    halves: Sequence[Half] = (options.half,) if options.half else HALVES
    chosen = [it for it in (*DECOYS.values(), *FAULTS.values()) if not options.only or it.id in options.only]
    with run_in_thread(SETTINGS) as edge, proxies.running(edge.url) as (proxy, url):
        bench = Bench(proxy, url, halves, options.max_examples)
        everywhere = () if not options.only else tuple({name for it in chosen for name in it.on})
        for learning in (True, False):
            yield bench.correct("afresh" if learning else "remembered", learning=learning, only=everywhere)
        for seeded in chosen:
            yield bench.of(seeded)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every fault is seen and nothing else is reported, else 1."""
    parser = argparse.ArgumentParser(prog="faultbench", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ID", default=[], choices=[*FAULTS, *DECOYS])
    parser.add_argument("--half", choices=HALVES, help="one half instead of both")
    parser.add_argument("--max-examples", type=int, default=5, metavar="N", help="of the schema half (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the results go as JSON")
    options = parser.parse_args(arguments)
    for name in ("python_multipart", "uvicorn.error", "httpx"):  # they tell of each broken request
        logging.getLogger(name).setLevel(logging.ERROR)
    began, found = time.monotonic(), []
    for result in results(options):
        found.append(result)
        print(table.line(result), flush=True)
    print(table.summary(found, time.monotonic() - began), flush=True)
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in found], indent=1) + "\n", encoding="utf-8")
    faults = [result for result in found if result.kind not in ("decoy", "correct")]
    others = [result for result in found if result not in faults]
    return int(not all(it.seen() for it in faults) or any(it.seen() for it in others))
