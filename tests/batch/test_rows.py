"""Rows: what a line says, and what is wrong with it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from polargrid_batch.check import check_file, find_problem
from polargrid_batch.duplicates import DuplicateFinder
from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import Line, read_lines
from polargrid_batch.operations import describe_url, find_operation, list_operations
from polargrid_batch.rows import InvalidRow, Row, encode_record, parse_row
from polargrid_batch.sources import RowFormat, read_input
from polargrid_batch.templates import PromptTemplate
from polargrid_testing.samples import load_samples
from tests.batch.server import chat_row, write_rows

OPERATIONS = {operation.name: operation for operation in list_operations()}
SAMPLES = [sample for sample in load_samples() if sample.name in OPERATIONS]


def parse(record, folder):
    return parse_row(Line(7, json.dumps(record).encode()), folder)


def test_every_json_operation_is_for_rows():
    """And every form, but streams and operations without a body are not."""
    assert {"chat_completion", "create_embedding", "text_to_speech", "transcribe"} <= OPERATIONS.keys()
    assert not OPERATIONS.keys() & {"stream_completion", "list_models", "stream_transcription"}


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_examples_of_the_document_are_valid_rows(sample, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    body = {**(sample.request or {}), **dict.fromkeys(sample.files, "a.wav")}
    row = parse({"custom_id": "a", "url": describe_url(OPERATIONS[sample.name]), "body": body}, tmp_path)
    assert isinstance(row, Row)
    assert row.operation is OPERATIONS[sample.name]
    assert find_problem(row) is None


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ([], "expected an object with custom_id, method, url and body, not []"),
        ({**chat_row("a"), "custom_id": 3}, "custom_id: expected text, not 3"),
        ({**chat_row("a"), "method": "GET"}, "method: unknown 'GET'; expected 'POST' for /v1/chat/completions"),
        ({**chat_row("a"), "url": "/v1/chat"}, "url: unknown '/v1/chat'; expected one of: /v1/chat/completions"),
        ({**chat_row("a"), "body": "x"}, "body: expected an object, not 'x'"),
        ({**chat_row("a"), "bodi": {}}, "unknown field 'bodi'; expected custom_id, method, url, body"),
        ({"custom_id": "a", "body": {}}, "url: missing; a row names its operation, like /v1/chat/completions"),
        ({"url": "/v1/audio/transcriptions", "body": {}}, "file: missing; expected the path of a file"),
        (chat_row("a", temperature="hot"), "temperature: Input should be a valid number"),
        (chat_row("a", stream=True), "stream: a result is one response; remove the field"),
        ({"url": "/v1/audio/transcriptions", "body": {"file": "no.wav", "model": "m"}}, "no.wav"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(record, message, tmp_path):
    finding = find_problem(parse(record, tmp_path))
    assert finding is not None
    assert finding.line == 7
    assert message in finding.message


def test_broken_json_is_no_row(tmp_path):
    row = parse_row(Line(3, b'{"custom_id": '), tmp_path)
    assert isinstance(row, InvalidRow)
    assert row.message.startswith("invalid JSON: ")


def test_a_url_may_have_a_query():
    assert find_operation("POST", "/v1/audio/transcriptions?sync=false").name == "create_transcription_job"
    assert find_operation("POST", "/v1/audio/transcriptions").name == "transcribe"


def test_lines_are_numbered_as_in_the_file():
    """Blank lines count, a byte order mark does not."""
    lines = list(read_lines(io.BytesIO(b"\xef\xbb\xbf{}\n\n  \n{ }\r\n[]")))
    assert [(line.number, line.data) for line in lines] == [(1, b"{}"), (4, b"{ }"), (5, b"[]")]


def test_a_line_that_is_too_long_is_told_and_skipped():
    lines = list(read_lines(io.BytesIO(b"{}\n" + b"x" * 50 + b"\n{}\n"), max_bytes=10))
    assert [line.number for line in lines] == [1, 2, 3]
    assert lines[1].problem == "the row has 51 bytes; split it, or raise max_row_bytes (10)"
    assert not lines[1].data


def test_a_row_of_50_mb_is_read(tmp_path):
    size = 50 * 1024 * 1024
    (line,) = read_lines(io.BytesIO(json.dumps(chat_row("x" * size)).encode()))
    assert isinstance(parse_row(line, tmp_path), Row)


def test_a_table_with_a_prompt(tmp_path):
    """A cell may have line breaks: a row has the number of its first line."""
    path = tmp_path / "in.csv"
    path.write_text('custom_id,text\na,"one\ntwo"\n,three\n', encoding="utf-8")
    row_format = RowFormat("chat_completion", "Say: {text}", "Be short.", {"model": "m"})
    rows = [parse_row(line, tmp_path) for line in read_input(path, row_format)]
    assert [(row.number, row.custom_id) for row in rows] == [(2, "a"), (4, "row-4")]
    assert isinstance(rows[0], Row)
    assert rows[0].body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Say: one\ntwo"}],
    }


def test_plain_bodies_get_an_operation(tmp_path):
    path = write_rows(tmp_path / "in.jsonl", [{"input": "a", "custom_id": "z"}, {"input": "b", "model": "n"}, 3])
    lines = list(read_input(path, RowFormat("create_embedding", fields={"model": "m"})))
    rows = [parse_row(line, tmp_path) for line in lines]
    assert [row.custom_id for row in rows] == ["z", "row-2", "row-3"]
    assert [row.body for row in rows if isinstance(row, Row)] == [
        {"model": "m", "input": "a"},
        {"model": "n", "input": "b"},
    ]
    assert isinstance(rows[2], InvalidRow)
    assert rows[2].message == "expected an object, not int"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{text.__class__}", "unknown column"),
        ("{0}", "expected the name of a column in braces"),
        ("{text!r}", "expected the name of a column in braces"),
        ("{", "write {{ for a brace"),
        ("{other}", "unknown column 'other'; expected one of: text"),
    ],
)
def test_a_template_has_names_only(text, message):
    with pytest.raises(BatchInputError, match=message.replace("{", r"\{")):
        PromptTemplate(text).render({"text": "a"})
    assert PromptTemplate("{{{text}}}").render({"text": "a"}) == "{a}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": "x"}, "operation: name one"),
        ({"operation": "chat"}, "operation: unknown 'chat'; expected one of: chat_completion"),
        ({"operation": "load_model", "prompt": "x"}, "prompt: the request of load_model has no field for a prompt"),
    ],
)
def test_a_format_that_makes_no_requests_is_rejected(options, message):
    with pytest.raises(BatchInputError, match=message):
        RowFormat(**options)


def test_a_check_names_line_and_first_line(tmp_path):
    rows = [chat_row("a", max_tokens=10), chat_row("b"), chat_row("c", custom_id="id-a"), "{", chat_row("d", n="x")]
    report = check_file(write_rows(tmp_path / "in.jsonl", rows))
    assert (report.rows, report.invalid, report.operations) == (5, 3, {"chat_completion": 4})
    assert [finding.line for finding in report.findings] == [3, 4, 5]
    assert report.findings[0].message == "custom_id: 'id-a' is that of line 1, too"
    assert report.max_output_tokens == 10
    assert report.least_seconds(60, None) == 5


def test_duplicates_are_found_among_many():
    finder = DuplicateFinder()
    assert not any(finder.add(f"name-{number}") for number in range(20_000))
    assert all(finder.add(f"name-{number}") for number in range(0, 20_000, 999))


@pytest.mark.parametrize(("limit", "tokens"), [(10**30, 1_000_000), (-5, 0), (100, 100), ("7", 0)])
def test_no_row_is_estimated_to_use_more_tokens_than_a_response_can_have(limit, tokens):
    row = parse_row(Line(1, encode_record(chat_row("a", max_tokens=limit))), Path())
    assert row.estimated_tokens == row.size // 4 + tokens
