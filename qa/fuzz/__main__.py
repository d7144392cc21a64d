"""`python -m qa.fuzz`: the properties on a million messages, by a seeded mutator.

Hypothesis, which test_fuzz.py uses, takes about ten times as long for an example; what it adds is that it makes a
failing one small. An example that fails here is named by its number: `--only PROPERTY:NUMBER` runs it again.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random

from qa.fuzz.properties import PROPERTIES

_BATCH = 5_000
Batch = tuple[str, int, int]


def example(seed: int, name: str, number: int) -> None:
    """Try one example; what is random in it is in its name."""
    PROPERTIES[name](Random(f"{seed}:{name}:{number}"))  # noqa: S311 - no secret


def tried(seed: int, batch: Batch) -> tuple[Batch, list[str]]:
    """The examples of a batch; a sentence and a traceback for each that fails."""
    name, start, end = batch
    failures = []
    for number in range(start, end):
        try:
            example(seed, name, number)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            failures.append(f"{name}:{number} with --seed {seed}\n{traceback.format_exc(limit=-3)}")
    return batch, failures


def batches(examples: int) -> Iterator[Batch]:
    """The examples, shared out evenly among the properties."""
    each = -(-examples // len(PROPERTIES))
    for start in range(0, each, _BATCH):
        for name in PROPERTIES:
            yield name, start, min(start + _BATCH, each)


def run(examples: int, seed: int, jobs: int) -> int:
    """Try them all, telling how far it is; the number of failures."""
    began, count, failures = time.monotonic(), Counter[str](), Counter[str]()
    with ProcessPoolExecutor(jobs) as pool:
        for (name, start, end), told in pool.map(partial(tried, seed), batches(examples)):
            count[name] += end - start
            failures[name] += len(told)
            for each in told[:3]:
                print(each, flush=True)
            if not count.total() % (20 * _BATCH):
                print(f"{count.total():>9,} examples, {time.monotonic() - began:5.0f} s", flush=True)
    for name in PROPERTIES:
        print(f"{name:20} {count[name]:>9,} examples {failures[name]:>6} failures")
    print(f"{count.total():,} examples in {time.monotonic() - began:.0f} s, {failures.total()} failures")
    return failures.total()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=1_000_000, help="in all (default 1,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other examples (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--only", metavar="PROPERTY:NUMBER", help="one example, with its traceback")
    given = parser.parse_args()
    if given.only:
        name, _, number = given.only.partition(":")
        example(given.seed, name, int(number))
        return 0
    return 1 if run(given.examples, given.seed, given.jobs) else 0


if __name__ == "__main__":
    sys.exit(main())
