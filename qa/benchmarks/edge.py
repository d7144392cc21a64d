"""`python -m qa.benchmarks.edge`: what the local edge costs beside the model that it serves.

Exits with 1 where a criterion is not kept.
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
from qa.benchmarks import edge_page
from qa.benchmarks.edge_worker import MODEL
from qa.benchmarks.environments import ROOT

DOCS: Final = ROOT / "docs" / "bench-edge.md"

_MAX_TOKENS: Final = 64
_AT_ONCE: Final = 4
_ROUNDS: Final = 8
_LONGEST: Final = 120.0  # seconds after which no round begins
_ANSWER_SECONDS: Final = 90.0
_END_SECONDS: Final = 20.0
_MODEL_PLACES: Final = ("POLARGRID_CACHE", "POLARGRID_MODELS_DIR")

Json = dict[str, Any]


class Worker:
    """A process of the bench, asked in lines. Raises `ChildProcessError` where it ended or says nothing."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = self._next_line()

    def ask(self, **job: Any) -> Json:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._next_line()

    def _next_line(self) -> Json:
        assert self._process.stdout is not None
        patience = threading.Timer(_ANSWER_SECONDS, self._process.kill)
        patience.start()
        line = self._process.stdout.readline()
        patience.cancel()
        if not line:
            raise ChildProcessError(f"a process of the bench gave no answer within {_ANSWER_SECONDS:.0f} s, or ended")
        return dict(json.loads(line))


@contextmanager
def worker(*arguments: str) -> Iterator[Worker]:
    """A process that ends with its stdin, if need be by force."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qa.benchmarks.edge_worker", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=_environment(),
        encoding="utf-8",
    )
    try:
        yield Worker(process)
    finally:
        try:
            process.communicate(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _environment() -> dict[str, str]:
    """The machine's, without proxies, and without settings of the SDK but where the model's file is."""

    def is_left_out(name: str) -> bool:
        return name.lower().endswith("_proxy") or (name.startswith("POLARGRID_") and name not in _MODEL_PLACES)

    return {name: value for name, value in os.environ.items() if not is_left_out(name)}


class Sides:
    """The model in a process of its own, and the edge with its client in two others; one side is asked at a time."""

    def __init__(self, stack: ExitStack) -> None:
        self.model = stack.enter_context(worker("model"))
        self._edge = stack.enter_context(worker("edge"))
        self._client = stack.enter_context(worker("client", self._edge.said["url"]))

    def ask(self, side: str, prompts: Sequence[str]) -> tuple[Json, dict[str, float]]:
        """What was said, and the figures."""
        job = {"prompts": prompts, "max_tokens": _MAX_TOKENS}
        if side == "model":
            said = self.model.ask(**job)
            return said, edge_page.figures(said)
        before = self._edge.ask()["cpu"]
        said = self._client.ask(**job)
        return said, edge_page.through_the_edge(said, self._edge.ask()["cpu"] - before)

    def round(self, number: int, chance: random.Random) -> tuple[dict[str, dict[str, float]], bool]:
        """The figures of a round, and whether both sides said the same."""
        sides = ("model", "edge") if number % 2 == 0 else ("edge", "model")
        prompts, found, texts = _prompts(chance), {}, set()
        for side in sides:
            said, found[side] = self.ask(side, prompts[:1])
            texts.add(said["streams"][0]["text"])
        for side in sides:
            _, found[f"{side}_{_AT_ONCE}"] = self.ask(side, prompts[1:])
        return found, len(texts) == 1


def _prompts(chance: random.Random) -> list[str]:
    """One, and some to be asked at once. Each begins otherwise, so that none finds its beginning in a cache."""
    story = "Tell a long story about a lighthouse keeper, a storm at night, and a ship that comes too near."
    return [f"{chance.randrange(10**6):06} is the number of this story. {story}" for _ in range(1 + _AT_ONCE)]


def measured(rounds: int, seed: int) -> Json:
    """All figures, as JSON."""
    chance = random.Random(seed)  # noqa: S311
    found: list[edge_page.Round] = []
    alike = 0
    with ExitStack() as stack:
        sides = Sides(stack)
        for side in ("model", "edge"):
            sides.ask(side, _prompts(chance))  # the edge loads its model, the client connects: not counted
        began = time.monotonic()
        while len(found) < rounds and time.monotonic() - began < _LONGEST:
            figures, same = sides.round(len(found), chance)
            found.append(figures)
            alike += same
            print(f"round {len(found)} of {rounds}: {time.monotonic() - began:.0f} s", flush=True)
        threads = sides.model.said["threads"]
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
        "alike": alike,
        "rounds": found,
        "criteria": edge_page.criteria(found),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.benchmarks.edge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help=f"at most, in two minutes [default: {_ROUNDS}]")
    parser.add_argument("--seed", type=int, default=1, help="of the prompts [default: 1]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}")
    given = parser.parse_args(arguments)
    ensure(Catalog(default_chat=MODEL).resolve(MODEL).files)  # not under the clock
    told = measured(given.rounds, given.seed)
    told["command"] = shlex.join(["python", "-m", "qa.benchmarks.edge", "--rounds", str(given.rounds)])
    print(edge_page.text(told))
    if given.json:
        given.json.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.write_docs:
        DOCS.write_text(edge_page.section(told, heading="#"), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}")
    return 0 if all(one["kept"] for one in told["criteria"]) else 1


if __name__ == "__main__":
    sys.exit(main())
