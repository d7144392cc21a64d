"""Imports every module of faults, so that the registry is complete."""

from importlib import import_module
from pathlib import Path


def load_all() -> None:
    """Register all faults."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem not in ("test_page", "test_lines"):
            import_module(f"tests.overlay.faults.{path.stem}")
