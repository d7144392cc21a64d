"""Results in the order of the input."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path

from polargrid_batch.disk import replace_file
from polargrid_batch.errors import BatchInputError
from polargrid_batch.results import Result, read_head

MAX_RUNS = 64


class ReorderBuffer:
    """Holds results until those before them are there. Pure; the caller bounds how many rows are under way."""

    def __init__(self) -> None:
        self._numbers: list[int] = []  # a heap of the rows that started
        self._results: dict[int, Result] = {}

    def start(self, number: int) -> None:
        """Note a row whose result will come."""
        heapq.heappush(self._numbers, number)

    def finish(self, result: Result) -> Iterator[Result]:
        """Take a result; yield those that are next."""
        self._results[result.number] = result
        while self._numbers and self._numbers[0] in self._results:
            yield self._results.pop(heapq.heappop(self._numbers))

    def drain(self) -> Iterator[Result]:
        """Yield what is held, in order, at the end of a run that was stopped: rows between them have no result."""
        for number in sorted(self._results):
            yield self._results.pop(number)

    @property
    def held(self) -> int:
        """Results that wait for one before them."""
        return len(self._results)

    def __len__(self) -> int:
        return len(self._numbers)


def sort_output(path: Path) -> None:
    """Merge the ascending runs of an output file, as a run with `ordered` that was continued leaves them.

    Raises BatchInputError if there are too many: then the file was written in order of completion.
    """
    starts = _find_runs(path)
    if len(starts) < 2:
        return
    if len(starts) > MAX_RUNS:
        raise BatchInputError(describe_disorder(path))
    ends = [*starts[1:], path.stat().st_size]
    parts = [_read_part(path, start, end) for start, end in zip(starts, ends, strict=True)]
    with replace_file(path) as target:
        for _, line in heapq.merge(*parts):
            target.write(line)


def describe_disorder(path: Path) -> str:
    """The message for a file with too many runs."""
    return f"{path}: was written in order of completion; name another output file for an ordered run"


def _find_runs(path: Path) -> list[int]:
    """Return the offsets at which a row has a smaller number than the one before it, and the first one."""
    starts: list[int] = []
    offset = last = 0
    with path.open("rb") as file:
        for line in file:
            head = read_head(line)
            number = head.number if head else last
            if number < last or not starts:
                starts.append(offset)
            last, offset = number, offset + len(line)
    return starts


def _read_part(path: Path, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end:
            line = file.readline()
            start += len(line)
            head = read_head(line)
            if head is not None:
                yield head.number, line
