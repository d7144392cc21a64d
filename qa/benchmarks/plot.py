"""`python plot.py BENCH.json PLOT.png`: the costs as bars. It runs in an environment that has matplotlib."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

_PANELS = {
    "chat_sync": "chat, sync",
    "chat_async": "chat, async",
    "chat_64": "chat, 64 at once, each",
    "chunk_sync": "a chunk of a stream, sync",
    "chunk_async": "a chunk of a stream, async",
    "import_client": "import and a client",
}
_OWN_COLOR, _FLOOR_COLOR, _OTHER_COLOR = "#1f6feb", "#8c959f", "#c9d1d9"


def _color_of(contender: str) -> str:
    if contender == "polargrid" or contender.startswith("polargrid on"):
        return _OWN_COLOR
    return _FLOOR_COLOR if contender == "floor" else _OTHER_COLOR


def _draw_panel(axes: Any, title: str, summaries: dict[str, Any], scale: float, unit: str) -> None:
    ordered = sorted(summaries.items(), key=lambda item: -item[1]["median"])
    names = [contender for contender, _ in ordered]
    values = [summary["median"] * scale for _, summary in ordered]
    bars = axes.barh(names, values, color=[_color_of(contender) for contender in names])
    axes.bar_label(bars, labels=[f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in values], padding=3)
    axes.set_xscale("log")
    axes.margins(x=0.2)
    axes.set_title(f"{title} ({unit})", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    results = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    panels = {name: title for name, title in _PANELS.items() if name in results["figures"]}
    if not panels:
        return
    rows = (len(panels) + 1) // 2
    figure, grid = plt.subplots(rows, 2, figsize=(13, 1 + 3 * rows), squeeze=False)
    for axes in grid.flat[len(panels) :]:
        axes.remove()
    for axes, (name, title) in zip(grid.flat, panels.items(), strict=False):
        if name == "import_client":
            scale, unit = 1e3, "ms of CPU"
        elif results["unit"] == "instructions":
            scale, unit = 1e-3, "thousand instructions"
        else:
            scale, unit = 1e6, "µs of CPU"
        _draw_panel(axes, title, results["figures"][name], scale, unit)
    machine = results["machine"]
    run = f"{results['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}"
    figure.suptitle(f"Cost of the client, less is better, on a log scale ({run})", fontsize=12)
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
