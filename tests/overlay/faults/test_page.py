"""docs/faults.md tells each fault once, as its test does."""

from collections import Counter

from tests.overlay.faults.__main__ import PAGE
from tests.overlay.faults.modules import load
from tests.overlay.faults.registry import FAULTS, page


def test_the_page_tells_all_faults():
    """Each fault has a row, and each row a test; `python -m tests.overlay.faults` writes it anew."""
    load()
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_fault_is_another():
    """No fault is told twice, and there are enough of them."""
    load()
    told = Counter((fault.kind, fault.when) for fault in FAULTS.values())
    assert [when for when, count in told.items() if count > 1] == []
    assert len(told) >= 150
