"""The results of a bench, round by round and as JSON."""

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

from qa.benchmarks.criteria import check_criteria, verdicts_as_json
from qa.benchmarks.figures import FIGURES, Rounds, spread


def _create_rounds() -> Rounds:
    return defaultdict(lambda: defaultdict(list))


@dataclass
class Results:
    """The figures of all rounds so far, and the errors."""

    pinned: bool
    unit: str = "s"
    rounds: Rounds = field(default_factory=_create_rounds)
    versions: dict[str, str | None] = field(default_factory=dict)
    errors: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add_contender(self, name: str, version: str | None, unit: str) -> None:
        """Note the version of a contender, and the unit of its process."""
        self.versions[name] = version or self.versions.get(name)
        self.unit = unit

    def add_figures(self, contender: str, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.rounds[contender][name].append(value)

    def add_error(self, contender: str, task: str, error: str) -> bool:
        """Note why a task failed. Returns whether the contender has not had this error before."""
        is_new = error not in self.errors[contender].values()
        self.errors[contender][task] = error
        return is_new

    def as_json(self, *, rounds: int, seconds: float, complete: bool) -> dict[str, Any]:
        """All results, with the machine, the settings and the verdicts."""
        figures = {
            name: {
                contender: _summarize(self.rounds[contender][name])
                for contender in self.versions
                if self.rounds[contender].get(name)
            }
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
            "complete": complete,
            "versions": self.versions,
            "figures": {name: summaries for name, summaries in figures.items() if summaries},
            "criteria": verdicts_as_json(check_criteria(self.rounds)),
            "errors": self.errors,
        }


def _summarize(values: list[float]) -> dict[str, Any]:
    return {"median": median(values), "spread": spread(values), "rounds": values}


def read_results(path: Path) -> dict[str, Any]:
    """The results of an earlier bench."""
    return dict(json.loads(path.read_text(encoding="utf-8")))
