"""The site loads nothing from another host: whoever reads it offline sees all of it, and nobody is told who reads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# What a browser fetches by itself. Links that a reader follows are <a href>, and may lead anywhere.
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?![^>]*\brel=["']?(?:canonical|author|license|next|prev|search|index))[^>]*?\bhref=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|url\(["']?((?:https?:)?//[^"')]+)|@import\s+["']((?:https?:)?//[^"']+)"""
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at what was built."""
    app.connect("build-finished", lambda app, failure: None if failure else _check(Path(app.outdir)))
    return {"parallel_read_safe": True}


def loaded_from_elsewhere(text: str) -> list[str]:
    """The addresses on other hosts that a browser would fetch for this page or style sheet."""
    return [next(filter(None, found)) for found in _LOADED.findall(text)]


def _check(root: Path) -> None:
    for path in sorted([*root.rglob("*.html"), *root.rglob("*.css")]):
        if foreign := loaded_from_elsewhere(path.read_text(encoding="utf-8")):
            raise ValueError(f"{path.relative_to(root)} loads {foreign[0]}: the site must load nothing from elsewhere")
