"""The Sphinx extensions of the site, which are no package of this repository."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "docs/_ext"


def load_extension(name: str) -> ModuleType:
    """Import a module of docs/_ext."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(name)
