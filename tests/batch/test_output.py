"""The output file: what a run reads of it, whatever the last one left."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from polargrid_batch import output
from polargrid_batch.errors import BatchInputError
from polargrid_batch.index import DoneRows
from polargrid_batch.ordering import ReorderBuffer, sort_output
from polargrid_batch.output import OutputFile, drop_failed, scan_output
from polargrid_batch.outputs import open_output
from polargrid_batch.results import Failure, Result, encode_body, read_head
from polargrid_batch.status import read_status


def result(number, failure=None, content=b'{"usage":{"prompt_tokens":3,"completion_tokens":2}}'):
    status = None if failure else 200
    return Result(number, number * 7, f"id-{number}", status, "r", content, failure, 1)


FAILURE = Failure("NetworkError", "no \u2028 route", attempts=3)
LINES = [result(1).to_line(), result(3, FAILURE).to_line(), result(2).to_line()]


def test_a_line_is_that_of_openai():
    line = json.loads(LINES[0])
    assert line == {
        "id": "row-1-00000007",
        "custom_id": "id-1",
        "response": {
            "status_code": 200,
            "request_id": "r",
            "body": {"usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        },
        "error": None,
    }
    error = json.loads(LINES[1])
    assert error["response"] is None
    assert error["error"] == {
        "code": "NetworkError",
        "message": "no \u2028 route",
        "class": "NetworkError",
        "attempts": 3,
    }
    assert all(line.count(b"\n") == 1 and line.isascii() for line in LINES)


def test_a_line_says_its_row():
    assert read_head(LINES[0]) == (1, 7, True)
    assert read_head(LINES[1]) == (3, 21, False)


def test_a_tail_that_is_torn_at_any_byte_is_cut(tmp_path):
    """Of the last line: what is before it stays."""
    path = tmp_path / "out.jsonl"
    whole = b"".join(LINES[:2])
    for size in range(len(LINES[2])):
        path.write_bytes(whole + LINES[2][:size])
        scan = scan_output(path)
        assert (scan.done.count, scan.size, scan.torn) == (2, len(whole), size)
        assert (scan.succeeded, scan.failed) == (1, 1)
    path.write_bytes(b"".join(LINES))
    assert scan_output(path).done.count == 3


def test_zeros_of_a_power_failure_are_cut(tmp_path):
    path = tmp_path / "out.jsonl"
    for tail in (bytes(100), LINES[2][:30] + bytes(5000), bytes(10) + b"\n" + bytes(5)):
        path.write_bytes(LINES[0] + tail)
        assert (scan_output(path).size, scan_output(path).torn) == (len(LINES[0]), len(tail))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a":1}\n', "line 1 is no result of a batch run"),
        (LINES[0] + b"\n" + LINES[1], "line 2 is no result"),
        (LINES[0] + LINES[1][:20] + b"\n" + LINES[2], "line 2 is no result"),
        (LINES[0] + bytes(20) + b"\n" + LINES[2], "line 2 is no result"),
        (LINES[0] + LINES[0], "line 2: row 1 is in the output twice"),
        (b'{"id":"row-999999999999-00000000","error":null}\n', "line 1: no row has the number"),
    ],
)
def test_a_file_that_is_no_output_is_left_alone(data, message, tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(data)
    with pytest.raises(BatchInputError, match=message):
        scan_output(path)
    assert path.read_bytes() == data


def test_failed_rows_are_dropped(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"".join(LINES) + b'{"id":')
    assert drop_failed(path) == 1
    assert path.read_bytes() == LINES[0] + LINES[2]
    assert list(tmp_path.iterdir()) == [path]


def test_an_output_has_one_run_at_a_time(tmp_path):
    first = OutputFile(tmp_path / "out.jsonl")
    with pytest.raises(BatchInputError, match="another run writes to it"):
        OutputFile(tmp_path / "out.jsonl")
    first.close()
    OutputFile(tmp_path / "out.jsonl").close()


@pytest.mark.parametrize("name", ["pipe.jsonl", "pipe.parquet"])
def test_a_pipe_is_no_output(tmp_path, name):
    """A run would read it for ever."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(BatchInputError, match=r"is a pipe or a device.*name a file"):
        open_output(tmp_path / name)


def test_a_device_is_no_output():
    with pytest.raises(BatchInputError, match="/dev/full: is a pipe or a device"):
        open_output(Path("/dev/full"))


@pytest.mark.parametrize("change", ["drop_failed", "sort_output"])
def test_a_file_that_is_replaced_is_locked_until_it_is(tmp_path, monkeypatch, change):
    """Another run would write to the file that nobody reads any more."""
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"".join(LINES))
    replace = getattr(output, change)
    refused = []

    def try_to_open(path):
        with pytest.raises(BatchInputError, match="another run writes to it"):
            OutputFile(path)
        refused.append(path)
        return replace(path)

    monkeypatch.setattr(output, change, try_to_open)
    file = OutputFile(path)
    file.drop_failed() if change == "drop_failed" else file.finish(ordered=True)
    file.close()
    assert refused == [path]
    OutputFile(path).close()


def test_a_file_that_was_replaced_before_it_was_locked_is_opened_again(tmp_path, monkeypatch):
    path = tmp_path / "out.jsonl"
    path.write_bytes(LINES[0])
    lock = output.lock

    def replace_once(file, path):
        monkeypatch.setattr(output, "lock", lock)
        drop_failed(path)
        lock(file, path)

    monkeypatch.setattr(output, "lock", replace_once)
    file = OutputFile(path)
    file.start(file.scan())
    file.write([LINES[2]])
    file.close()
    assert path.read_bytes() == LINES[0] + LINES[2]


def test_the_status_counts(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"".join(LINES) + b"{")
    status = read_status(path)
    assert (status.rows, status.succeeded, dict(status.failures)) == (3, 2, {"NetworkError": 1})
    assert (status.input_tokens, status.output_tokens, status.last_line, status.torn_bytes) == (6, 4, 3, 1)


def test_done_rows_know_changed_ones():
    done = DoneRows()
    assert done.add(5, 1000)
    assert not done.add(5, 1000)
    assert [done.find(4, 0), done.find(5, 1000), done.find(5, 1001), done.find(900, 0)] == [
        "new",
        "done",
        "changed",
        "new",
    ]
    assert (done.count, done.last) == (1, 5)


def test_results_wait_for_those_before_them():
    buffer = ReorderBuffer()
    for number in (1, 3, 4, 6):
        buffer.start(number)
    order = [[item.number for item in buffer.finish(result(number))] for number in (3, 1, 6)]
    assert order == [[], [1, 3], []]
    assert (len(buffer), buffer.held) == (2, 1)
    assert [item.number for item in buffer.drain()] == [6]


def test_ascending_parts_are_merged(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"".join(result(number).to_line() for number in (1, 4, 6, 2, 5, 3)))
    sort_output(path)
    assert [read_head(line)[0] for line in path.read_bytes().splitlines(keepends=True)] == [1, 2, 3, 4, 5, 6]


def test_a_file_in_order_of_completion_is_not_sorted(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_bytes(b"".join(result(number).to_line() for number in range(100, 0, -1)))
    with pytest.raises(BatchInputError, match="in order of completion"):
        sort_output(path)


@pytest.mark.parametrize(
    ("content", "media_type", "expected"),
    [
        (b'{"a":\r\n 1}', "application/json", {"a": 1}),
        ("é\n".encode(), "text/plain; charset=utf-8", "é\n"),
        (b"\xff\x00", "audio/mpeg", {"content_type": "audio/mpeg", "base64": "/wA="}),
        (b"", "", None),
    ],
)
def test_a_body_is_json_on_one_line(content, media_type, expected):
    encoded = encode_body(content, media_type)
    assert b"\n" not in encoded
    assert json.loads(encoded) == expected
