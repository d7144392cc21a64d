"""The parts of a file that workers of a cluster read, and what they return; without Ray."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import attrs
import pyarrow as pa
import pytest
from click.testing import CliRunner

from polargrid_batch import BatchInputError, Rows, spans
from polargrid_batch.index import DoneRows
from polargrid_batch.lines import read_lines
from polargrid_batch.output import OutputScan, iterate_output
from polargrid_batch.ray_worker import SpanRows, add_counts
from polargrid_batch.rows import parse_row
from polargrid_batch.sources import RowFormat
from polargrid_batch.spans import read_span, read_stamp, scan_spans
from polargrid_batch.summary import Summary
from polargrid_cli.commands import polargrid
from tests.batch.server import chat_row, error_answer, write_rows

CHATS = RowFormat("chat_completion", "{text}", fields={"model": "m"})


def scan(path, done=None, row_format=None):
    return scan_spans(path, row_format or RowFormat(), done or DoneRows(), lambda number: f"line {number} changed")


def read_all(path, found, row_format=None):
    return [row for span in found.spans for row in read_span(path, span, row_format or RowFormat())]


def write_strange_lines(path: Path, count: int) -> Path:
    """With a BOM, line ends of Windows, blank lines, a line that is no JSON, and no end of the last one."""
    lines = [json.dumps(chat_row(str(number))).encode() for number in range(count)]
    lines[count // 2] = b"{"
    lines[count // 3] += b"\r\n\n  \n"
    path.write_bytes(b"\xef\xbb\xbf\n" + b"\n".join(lines) + b"\n\n" + json.dumps(chat_row("last")).encode())
    return path


def test_spans_have_each_row_of_a_file_once_with_its_number_and_checksum(tmp_path, monkeypatch):
    """As the file has them when it is read at once; also if spans are joined."""
    path = write_strange_lines(tmp_path / "in.jsonl", 500)
    with path.open("rb") as file:
        expected = [parse_row(line, tmp_path) for line in read_lines(file)]
    found = scan(path)
    assert len(found.spans) == 8
    assert read_all(path, found) == expected
    monkeypatch.setattr(spans, "MOST_SPANS", 3)
    found = scan(path)
    assert (len(found.spans), found.rows) == (2, 501)
    assert read_all(path, found) == expected


@pytest.mark.parametrize("row_format", [RowFormat(), CHATS], ids=["lines", "prompts"])
def test_rows_with_a_result_are_in_no_span(tmp_path, row_format):
    records = [
        chat_row(str(number)) if row_format.operation is None else {"text": str(number)} for number in range(300)
    ]
    path = write_rows(tmp_path / "in.jsonl", records)
    rows = read_all(path, scan(path, row_format=row_format), row_format)
    done = DoneRows()
    for row in rows[:100] + rows[200:210]:
        done.add(row.number, row.checksum)
    found = scan(path, done, row_format)
    assert read_all(path, found, row_format) == rows[100:200] + rows[210:]
    assert found.rows == 190
    done.add(150, rows[149].checksum + 1)
    with pytest.raises(BatchInputError, match="line 150 changed"):
        scan(path, done, row_format)


def test_an_output_with_more_rows_than_the_input_belongs_to_another(tmp_path):
    path = write_rows(tmp_path / "in.jsonl", [chat_row("a")])
    done = DoneRows()
    done.add(2, 0)
    with pytest.raises(BatchInputError, match="line 2 changed"):
        scan(path, done)


@pytest.fixture
def create(serve, monkeypatch, tmp_path):
    """Create an actor for a server and an input, as Ray does."""
    monkeypatch.setenv("POLARGRID_API_KEY", "k")
    made = []

    def start(path, script=None):
        _, url = serve(script)
        made.append(Rows(client={"base_url": url}))
        return SpanRows(str(path), read_stamp(path), RowFormat(), made[-1], 1 << 20)

    yield start
    for rows in made:
        rows.close()


def to_batch(found):
    return pa.Table.from_pylist([attrs.asdict(span) for span in found.spans])


def test_an_actor_returns_the_lines_of_an_output_and_counts_that_add_up(create, tmp_path):
    path = write_strange_lines(tmp_path / "in.jsonl", 200)
    found = scan(path)
    summary, output = Summary(left=found.rows), tmp_path / "out.jsonl"
    table = create(path, lambda prompt, _n: error_answer(404) if prompt == "7" else None)(to_batch(found))
    assert table["first"].to_pylist() == [span.first for span in found.spans]
    output.write_bytes(b"".join(line for lines in table["lines"].to_pylist() for line in lines))
    for text in table["counts"].to_pylist():
        add_counts(summary, json.loads(text))
    kept = OutputScan()
    numbers = [head.number for head, _ in iterate_output(output, kept)]
    assert numbers == sorted(row.number for row in read_all(path, found))
    assert (kept.succeeded, kept.failed) == (summary.succeeded, summary.failed) == (199, 2)
    assert (summary.left, summary.requests, summary.failures) == (0, 200, {"NotFoundError": 1, "InvalidRow": 1})
    assert summary.models["m"].rows == 199


def test_an_actor_that_cannot_go_on_returns_why(create, tmp_path):
    path = write_rows(tmp_path / "in.jsonl", [chat_row(str(number)) for number in range(3)])
    actor = create(path, lambda _prompt, _n: error_answer(401))
    (counts,) = actor(to_batch(scan(path)))["counts"].to_pylist()
    assert json.loads(counts)["stopped"]["class"] == "AuthenticationError"
    with path.open("a") as file:
        file.write("\n")
    (counts,) = actor(to_batch(scan(path)))["counts"].to_pylist()
    assert "was changed during the run" in json.loads(counts)["stopped"]["message"]
    path.unlink()
    (counts,) = actor(pa.table({"offset": [0], "first": [1], "size": [9], "rows": [1], "done": [[]]}))[
        "counts"
    ].to_pylist()
    assert "name a file that all machines of the cluster have" in json.loads(counts)["stopped"]["message"]


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("in.jsonl", ["--on", "ray"], "cannot run on Ray: .*; install polargrid\\[ray\\], on each machine"),
        ("in.jsonl", ["--on", "ray", "--api-key", "secret-key"], "set POLARGRID_API_KEY in the environment"),
        ("in.jsonl", ["--workers", "2"], "--address and --workers are for runs with --on ray"),
        ("in.jsonl.gz", ["--on", "ray"], "decompress or convert it"),
        ("in.csv", ["--on", "ray", "--operation", "create_embedding"], "decompress or convert it"),
    ],
)
def test_what_cannot_run_on_ray_is_told_before_anything_is_sent(tmp_path, monkeypatch, name, words, message):
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed
    source = write_rows(tmp_path / name, [chat_row("a")])
    command = ["batch", "run", str(source), "-o", str(tmp_path / "out.jsonl"), "--base-url", "http://127.0.0.1:9"]
    result = CliRunner().invoke(polargrid, [*command, *words])
    assert re.search(message, f"{result.output}{result.exception}")
    assert not (tmp_path / "out.jsonl").exists()
