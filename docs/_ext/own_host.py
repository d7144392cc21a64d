"""Fails the build if a page loads something from another host: the site works offline and does not track readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# What a browser loads without a click. Links (<a href>) may lead anywhere.
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?![^>]*\brel=["']?(?:canonical|author|license|next|prev|search|index))[^>]*?\bhref=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|url\(["']?((?:https?:)?//[^"')]+)|@import\s+["']((?:https?:)?//[^"']+)"""
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Check the site after the build."""
    app.connect("build-finished", lambda app, failure: None if failure else _check(Path(app.outdir)))
    return {"parallel_read_safe": True}


def find_external_loads(text: str) -> list[str]:
    """Return the URLs on other hosts that a browser loads for this page or style sheet."""
    return [next(filter(None, match)) for match in _LOADED.findall(text)]


def _check(root: Path) -> None:
    for path in sorted([*root.rglob("*.html"), *root.rglob("*.css")]):
        if urls := find_external_loads(path.read_text(encoding="utf-8")):
            raise ValueError(f"{path.relative_to(root)} loads {urls[0]}; copy it into docs/_static")
