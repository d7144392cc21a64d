"""Simulates 1, 10, 50 and 200 workers against a region, prints a table, and draws docs/scale.png.

python -m qa.scale [--seed 1] [--no-plot]

The limiter is the real one; the servers are a model, and time is virtual. The same seed gives the same numbers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from qa.benchmarks.environments import ROOT, create_plot_environment
from qa.scale.simulate import WORKERS, simulate


def main() -> int:
    """Simulate, and draw."""
    parser = argparse.ArgumentParser(
        "python -m qa.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-plot", action="store_true")
    options = parser.parse_args()
    print("| Workers | Places | Of the ideal | Refusals a row | Lost | Rows of a worker, of the mean |")
    print("|---|---|---|---|---|---|")
    runs = []
    for workers in WORKERS:
        run = simulate(workers, seed=options.seed)
        runs.append(run)
        print(
            f"| {workers} | {run['places']:,} | {run['share']:.1%} | {run['refusals_a_row']:.3f} | {run['lost']} | "
            f"{run['least']:.2f} to {run['most']:.2f} |",
            flush=True,
        )
    if not options.no_plot:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "scale.json"
            data.write_text(json.dumps(runs), encoding="utf-8")
            plot = Path(__file__).with_name("plot.py")
            subprocess.run([create_plot_environment(), plot, data, ROOT / "docs" / "scale.png"], check=True)
    return int(any(run["lost"] for run in runs))


if __name__ == "__main__":
    sys.exit(main())
