"""The rows that are done: a byte each, 10 MB for 10 million rows. Pure.

A bit a row would be enough to know what is done. The other seven hold a part of the row's checksum, by which an output
that belongs to another input, or an input that was changed, is told by its line before a request is sent.
"""

from __future__ import annotations

from typing import Literal

_MAX_ROWS = 1 << 34
_VALUES = 255  # a byte, without that of a row that is not done


class DoneRows:
    """The numbers of rows, from 1, with a part of their checksums."""

    def __init__(self) -> None:
        self._marks = bytearray()
        self.count = 0

    def add(self, number: int, checksum: int) -> bool:
        """Mark a row; False if it was marked. Raises ValueError for a number that no input has."""
        if not 0 < number < _MAX_ROWS:
            raise ValueError(f"no row has the number {number}")
        if number >= len(self._marks):
            self._marks.extend(bytes(max(number + 1 - len(self._marks), len(self._marks) // 8)))
        is_new = not self._marks[number]
        self._marks[number] = 1 + checksum % _VALUES
        self.count += is_new
        return is_new

    def find(self, number: int, checksum: int) -> Literal["new", "done", "changed"]:
        """Return whether a row is done; `changed` if it was another row that was."""
        mark = self._marks[number] if number < len(self._marks) else 0
        return "new" if not mark else "done" if mark == 1 + checksum % _VALUES else "changed"

    @property
    def last(self) -> int:
        """The largest number; 0 without rows."""
        return len(self._marks.rstrip(b"\0")) - 1 if self.count else 0
