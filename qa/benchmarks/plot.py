"""`python plot.py BENCH.json PLOT.png`: the costs as bars. Runs in an environment that has matplotlib."""

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
    "chunk_sync": "one chunk of a stream, sync",
    "chunk_async": "one chunk of a stream, async",
    "import_client": "import, and a client",
}
_OURS, _FLOOR, _OTHER = "#1f6feb", "#8c959f", "#c9d1d9"


def _panel(axes: Any, title: str, found: dict[str, Any], scale: float, unit: str) -> None:
    ordered = sorted(found.items(), key=lambda item: -item[1]["median"])
    names = [who for who, _ in ordered]
    values = [summary["median"] * scale for _, summary in ordered]
    colours = [_OURS if who.startswith("polargrid") and who != "polargrid-sdk" else _OTHER for who in names]
    colours = [_FLOOR if who == "floor" else colour for who, colour in zip(names, colours, strict=True)]
    bars = axes.barh(names, values, color=colours)
    axes.bar_label(bars, labels=[f"{value:,.0f}" if value >= 10 else f"{value:.1f}" for value in values], padding=3)
    axes.set_xscale("log")
    axes.margins(x=0.2)
    axes.set_title(f"{title} ({unit})", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    shown = {name: title for name, title in _PANELS.items() if name in told["figures"]}
    if not shown:
        return
    figure, grid = plt.subplots((len(shown) + 1) // 2, 2, figsize=(13, 1 + 3 * ((len(shown) + 1) // 2)), squeeze=False)
    for axes in grid.flat[len(shown) :]:
        axes.remove()
    for axes, (name, title) in zip(grid.flat, shown.items(), strict=False):
        counts = told["unit"] == "instructions" and name != "import_client"
        milli = name == "import_client"
        unit = "thousand instructions" if counts else "ms of CPU" if milli else "µs of CPU"
        _panel(axes, title, told["figures"][name], 1e-3 if counts else 1e3 if milli else 1e6, unit)
    machine = told["machine"]
    where = f"{told['date']}, {machine['system']}, {machine['cores']} cores, Python {machine['python']}"
    figure.suptitle(f"What the client costs, less is better, on a log scale ({where})", fontsize=12)
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
