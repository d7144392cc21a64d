"""Writes docs/faults.md."""

from pathlib import Path

from tests.overlay.faults.modules import load_all
from tests.overlay.faults.registry import render_page

PAGE = Path(__file__).parent.parent.parent.parent / "docs" / "faults.md"

if __name__ == "__main__":
    load_all()
    PAGE.write_text(render_page(), encoding="utf-8")
