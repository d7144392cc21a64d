"""Takes the measures of both clients, and prints them."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Sequence

from qa.endurance.measures import MEASURES, Measure
from qa.endurance.served import CLIENTS, Client, served

_ROW = "{:<40} {:<14} {:>7} {:>9} {:>6}  {:>5} {}"


def taken(measure: Measure, client: str, url: str, times: int) -> float:
    """The figure of one measure, by a client of its own."""
    with asyncio.Runner() as runner:
        made = Client(client, runner)
        try:
            return measure.take(made, url, times)
        finally:
            made.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measures; gives the exit status."""
    parser = argparse.ArgumentParser("python -m qa.endurance", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"{', '.join(MEASURES)} [default: all]")
    parser.add_argument("--times", type=int, help="how often each [default: what docs/endurance.md says]")
    given = parser.parse_args(arguments)
    if unknown := set(given.measures) - MEASURES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    broken = 0
    print(_ROW.format("", "client", "times", "figure", "bound", "s", "").rstrip())
    with served() as url:
        for name in given.measures or MEASURES:
            measure = MEASURES[name]
            for client in CLIENTS:
                times, began = given.times or measure.times, time.monotonic()
                figure = taken(measure, client, url, times)
                over = figure > measure.most
                broken += over
                row = (measure.what, client, times, f"{figure:.3f}", measure.most, round(time.monotonic() - began))
                print(_ROW.format(*row, "BROKEN" if over else "").rstrip(), flush=True)
    return 1 if broken else 0
