"""What the pages of the site document by its name exists; `make docs` needs an environment of its own to say so."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = [page for folder in ("guide", "reference") for page in sorted((DOCS / folder).rglob("*.md"))]
NAMES = {
    name
    for page in PAGES
    for name in re.findall(r"^\s*\.\. auto\w+:: (\S+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if "." in name
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_name_of_a_page_exists(name):
    """A class, a function or a module."""
    assert pkgutil.resolve_name(name) is not None


def test_pages_document_names():
    """The pattern finds them."""
    assert len(NAMES) > 30
