"""docs/faults.md lists each fault once, as its test describes it."""

from collections import Counter

from tests.overlay.faults.__main__ import PAGE
from tests.overlay.faults.modules import load_all
from tests.overlay.faults.registry import FAULTS, render_page


def test_page_lists_all_faults():
    """Each fault has a row, and each row a test; `python -m tests.overlay.faults` writes the page."""
    load_all()
    assert PAGE.read_text(encoding="utf-8") == render_page()


def test_no_fault_is_listed_twice():
    """Each row describes another fault."""
    load_all()
    counts = Counter((fault.kind, fault.condition) for fault in FAULTS.values())
    assert [condition for condition, count in counts.items() if count > 1] == []
    assert len(counts) >= 150
