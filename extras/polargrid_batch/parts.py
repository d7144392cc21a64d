"""The files of a Parquet output: parts that are whole, and journals, the lines of a part that is not written yet.

A Parquet file cannot be appended to, so an output is a folder of them, as those of Spark, Dask and Ray are. Names that
begin with `_` are none of its data: readers of such folders pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from polargrid_batch.disk import replace_file
from polargrid_batch.errors import BatchInputError
from polargrid_batch.output import OutputScan, iterate_output
from polargrid_batch.table import COLUMNS, build_schema, build_table, load_pyarrow, parse_head

ENDING = ".parquet"
_NAME = re.compile(r"_?part-(\d{6,})\.(?:parquet|jsonl)")
_GROUP_ROWS, _GROUP_BYTES = 10_000, 8 * 1024 * 1024
_READ_ROWS = 1024
_LINES, _LINES_BYTES = 500, 1024 * 1024


def name_part(folder: Path, number: int) -> Path:
    """Return the path of a part."""
    return folder / f"part-{number:06}{ENDING}"


def name_journal(folder: Path, number: int) -> Path:
    """Return the path of the journal of a part."""
    return folder / f"_part-{number:06}.jsonl"


def list_parts(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder, in order; those of any other program that writes the columns, too."""
    return sorted(path for path in folder.glob(f"*{ENDING}") if not path.name.startswith(("_", ".")))


def list_journals(folder: Path) -> list[Path]:
    """Return the journals whose parts are not written, in order."""
    paths = sorted(path for path in folder.glob("_part-*.jsonl") if _NAME.fullmatch(path.name))
    return [path for path in paths if not name_part(folder, read_number(path)).exists()]


def read_number(path: Path) -> int:
    """Return the number of a part or a journal; 0 for another file."""
    match = _NAME.fullmatch(path.name)
    return int(match[1]) if match else 0


def find_next_number(folder: Path) -> int:
    """Return the number of the next part."""
    return max((read_number(path) for path in folder.iterdir()), default=0) + 1


def scan_parts(folder: Path) -> OutputScan:
    """Read the rows of an output, parts and journals. Raises BatchInputError for a file that is none of a run."""
    scan = OutputScan()
    for path in list_parts(folder):
        for batch in iterate_part(path, ("id", "error_class")):
            for row_id, kind in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                head = parse_head(row_id or "", is_success=kind is None)
                if head is None:
                    raise BatchInputError(_foreign(path, f"{row_id!r} is no id of a row"))
                try:
                    scan.add(head)
                except ValueError as error:
                    raise BatchInputError(f"{path}: {error}") from error
    for path in list_journals(folder):
        for _ in iterate_output(path, scan):
            pass
    return scan


def iterate_part(path: Path, columns: Iterable[str] = tuple(COLUMNS)) -> Iterator[Any]:
    """Yield a part as batches of pyarrow with these columns. Raises BatchInputError, with the file."""
    arrow, parquet = load_pyarrow(path), load_pyarrow(path, "pyarrow.parquet")
    names = list(columns)
    try:
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            missing = [name for name in names if name not in file.schema_arrow.names]
            if missing:
                raise BatchInputError(_foreign(path, f"it has no column {missing[0]!r}"))
            for batch in file.iter_batches(batch_size=_READ_ROWS, columns=names):
                yield batch.select(names)
    except (arrow.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        hint = "restore it, or remove it and its rows are sent again"
        raise BatchInputError(f"{path}: cannot read it: {error}; {hint}") from error


@contextmanager
def write_part(path: Path) -> Iterator[Any]:
    """Write a part with the writer that is yielded; it has its name when it is complete and on the disk."""
    parquet = load_pyarrow(path, "pyarrow.parquet")
    with (
        replace_file(path, path.with_name(f"_{path.name}.new")) as file,
        parquet.ParquetWriter(file, build_schema(), compression="zstd") as writer,
    ):
        yield writer


def convert_journal(journal: Path) -> None:
    """Write the part of a journal, and remove the journal; half a line at its end is left out."""
    part = name_part(journal.parent, read_number(journal))
    with write_part(part) as writer:
        for table in _build_groups(line for _, line in iterate_output(journal, OutputScan())):
            writer.write_table(table)
    journal.unlink()


def _build_groups(lines: Iterable[bytes]) -> Iterator[Any]:
    """Yield tables, each for a row group; lines are converted a few at a time, as their objects are large."""
    arrow = load_pyarrow("output")
    tables: list[Any] = []
    rows = size = 0
    for group in _group_lines(lines):
        tables.append(build_table(group))
        rows, size = rows + len(group), size + tables[-1].nbytes
        if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield arrow.concat_tables(tables)
            tables, rows, size = [], 0, 0
    if tables:
        yield arrow.concat_tables(tables)


def _group_lines(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for line in lines:
        group.append(line)
        size += len(line)
        if len(group) >= _LINES or size >= _LINES_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def drop_failed_rows(folder: Path) -> None:
    """Write the parts that have failed rows again, without them; each is replaced at once."""
    compute = load_pyarrow(folder, "pyarrow.compute")
    for path in list_parts(folder):
        failed = succeeded = 0
        for batch in iterate_part(path, ("error_class",)):
            nulls = batch.column(0).null_count
            failed, succeeded = failed + len(batch) - nulls, succeeded + nulls
        if not failed:
            continue
        if not succeeded:
            path.unlink()
            continue
        with write_part(path) as writer:
            for batch in iterate_part(path):
                writer.write_batch(batch.filter(compute.is_null(batch.column("error_class"))))


def _foreign(path: Path, reason: str) -> str:
    return f"{path} is no result of a batch run: {reason}; name another output folder, or remove the file"
