"""Mistakes of an API document are found with line, column, operation and what to do; legal documents pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.lint import lint

FOLDER = Path(__file__).parent / "mistakes"
BASE = (FOLDER / "base.yaml").read_text(encoding="utf-8")
MARK = "▸"


def read_cases(*names: str) -> list[Any]:
    """Return the entries of data files as parameters."""
    return [
        pytest.param(entry, id=f"{name}: {case}")
        for name in names
        for case, entry in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).items()
    ]


def build_document(entry: dict[str, Any]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of a case, and the positions of the marks in it."""
    text = entry.get("document", BASE)
    for edit in (entry, entry.get("and", {})):
        if "replace" in edit:
            assert edit["replace"] in text
            text = text.replace(edit["replace"], edit["by"], 1)
    for place in [entry["at"]] if isinstance(entry.get("at"), str) else entry.get("at", []):
        assert place in text
        text = text.replace(place, MARK + place, 1)
    positions = []
    for number, line in enumerate(text.split("\n"), start=1):
        parts = line.split(MARK)
        positions += [(number, len("".join(parts[:index])) + 1) for index in range(1, len(parts))]
    return text.replace(MARK, ""), positions
