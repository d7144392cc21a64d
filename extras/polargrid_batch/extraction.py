"""Files of an output: audio and other bytes, each in a file that is called as its row."""

from __future__ import annotations

import mimetypes
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import attrs
from pydantic_core import from_json

from polargrid_batch.disk import replace_file
from polargrid_batch.duplicates import DuplicateFinder
from polargrid_batch.output import OutputScan, iterate_output
from polargrid_batch.outputs import check_output, is_parquet
from polargrid_batch.parts import iterate_part, list_journals, list_parts, name_part, read_number
from polargrid_batch.table import is_binary, parse_head, split_line

#: Those that `mimetypes` does not know, or knows by another name, on each system.
_ENDINGS = {
    "audio/mpeg": ".mp3", "audio/opus": ".opus", "audio/ogg": ".ogg", "audio/aac": ".aac", "audio/flac": ".flac",
    "audio/wav": ".wav", "audio/x-wav": ".wav", "audio/pcm": ".pcm",
}  # fmt: skip
_MAX_NAME = 150
_COLUMNS = ("id", "custom_id", "content_type", "data")


class FileContent(NamedTuple):
    """The file of a row."""

    number: int
    custom_id: str
    content_type: str
    data: bytes


@attrs.define
class ExtractionCounts:
    """What an extraction did."""

    written: int = 0
    kept: int = 0
    """Files that were there."""
    others: int = 0
    """Rows whose result is no file."""


def extract_files(path: Path, folder: Path) -> ExtractionCounts:
    """Write the files of an output into a folder. Raises OSError, BatchInputError for a file that is no output."""
    check_output(path)
    counts = ExtractionCounts()
    folder.mkdir(parents=True, exist_ok=True)
    names = DuplicateFinder()
    for item in iterate_files(path):
        if item is None:
            counts.others += 1
            continue
        name = name_file(item.custom_id, item.content_type)
        if names.add(name.lower()):  # one file on some systems
            name = name_file(f"{item.custom_id}.row-{item.number}", item.content_type)
        target = folder / name
        if target.exists():
            counts.kept += 1
            continue
        with replace_file(target) as file:
            file.write(item.data)
        counts.written += 1
    return counts


def iterate_files(path: Path) -> Iterator[FileContent | None]:
    """Yield the file of each row; None for one without. A run may write to the output: its journals become parts."""
    if not is_parquet(path):
        yield from _iterate_lines(path)
        return
    journals, parts = list_journals(path), list_parts(path)
    for part in parts:
        yield from _iterate_part(part)
    for journal in journals:
        part = name_part(path, read_number(journal))
        if part in parts:
            continue
        try:
            yield from _iterate_lines(journal)
        except FileNotFoundError:  # it was opened too late
            yield from _iterate_part(part)


def _iterate_lines(path: Path) -> Iterator[FileContent | None]:
    for head, line in iterate_output(path, OutputScan()):
        yield _read_file(head.number, line)


def _iterate_part(path: Path) -> Iterator[FileContent | None]:
    for batch in iterate_part(path, _COLUMNS):
        for record in batch.to_pylist():
            head = parse_head(record["id"], is_success=True)
            number = head.number if head else 0
            content = (number, record["custom_id"], record["content_type"] or "", record["data"])
            yield FileContent(*content) if record["data"] is not None else None


def _read_file(number: int, line: bytes) -> FileContent | None:
    head, content, _ = split_line(line)
    body: Any = from_json(content) if content.startswith(b'{"content_type"') else None
    if not is_binary(body):
        return None
    return FileContent(number, head["custom_id"], body["content_type"], b64decode(body["base64"]))


def name_file(custom_id: str, content_type: str) -> str:
    """Return the name of a file: that of the row, with what no path may have as %2F, and an ending."""
    name = quote(custom_id, safe=" ()+,=@!")
    name = f"%2E{name[1:]}" if name.startswith(".") else name or "_"
    ending = _ENDINGS.get(content_type) or mimetypes.guess_extension(content_type) or ".bin"
    return name[:_MAX_NAME] + ("" if name.lower().endswith(ending) else ending)
