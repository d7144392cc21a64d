"""Runs the measures with both clients, and prints the figures."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence

from qa.endurance.clients import CLIENTS, ClientRunner, run_server
from qa.endurance.measures import MEASURES, Measure

_ROW = "{:<40} {:<14} {:>7} {:>9} {:>6}  {:>5} {}"


def run_measure(measure: Measure, client: str, url: str, calls: int) -> float:
    """The figure of one measure, with clients of its own."""
    with asyncio.Runner() as runner:
        clients = ClientRunner(client, runner)
        try:
            return measure.run(clients, url, calls)
        finally:
            clients.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measures. Returns the exit status: 1 if a bound is exceeded."""
    parser = argparse.ArgumentParser("python -m qa.endurance", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"{', '.join(MEASURES)} [default: all]")
    parser.add_argument("--times", type=int, help="calls of each measure [default: as in docs/endurance.md]")
    options = parser.parse_args(arguments)
    if unknown := set(options.measures) - MEASURES.keys():
        parser.error(f"unknown measure {', '.join(sorted(unknown))}; expected one of: {', '.join(MEASURES)}")
    exceeded = 0
    print(_ROW.format("", "client", "calls", "figure", "bound", "s", "").rstrip())
    with run_server() as url:
        for name in options.measures or MEASURES:
            measure = MEASURES[name]
            for client in CLIENTS:
                calls, started_at = options.times or measure.calls, time.monotonic()
                figure = run_measure(measure, client, url, calls)
                is_exceeded = figure > measure.bound
                exceeded += is_exceeded
                seconds = round(time.monotonic() - started_at)
                row = (measure.title, client, calls, f"{figure:.3f}", measure.bound, seconds)
                print(_ROW.format(*row, "EXCEEDED" if is_exceeded else "").rstrip(), flush=True)
    return 1 if exceeded else 0
