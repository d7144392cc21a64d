"""Writes docs/faults.md."""

from pathlib import Path

from tests.overlay.faults.modules import load
from tests.overlay.faults.registry import page

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "faults.md"

if __name__ == "__main__":
    load()
    PAGE.write_text(page(), encoding="utf-8")
