"""What came of a bench, as it grows and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from qa.benchmarks.criteria import as_json, verdicts
from qa.benchmarks.figures import FIGURES, Rounds, spread


def _empty() -> Rounds:
    return defaultdict(lambda: defaultdict(list))


@dataclass
class Results:
    """The figures of all rounds so far, and what failed."""

    pinned: bool
    unit: str = "s"
    rounds: Rounds = field(default_factory=_empty)
    versions: dict[str, str | None] = field(default_factory=dict)
    errors: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def met(self, who: str, version: str | None, unit: str) -> None:
        """A contender's process said what it is."""
        self.versions[who] = version or self.versions.get(who)
        self.unit = unit

    def add(self, who: str, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.rounds[who][name].append(value)

    def failed(self, who: str, task: str, error: str) -> bool:
        """Note why a task gave nothing; whether that is news."""
        is_news = error not in self.errors[who].values()
        self.errors[who][task] = error
        return is_news

    def as_json(self, *, rounds: int, seconds: float, whole: bool) -> dict[str, Any]:
        """Everything, with the machine, the verdicts, and how it was measured."""
        figures = {
            name: {who: _summary(self.rounds[who][name]) for who in self.versions if self.rounds[who].get(name)}
            for name in FIGURES
        }
        return {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": {
                "cores": os.cpu_count(),
                "system": f"{platform.system()} {platform.machine()}",
                "python": platform.python_version(),
                "pinned": self.pinned,
            },
            "unit": self.unit,
            "rounds": rounds,
            "seconds": seconds,
            "whole": whole,
            "versions": self.versions,
            "figures": {name: found for name, found in figures.items() if found},
            "criteria": as_json(verdicts(self.rounds)),
            "errors": self.errors,
        }


def _summary(values: list[float]) -> dict[str, Any]:
    return {"median": median(values), "spread": spread(values), "rounds": values}


def read(path: Path) -> dict[str, Any]:
    """The results of an earlier bench."""
    return dict(json.loads(path.read_text(encoding="utf-8")))
