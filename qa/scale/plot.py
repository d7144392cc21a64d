"""`python plot.py SCALE.json SCALE.png`: rows in flight over time. It runs in an environment that has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt


def main() -> None:
    runs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    figure, axes = plt.subplots(figsize=(9, 4.5))
    for run in runs:
        times, counts = zip(*run["in_flight"], strict=True)
        axes.plot(times, counts, label=f"{run['workers']} workers, {run['share']:.1%} of the ideal", linewidth=1.2)
    axes.axhline(runs[0]["places"], color="#8c959f", linestyle="--", linewidth=1, label="places of the region")
    axes.set_xlabel("seconds (simulated)")
    axes.set_ylabel("requests in flight, all workers")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
