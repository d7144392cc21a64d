"""Sorts the parts of an output, as a run with `ordered` that was continued leaves them: a merge of ascending runs.

The new parts are written into a folder of their own, whose name changes when they are complete; from then on they are
the output, and whatever ended this process, the next one finishes it.
"""

from __future__ import annotations

import heapq
import re
import shutil
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

from polargrid_batch.disk import sync_folder
from polargrid_batch.errors import BatchInputError
from polargrid_batch.ordering import MAX_RUNS, describe_disorder
from polargrid_batch.parts import find_next_number, iterate_part, list_parts, name_part, write_part
from polargrid_batch.table import build_schema, load_pyarrow

_DRAFT = "_sorting"
_SORTED = re.compile(r"_sorted-(\d{6,})")
_GROUP_ROWS, _GROUP_BYTES = 10_000, 8 * 1024 * 1024

Segment: TypeAlias = tuple[Path, int, int]
"""Rows of a part: from, to."""


def sort_parts(folder: Path, part_rows: int) -> None:
    """Sort the rows by their number. Raises BatchInputError if they were written in order of completion."""
    runs = _find_runs(folder)
    if len(runs) < 2:
        return
    if len(runs) > MAX_RUNS:
        raise BatchInputError(describe_disorder(folder))
    draft = folder / _DRAFT
    draft.mkdir()
    first = find_next_number(folder)
    rows = heapq.merge(*map(_read_run, runs), key=itemgetter("row"))
    number, row = first, next(rows, None)
    while row is not None:
        with write_part(name_part(draft, number)) as writer:
            row = _fill_part(writer, row, rows, part_rows)
        number += 1
    sync_folder(draft)
    draft.rename(folder / f"_sorted-{first:06}")
    sync_folder(folder)
    finish_sort(folder)


def finish_sort(folder: Path) -> None:
    """Replace the parts by those of a sort that was completed; remove those of one that was not."""
    shutil.rmtree(folder / _DRAFT, ignore_errors=True)
    for path in list(folder.iterdir()):
        match = _SORTED.fullmatch(path.name)
        if match is None:
            continue
        first = name_part(folder, int(match[1])).name
        for part in list_parts(folder):
            if part.name < first:
                part.unlink()
        for part in list(path.iterdir()):
            part.rename(folder / part.name)
        sync_folder(folder)
        path.rmdir()


def _fill_part(writer: Any, row: dict[str, Any], rows: Iterator[dict[str, Any]], part_rows: int) -> Any:
    """Write rows up to the end of a part; return the first row of the next part, or None."""
    arrow, schema = load_pyarrow("output"), build_schema()
    group: list[dict[str, Any]] = []
    size = count = 0
    following: dict[str, Any] | None = row
    while following is not None and count < part_rows:
        group.append(following)
        size += len(following["body"] or "") + len(following["data"] or b"")
        count += 1
        following = next(rows, None)
        if len(group) >= _GROUP_ROWS or size >= _GROUP_BYTES or count == part_rows or following is None:
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))
            group, size = [], 0
    return following


def _find_runs(folder: Path) -> list[list[Segment]]:
    """Return the ascending runs of all rows, in the order of the parts."""
    runs: list[list[Segment]] = []
    last = 0
    for path in list_parts(folder):
        start = index = 0
        for batch in iterate_part(path, ("row",)):
            for number in batch.column(0).to_pylist():
                if number < last:
                    _add_segment(runs, (path, start, index))
                    runs.append([])
                    start = index
                last, index = number, index + 1
        _add_segment(runs, (path, start, index))
    return runs


def _add_segment(runs: list[list[Segment]], segment: Segment) -> None:
    if not runs:
        runs.append([])
    if segment[1] < segment[2]:
        runs[-1].append(segment)


def _read_run(run: list[Segment]) -> Iterator[dict[str, Any]]:
    for path, start, stop in run:
        index = 0
        for batch in iterate_part(path):
            rows = batch.slice(max(0, start - index), max(0, min(stop, index + len(batch)) - max(start, index)))
            if index < stop and index + len(batch) > start:
                yield from rows.to_pylist()
            index += len(batch)
            if index >= stop:
                break
