"""`python -m qa.fuzz`: the properties on a million messages of a seeded mutator.

Hypothesis, which tests/qa/test_fuzz.py uses, takes about ten times as long for an example, and shrinks one that fails.
Here, an example that fails has a number: `--only PROPERTY:NUMBER` repeats it.
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

_BATCH_SIZE = 5_000
Batch = tuple[str, int, int]


def run_example(seed: int, name: str, number: int) -> None:
    """Check a property on one example; the three arguments determine it."""
    PROPERTIES[name](Random(f"{seed}:{name}:{number}"))  # noqa: S311 - no secret


def run_batch(seed: int, batch: Batch) -> tuple[Batch, list[str]]:
    """Run the examples of a batch. Returns the number and the traceback of each one that fails."""
    name, start, end = batch
    failures = []
    for number in range(start, end):
        try:
            run_example(seed, name, number)
        except Exception:  # noqa: BLE001 - every other exception is a failure of the property
            failures.append(f"{name}:{number} with --seed {seed}\n{traceback.format_exc(limit=-3)}")
    return batch, failures


def split_into_batches(examples: int) -> Iterator[Batch]:
    """Divide the examples evenly among the properties."""
    per_property = -(-examples // len(PROPERTIES))
    for start in range(0, per_property, _BATCH_SIZE):
        for name in PROPERTIES:
            yield name, start, min(start + _BATCH_SIZE, per_property)


def run(examples: int, seed: int, jobs: int) -> int:
    """Run all examples and print the progress. Returns the number of failures."""
    started_at, counts, failures = time.monotonic(), Counter[str](), Counter[str]()
    with ProcessPoolExecutor(jobs) as pool:
        for (name, start, end), messages in pool.map(partial(run_batch, seed), split_into_batches(examples)):
            counts[name] += end - start
            failures[name] += len(messages)
            for message in messages[:3]:
                print(message, flush=True)
            if not counts.total() % (20 * _BATCH_SIZE):
                print(f"{counts.total():>9,} examples, {time.monotonic() - started_at:5.0f} s", flush=True)
    for name in PROPERTIES:
        print(f"{name:20} {counts[name]:>9,} examples {failures[name]:>6} failures")
    print(f"{counts.total():,} examples in {time.monotonic() - started_at:.0f} s, {failures.total()} failures")
    return failures.total()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=1_000_000, help="in all (default 1,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutator (default 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--only", metavar="PROPERTY:NUMBER", help="run one example, with its traceback")
    options = parser.parse_args()
    if options.only:
        name, _, number = options.only.partition(":")
        if name not in PROPERTIES:
            parser.error(f"unknown property {name!r}; expected one of: {', '.join(PROPERTIES)}")
        run_example(options.seed, name, int(number))
        return 0
    return 1 if run(options.examples, options.seed, options.jobs) else 0


if __name__ == "__main__":
    sys.exit(main())
