"""Rows with the same custom_id, found in bounded memory: 8 bytes a slot, 134 MB for 10 million rows. Pure."""

from __future__ import annotations

from array import array
from hashlib import blake2b

_START = 1 << 10
_FULL = 0.7


class DuplicateFinder:
    """A hash table of 64-bit fingerprints: in 10 million names, the chance of a false one is 1 in 370,000."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _START))
        self._count = 0

    def add(self, name: str) -> bool:
        """Add a name; whether it was added before."""
        mark = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1
        slot = _find_slot(self._slots, mark)
        if self._slots[slot]:
            return True
        self._slots[slot] = mark
        self._count += 1
        if self._count > _FULL * len(self._slots):
            self._grow()
        return False

    def _grow(self) -> None:
        slots = array("Q", bytes(16 * len(self._slots)))
        for mark in self._slots:
            if mark:
                slots[_find_slot(slots, mark)] = mark
        self._slots = slots


def _find_slot(slots: array[int], mark: int) -> int:
    """Return the slot of a mark, or the free one where it belongs."""
    mask = len(slots) - 1
    slot = mark & mask
    while slots[slot] not in (0, mark):
        slot = (slot + 1) & mask
    return slot
