"""Inputs: compressed files, CSV and Parquet; what is damaged is told by its place, and nothing is passed over."""

from __future__ import annotations

import datetime
import gzip
import io
import json
import random
import sys
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from polargrid_batch.compression import ZstdReader
from polargrid_batch.errors import BatchInputError
from polargrid_batch.lines import InputPosition
from polargrid_batch.rows import InvalidRow, parse_row
from polargrid_batch.sources import RowFormat, read_input
from tests.batch.server import chat_row, read_results, write_rows
from tests.batch.test_parquet import run_files

RANDOM = random.Random(0)  # noqa: S311 - no secret
LINES = b"".join(b'{"x": %f}\n' % RANDOM.random() for _ in range(20_000))
PROMPT = RowFormat("chat_completion", "Say: {text}", fields={"model": "m"})
COMPRESS = {".gz": gzip.compress, ".zst": zstandard.compress}


def read_rows(path, row_format=None):
    return [parse_row(line, path.parent) for line in read_input(path, row_format)]


def read_prompts(path, row_format=PROMPT):
    rows = read_rows(path, row_format)
    return [
        (row.number, row.message if isinstance(row, InvalidRow) else row.body["messages"][0]["content"]) for row in rows
    ]


@pytest.mark.parametrize("ending", COMPRESS)
def test_compressed_lines_are_read(tmp_path, ending):
    """Also several frames one after another."""
    path = tmp_path / f"in.jsonl{ending}"
    path.write_bytes(COMPRESS[ending](LINES) + COMPRESS[ending](b"{}\n"))
    position = InputPosition()
    lines = list(read_input(path, position=position))
    assert b"".join(line.data + b"\n" for line in lines) == LINES + b"{}\n"
    assert position.fraction == 1


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("cut", [1, 7, 20_000])
def test_a_torn_compressed_file_is_told_with_its_place(tmp_path, ending, cut):
    """The lines before it are rows, and half a line is none."""
    path = tmp_path / f"in.jsonl{ending}"
    data = COMPRESS[ending](LINES)
    path.write_bytes(data[:-cut])
    message = rf"in\.jsonl\{ending}: line \d+: cannot read it, at byte [\d,]+ of the file: Compressed file ended"
    lines = []
    with pytest.raises(BatchInputError, match=message) as caught:
        lines.extend(line.data for line in read_input(path))
    assert LINES.startswith(b"\n".join(lines))
    assert f"line {len(lines) + 1}:" in caught.value.message


@pytest.mark.parametrize("ending", COMPRESS)
def test_a_file_that_is_not_compressed_is_told(tmp_path, ending):
    path = tmp_path / f"in.jsonl{ending}"
    path.write_bytes(b"{}\n" * 10)
    with pytest.raises(BatchInputError, match=r"line 1: cannot read it, at byte \d+ of the file"):
        list(read_input(path))
    path.write_bytes(b"")
    with pytest.raises(BatchInputError, match="has 0 bytes, which is no"):
        list(read_input(path))


def test_frames_are_read_in_pieces_of_any_size():
    data = zstandard.compress(b"") + zstandard.compress(LINES) + zstandard.compress(LINES)
    reader = ZstdReader(io.BytesIO(data), zstandard.ZstdDecompressor())
    pieces = []
    while piece := reader.read(1000):
        pieces.append(piece)
    assert b"".join(pieces) == LINES * 2


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    packages = [("pyarrow.parquet", "parquet", "parquet")]
    if sys.version_info < (3, 14):  # which has zstd itself
        packages.append(("zstandard", "jsonl.zst", "batch"))
    for module, ending, extra in packages:
        monkeypatch.setitem(sys.modules, module, None)
        path = tmp_path / f"in.{ending}"
        path.write_bytes(b"{}")
        with pytest.raises(BatchInputError, match=rf"pip install 'polargrid\[{extra}\]'"):
            read_rows(path, PROMPT)


def test_csv_with_everything_in_it(tmp_path):
    """A byte order mark, quotes, commas and line breaks in cells, and blank lines; a row has that of its first line."""
    path = tmp_path / "in.csv"
    path.write_bytes(
        '\ufeffcustom_id,text,other\r\na,"one\r\n""two"", three",x\r\n\r\n,four,\r\nc,é\u2028\r\n'.encode()
        + b"d,caf\xe9,\n" + b"e,five,,\n" + b'f,"",\n'
    )  # fmt: skip
    assert read_prompts(path) == [
        (2, 'Say: one\r\n"two", three'),
        (5, "Say: four"),
        (6, "the row has 2 cells, the header has 3; quote a cell that has a ',' or a line break"),
        (7, "column 'text': byte 0xe9 is no UTF-8; convert the file, as by iconv -f latin1 -t utf-8"),
        (8, "the row has 4 cells, the header has 3; quote a cell that has a ',' or a line break"),
        (9, "Say: "),
    ]
    assert [row.custom_id for row in read_rows(path, PROMPT)][:2] == ["a", "row-5"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'text\na\n"b\nc\n', r"in\.csv: line 3: cannot read it, at byte \d+ of the file: unexpected end of data"),
        (b'text\na\n"b"c\n', r"in\.csv: line 3: cannot read it, .* expected after"),
        (b"text,text\na,b\n", r"in\.csv: line 1: two columns are called 'text'"),
        (b"", r"in\.csv: line 1: the file is empty"),
        ("text\na\n".encode("utf-16"), r"in\.csv: line 1: the file is UTF-16; save it as UTF-8"),
        (b"text\xe9\na\n", r"in\.csv: line 1: column 'header': byte 0xe9 is no UTF-8"),
        (b"a;b\n1;2\n", r"in\.csv: the prompt needs a column 'text'; the columns are: a;b"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_by_its_line(tmp_path, data, message):
    path = tmp_path / "in.csv"
    path.write_bytes(data)
    with pytest.raises(BatchInputError, match=message):
        read_rows(path, PROMPT)


def test_a_compressed_table_is_one(tmp_path):
    path = tmp_path / "in.TSV.zst"
    path.write_bytes(zstandard.compress(b"text\ta\none, two\t\n"))
    assert read_prompts(path) == [(2, "Say: one, two")]


def write_parquet(path, rows, schema=None, **options):
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)
    return path


def test_parquet_with_a_prompt_reads_its_columns_only(tmp_path):
    schema = pa.schema([("custom_id", pa.int64()), ("text", pa.string()), ("blob", pa.binary())])
    rows = [{"custom_id": 70, "text": "one", "blob": b"\xff"}, {"text": "two"}, {"custom_id": 3}]
    path = write_parquet(tmp_path / "in.parquet", rows, schema)
    assert read_prompts(path) == [
        (1, "Say: one"),
        (2, "Say: two"),
        (3, "prompt: column 'text' has no value in this row"),
    ]
    assert [row.custom_id for row in read_rows(path, PROMPT)] == ["70", "row-2", "row-3"]
    with pytest.raises(BatchInputError, match="the prompt needs a column 'question'; the columns are: custom_id, text"):
        read_rows(path, RowFormat("chat_completion", "{question}"))


def test_columns_of_parquet_are_fields_of_a_body(tmp_path):
    """Null is no field, and what JSON has not is text, or an error of its row."""
    rows = [
        {"model": "m", "input": ["a", "b"], "user": None},
        {"model": "m", "input": ["c"], "user": "u", "day": datetime.date(2026, 11, 30)},
        {"model": "m", "input": None, "number": float("nan")},
        {"model": "m", "blob": b"\xff"},
    ]
    found = read_rows(write_parquet(tmp_path / "in.parquet", rows), RowFormat("create_embedding"))
    # `from_pylist` takes the columns of the first row
    assert [row.body for row in found[:2]] == [
        {"model": "m", "input": ["a", "b"]},
        {"model": "m", "input": ["c"], "user": "u"},
    ]
    schema = pa.schema([("n", pa.float64()), ("day", pa.date32()), ("blob", pa.binary())])
    path = write_parquet(
        tmp_path / "in.parquet", [{"n": float("nan")}, {"day": rows[1]["day"]}, {"blob": b"x"}], schema
    )
    found = read_rows(path, RowFormat("create_embedding"))
    assert "not JSON compliant" in found[0].message
    assert found[1].body == {"day": "2026-11-30"}
    assert "a column has binary data" in found[2].message


@pytest.mark.parametrize("as_text", [True, False])
def test_batch_lines_may_be_columns_of_parquet(tmp_path, as_text):
    """The body as text or as a struct; other columns are the program's own."""
    rows = [chat_row("a", max_tokens=3), chat_row("b", custom_id="x")]
    rows = [{**row, "body": json.dumps(row["body"]) if as_text else row["body"], "mine": 1} for row in rows]
    found = read_rows(write_parquet(tmp_path / "in.parquet", rows))
    assert [row.custom_id for row in found] == ["id-a", "x"]
    assert found[0].body == chat_row("a", max_tokens=3)["body"]
    assert found[1].body["messages"] == [{"role": "user", "content": "b"}]


def test_parquet_that_is_no_input(tmp_path):
    path = write_parquet(tmp_path / "in.parquet", [{"text": "a"}])
    with pytest.raises(
        BatchInputError, match=r"no columns url and body: name an --operation, .* the columns are: text"
    ):
        read_rows(path)
    packed = tmp_path / "in.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(BatchInputError, match="Parquet is compressed inside"):
        read_rows(packed, PROMPT)
    broken = write_parquet(path, [{"url": "/v1/chat/completions", "body": "{"}])
    assert read_rows(broken)[0].message.startswith("body: invalid JSON: ")


def test_torn_parquet_is_told_by_row_and_byte(tmp_path):
    rows = [{"text": f"{n} {RANDOM.random()}"} for n in range(3000)]
    path = write_parquet(tmp_path / "in.parquet", rows, row_group_size=1000, compression="none", use_dictionary=False)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    with pytest.raises(
        BatchInputError, match=r"in\.parquet: row 1: cannot read it, at byte [\d,]+ of the file: Parquet"
    ):
        read_rows(path, PROMPT)
    start = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(0).data_page_offset
    path.write_bytes(data[:start] + b"\xff" * 200 + data[start + 200 :])
    lines = []
    with pytest.raises(BatchInputError, match=r"in\.parquet: row 1001: cannot read it, at byte"):
        lines.extend(line.number for line in read_input(path, PROMPT))
    assert lines == list(range(1, 1001))


def test_a_run_from_parquet_to_parquet_continues_by_the_number_of_the_row(serve, tmp_path):
    handler, url = serve()
    source = write_parquet(tmp_path / "in.parquet", [{"text": str(n)} for n in range(50)], row_group_size=10)
    output = tmp_path / "out.jsonl"
    options = {"operation": "chat_completion", "prompt": "Say: {text}", "fields": {"model": "m"}}
    run_files(source, output, url, **options)
    output.write_bytes(b"".join(output.read_bytes().splitlines(keepends=True)[:20]))
    handler.counts.clear()
    assert run_files(source, output, url, **options).done_before == 20
    assert handler.requests == 30
    assert Counter(item["custom_id"] for item in read_results(output)) == {f"row-{n}": 1 for n in range(1, 51)}
    with pytest.raises(BatchInputError, match="line 1 is not the row"):
        run_files(source, output, url, **options | {"prompt": "Sing: {text}"})


def test_stdin_may_be_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text\none\n")))
    row_format = RowFormat("chat_completion", "Say: {text}", fields={"model": "m"}, ending=".csv")
    assert [row.custom_id for row in (parse_row(line, tmp_path) for line in read_input("-", row_format))] == ["row-2"]
    assert not sys.stdin.buffer.closed
    with pytest.raises(BatchInputError, match="read from a file"):
        list(read_input("-", RowFormat("chat_completion", "{text}", ending=".parquet")))
    assert read_prompts(write_rows(tmp_path / "data.txt", ["text", "one"]), row_format) == [(2, "Say: one")]
