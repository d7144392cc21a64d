"""The hand-written part of the SDK stays small: what grows belongs into openapi.yaml and the generator."""

from __future__ import annotations

from pathlib import Path

import polargrid


def test_the_overlay_stays_small():
    """Under 2,000 lines that are not blank, without the command and the transport."""
    files = Path(polargrid.__file__).parent.glob("*.py")
    lines = sum(1 for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    assert lines < 2000
