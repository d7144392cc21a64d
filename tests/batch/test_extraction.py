"""Files of an output: a file for each row that has one, whatever the row is called."""

from __future__ import annotations

import json

import pytest

from polargrid_batch.extraction import extract_files, name_file
from polargrid_batch.parts import convert_journal, name_journal
from polargrid_batch.results import Failure, Result, encode_body


def build_line(number, custom_id, content, content_type="audio/mpeg"):
    return Result(number, number, custom_id, 200, None, encode_body(content, content_type), None, 1).to_line()


@pytest.mark.parametrize(
    ("custom_id", "content_type", "expected"),
    [
        ("a", "audio/mpeg", "a.mp3"),
        ("a.mp3", "audio/mpeg", "a.mp3"),
        ("../../etc/x", "audio/ogg", "%2E.%2F..%2Fetc%2Fx.ogg"),
        ("C:\\x", "audio/pcm", "C%3A%5Cx.pcm"),
        ("", "application/x-mine", "_.bin"),
        (".", "audio/wav", "%2E.wav"),
        ("é\0\n", "audio/flac", "%C3%A9%00%0A.flac"),
    ],
)
def test_a_name_is_no_path(custom_id, content_type, expected):
    assert name_file(custom_id, content_type) == expected
    assert len(name_file("x" * 500, content_type)) < 160


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_each_row_has_its_file(tmp_path, ending):
    """Rows of one name too, in the journal of a killed run too; a file that is there stays."""
    failed = Result(4, 4, "d", None, None, b"null", Failure("NetworkError", "no"), 1).to_line()
    text = Result(5, 5, "e", 200, None, b'{"content_type": 1}', None, 1).to_line()
    lines = [build_line(1, "a", b"one\xff"), build_line(2, "A", b"two\xff"), build_line(3, "c", b"\xff"), failed, text]
    output = tmp_path / f"out.{ending}"
    if ending == "jsonl":
        output.write_bytes(b"".join(lines))
    else:
        output.mkdir()
        name_journal(output, 1).write_bytes(b"".join(lines[:2]))
        convert_journal(name_journal(output, 1))
        name_journal(output, 2).write_bytes(b"".join(lines[2:]))
    folder = tmp_path / "new" / "files"
    counts = extract_files(output, folder)
    assert (counts.written, counts.kept, counts.others) == (3, 0, 2)
    contents = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert contents == {"a.mp3": b"one\xff", "A.row-2.mp3": b"two\xff", "c.mp3": b"\xff"}
    (folder / "c.mp3").unlink()
    counts = extract_files(output, folder)
    assert (counts.written, counts.kept) == (1, 2)
    assert json.dumps(sorted(contents)) == json.dumps(sorted(path.name for path in folder.iterdir()))
