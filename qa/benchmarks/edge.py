"""`python -m qa.benchmarks.edge`: what the local edge costs beside the model that it serves.

Exits with 1 if a bound is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from qa.benchmarks import edge_report
from qa.benchmarks.edge_worker import MODEL
from qa.benchmarks.environments import ROOT

DOCS: Final = ROOT / "docs" / "bench-edge.md"

_MAX_TOKENS: Final = 64
_CONCURRENCY: Final = 4
_ROUNDS: Final = 8
_MAX_SECONDS: Final = 120.0  # after them no round starts
_RESPONSE_TIMEOUT: Final = 90.0
_STOP_TIMEOUT: Final = 20.0
_MODEL_SETTINGS: Final = ("POLARGRID_CACHE", "POLARGRID_MODELS_DIR")

Json = dict[str, Any]


class Worker:
    """A process of the bench, which exchanges lines. Raises ChildProcessError if it ends or sends nothing."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.greeting = self._read_line()

    def send(self, **job: Any) -> Json:
        """Send a job, and return the response."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._read_line()

    def _read_line(self) -> Json:
        assert self._process.stdout is not None
        timer = threading.Timer(_RESPONSE_TIMEOUT, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise ChildProcessError(f"a process of the bench ended, or sent nothing within {_RESPONSE_TIMEOUT:.0f} s")
        return dict(json.loads(line))


@contextmanager
def run_worker(*arguments: str) -> Iterator[Worker]:
    """Run a process that ends with its stdin; after a timeout it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qa.benchmarks.edge_worker", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=build_environment(),
        encoding="utf-8",
    )
    try:
        yield Worker(process)
    finally:
        try:
            process.communicate(timeout=_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def build_environment() -> dict[str, str]:
    """The machine's environment without proxies, and without settings of the SDK except the location of the models."""

    def is_hidden(name: str) -> bool:
        return name.lower().endswith("_proxy") or (name.startswith("POLARGRID_") and name not in _MODEL_SETTINGS)

    return {name: value for name, value in os.environ.items() if not is_hidden(name)}


class Sides:
    """The model in a process of its own, and the edge and its client in two others; one side works at a time."""

    def __init__(self, stack: ExitStack) -> None:
        self.model = stack.enter_context(run_worker("model"))
        self._edge = stack.enter_context(run_worker("edge"))
        self._client = stack.enter_context(run_worker("client", self._edge.greeting["url"]))

    def run_job(self, side: str, prompts: Sequence[str]) -> tuple[Json, dict[str, float]]:
        """Return the response of a side, and its figures."""
        job = {"prompts": prompts, "max_tokens": _MAX_TOKENS}
        if side == "model":
            result = self.model.send(**job)
            return result, edge_report.compute_figures(result)
        before = self._edge.send()["cpu"]
        result = self._client.send(**job)
        return result, edge_report.compute_edge_figures(result, self._edge.send()["cpu"] - before)

    def run_round(self, number: int, random_source: random.Random) -> tuple[dict[str, dict[str, float]], bool]:
        """Return the figures of a round, and whether both sides generated the same text."""
        sides = ("model", "edge") if number % 2 == 0 else ("edge", "model")
        prompts, figures, texts = _create_prompts(random_source), {}, set()
        for side in sides:
            result, figures[side] = self.run_job(side, prompts[:1])
            texts.add(result["streams"][0]["text"])
        for side in sides:
            _, figures[f"{side}_{_CONCURRENCY}"] = self.run_job(side, prompts[1:])
        return figures, len(texts) == 1


def _create_prompts(random_source: random.Random) -> list[str]:
    """One prompt, and several for concurrent streams. Their beginnings differ, so that no cache has them."""
    story = "Tell a long story about a lighthouse keeper, a storm at night, and a ship that sails too close."
    numbers = [random_source.randrange(10**6) for _ in range(1 + _CONCURRENCY)]
    return [f"{number:06} is the number of this story. {story}" for number in numbers]


def run_bench(rounds: int, seed: int) -> Json:
    """All figures, as JSON."""
    random_source = random.Random(seed)  # noqa: S311
    results: list[edge_report.Round] = []
    same_texts = 0
    with ExitStack() as stack:
        sides = Sides(stack)
        for side in ("model", "edge"):
            sides.run_job(side, _create_prompts(random_source))  # loads the model and connects; not counted
        started_at = time.monotonic()
        while len(results) < rounds and time.monotonic() - started_at < _MAX_SECONDS:
            figures, is_same = sides.run_round(len(results), random_source)
            results.append(figures)
            same_texts += is_same
            print(f"round {len(results)} of {rounds}: {time.monotonic() - started_at:.0f} s", flush=True)
        threads = sides.model.greeting["threads"]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "xllamacpp": version("xllamacpp"),
        },
        "model": MODEL,
        "threads": threads,
        "max_tokens": _MAX_TOKENS,
        "same_texts": same_texts,
        "rounds": results,
        "criteria": edge_report.check_criteria(results),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.benchmarks.edge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"at most, in two minutes [default: {_ROUNDS}]")
    parser.add_argument("--seed", type=int, default=1, help="of the prompts [default: 1]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file")
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}")
    options = parser.parse_args(arguments)
    ensure(Catalog(default_chat=MODEL).resolve(MODEL).files)  # a download must not count
    results = run_bench(options.rounds, options.seed)
    results["command"] = shlex.join(["python", "-m", "qa.benchmarks.edge", "--rounds", str(options.rounds)])
    print(edge_report.render_text(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.write_docs:
        DOCS.write_text(edge_report.render_markdown(results), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}")
    return 0 if all(verdict["passed"] for verdict in results["criteria"]) else 1


if __name__ == "__main__":
    sys.exit(main())
