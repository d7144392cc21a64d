"""A Parquet output: a folder of parts, whose rows are those that JSON lines would have."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from polargrid import PolarGrid
from polargrid_batch import BatchInputError, run_file
from polargrid_batch.outputs import open_output
from polargrid_batch.parquet_order import finish_sort, sort_parts
from polargrid_batch.parquet_output import ParquetOutput
from polargrid_batch.parts import convert_journal, list_parts, name_journal, name_part, write_part
from polargrid_batch.results import Failure, Result
from polargrid_batch.status import read_status
from polargrid_batch.table import COLUMNS, build_schema, build_table, read_record
from tests.batch.server import chat_row, error_answer, read_results, write_rows


def run_files(source, output, url, **options):
    async def run():
        async with PolarGrid(base_url=url, api_key="k") as client:
            return await run_file(source, output, client=client, **options)

    return asyncio.run(run())


def read_rows(folder):
    return pyarrow.dataset.dataset(folder).to_table().to_pylist()


def build_line(number, failure=None, content=b'{"model":"m","usage":{"prompt_tokens":3,"completion_tokens":2}}'):
    status = None if failure else 200
    return Result(number, number * 7, f"id-{number}", status, "r", content, failure, 1).to_line()


FAILURE = Failure("NetworkError", "no route", "unreachable", "model", 3)


@pytest.fixture
def files(tmp_path):
    """An input of 40 rows, of which the server of `busy` fails two, and an output that does not exist."""
    return write_rows(tmp_path / "in.jsonl", [chat_row(str(number)) for number in range(40)]), tmp_path / "out.parquet"


def fail_some(prompt, _n):
    return error_answer(404, "model_not_found") if prompt in ("3", "7") else None


def test_a_run_writes_parts_with_one_schema(serve, files):
    source, output = files
    _, url = serve(fail_some)
    summary = run_files(source, output, url, part_rows=15)
    assert [path.name for path in sorted(output.iterdir())] == [f"part-00000{number}.parquet" for number in (1, 2, 3)]
    assert [pq.read_metadata(path).num_rows for path in list_parts(output)] == [15, 15, 10]
    assert all(pq.read_schema(path).equals(build_schema()) for path in list_parts(output))
    assert (summary.succeeded, summary.failures) == (38, {"NotFoundError": 2})
    assert Counter(row["custom_id"] for row in read_rows(output)) == {f"id-{number}": 1 for number in range(40)}


def test_rows_say_what_the_lines_say(serve, files, tmp_path):
    source, output = files
    _, url = serve(fail_some)
    run_files(source, output, url, ordered=True)
    run_files(source, tmp_path / "out.jsonl", url, ordered=True)
    lines = read_results(tmp_path / "out.jsonl")
    for row, line in zip(read_rows(output), lines, strict=True):
        assert (row["id"], row["custom_id"]) == (line["id"], line["custom_id"])
        response, error = line["response"], line["error"] or {}
        assert (row["status_code"], row["request_id"]) == (response["status_code"], response["request_id"])
        assert json.loads(row["body"]) == response["body"]
        assert (row["error_class"], row["error_code"], row["error_message"], row["attempts"]) == (
            error.get("class"), error.get("code"), error.get("message"), error.get("attempts"),
        )  # fmt: skip
    assert [row["row"] for row in read_rows(output)] == list(range(1, 41))
    status, other = read_status(output), read_status(tmp_path / "out.jsonl")
    assert status.to_dict() == other.to_dict()
    assert (status.rows, status.models["m"].input_tokens) == (40, 38 * 3)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (build_line(1), {"model": "m", "input_tokens": 3, "output_tokens": 2, "error_class": None}),
        (build_line(2, FAILURE), {"status_code": None, "body": None, "error_param": "model", "attempts": 3}),
        (build_line(1, content=b'{"content_type":"audio/mpeg","base64":"/wA="}'),
         {"content_type": "audio/mpeg", "data": b"\xff\x00", "body": None}),
        (build_line(1, content=b'"a \\"error\\": text"'), {"body": '"a \\"error\\": text"', "model": None}),
        (build_line(1, content=b'{"a": "half \\ud83d"}'), {"body": '{"a": "half \\ud83d"}'}),
        (build_line(1, content=b"null"), {"body": "null"}),
    ],
)  # fmt: skip
def test_a_line_becomes_a_row(line, expected):
    record = read_record(line)
    assert {name: record.get(name) for name in expected} == expected
    table = build_table([line])
    assert table.schema.names == list(COLUMNS)
    assert {name: table[name][0].as_py() for name in expected} == expected


def test_a_custom_id_may_have_any_text(tmp_path):
    for name in ('a","response":null,"error":null}', "\\", "é\n\u2028", "half \ud83d"):
        line = Result(1, 7, name, 200, None, b"{}").to_line()
        assert read_record(line)["custom_id"] == name.replace("\ud83d", "?")
        build_table([line])


def test_a_run_that_was_killed_continues(serve, files):
    """Its journal ends with half a line; the lines before it are rows, and are not asked again."""
    source, output = files
    handler, url = serve()
    run_files(source, output.with_name("all.jsonl"), url)
    data = output.with_name("all.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)
    handler.counts.clear()
    output.mkdir()
    name_journal(output, 1).write_bytes(b"".join(lines[:10]))
    convert_journal(name_journal(output, 1))
    name_journal(output, 1).write_bytes(b"".join(lines[:10]))  # killed before it was removed
    name_journal(output, 2).write_bytes(b"".join(lines[10:17]) + lines[17][:30])
    (output / "_part-000009.parquet.new").write_bytes(b"PAR1")
    assert (read_status(output).rows, read_status(output).torn_bytes) == (17, 30)
    summary = run_files(source, output, url)
    assert (summary.done_before, summary.succeeded, handler.requests) == (17, 23, 23)
    assert Counter(row["row"] for row in read_rows(output)) == dict.fromkeys(range(1, 41), 1)
    assert all(path.suffix == ".parquet" and path.name.startswith("part-") for path in output.iterdir())


KILLED = """
import asyncio, os, sys
from polargrid import PolarGrid
from polargrid_batch import FileRun, Summary

class Killer(Summary):
    def add(self, result):
        super().add(result)
        if self.succeeded > 9:
            os._exit(9)

async def main():
    async with PolarGrid(base_url=sys.argv[3], api_key="k") as client:
        run = FileRun(sys.argv[1], sys.argv[2], part_rows=5, max_in_flight=4)
        run.summary = Killer()
        await run.execute(client)

asyncio.run(main())
"""


def test_a_killed_process_loses_at_most_what_was_in_flight(serve, files):
    source, output = files
    handler, url = serve()
    command = [sys.executable, "-W", "error", "-c", KILLED, str(source), str(output), url]
    for _ in range(2):
        assert subprocess.run(command, check=False).returncode == 9
    run_files(source, output, url)
    assert Counter(row["row"] for row in read_rows(output)) == dict.fromkeys(range(1, 41), 1)
    assert handler.requests <= 40 + 2 * 5


def test_failed_rows_are_asked_again(serve, files):
    source, output = files
    handler, url = serve(fail_some)
    run_files(source, output, url, part_rows=10, ordered=True)
    untouched = [path.stat().st_ino for path in list_parts(output)[1:]]
    handler.script = None
    again = run_files(source, output, url, part_rows=10, retry_failed=True)
    assert (again.done_before, again.succeeded) == (38, 2)
    assert [path.stat().st_ino for path in list_parts(output)[1:4]] == untouched
    assert all(row["error_class"] is None for row in read_rows(output))
    assert len(read_rows(output)) == 40


def test_an_ordered_run_that_continues_is_in_order(serve, files):
    source, output = files
    handler, url = serve(fail_some)
    run_files(source, output, url, part_rows=7, ordered=True)
    list_parts(output)[3].unlink()
    handler.script = None
    run_files(source, output, url, part_rows=7, ordered=True, retry_failed=True)
    assert [row["row"] for row in read_rows(output)] == list(range(1, 41))
    assert all(row["error_class"] is None for row in read_rows(output))
    assert [pq.read_metadata(path).num_rows for path in list_parts(output)] == [7, 7, 7, 7, 7, 5]


def write_numbers(folder, number, rows):
    with write_part(name_part(folder, number)) as writer:
        writer.write_table(build_table([build_line(row) for row in rows]))


def test_a_sort_that_is_killed_anywhere_loses_nothing(tmp_path):
    """Before its end the old parts count, after it the new ones."""
    write_numbers(tmp_path, 1, [1, 3])
    write_numbers(tmp_path, 2, [2, 4])
    (tmp_path / "_sorting").mkdir()
    write_numbers(tmp_path / "_sorting", 3, [1, 2])
    finish_sort(tmp_path)
    assert [row["row"] for row in read_rows(tmp_path)] == [1, 3, 2, 4]
    sorted_parts = tmp_path / "_sorted-000003"
    for moved in (0, 1):
        sorted_parts.mkdir()
        for number, rows in ((3, [1, 2]), (4, [3, 4])):
            write_numbers(tmp_path if number < 3 + moved else sorted_parts, number, rows)
        finish_sort(tmp_path)
        assert [row["row"] for row in read_rows(tmp_path)] == [1, 2, 3, 4]
        assert [path.name for path in list_parts(tmp_path)] == ["part-000003.parquet", "part-000004.parquet"]
    assert len(list(tmp_path.iterdir())) == 2


def test_ascending_runs_are_merged_across_parts(tmp_path):
    write_numbers(tmp_path, 1, [1, 5, 9, 2])
    write_numbers(tmp_path, 2, [4, 6, 3, 7])
    write_numbers(tmp_path, 3, [8, 10])
    sort_parts(tmp_path, 4)
    assert [row["row"] for row in read_rows(tmp_path)] == list(range(1, 11))
    assert [pq.read_metadata(path).num_rows for path in list_parts(tmp_path)] == [4, 4, 2]


def test_parts_in_order_of_completion_are_not_sorted(tmp_path):
    write_numbers(tmp_path, 1, range(100, 0, -1))
    with pytest.raises(BatchInputError, match="in order of completion"):
        sort_parts(tmp_path, 4)


def test_an_output_has_one_run_at_a_time(tmp_path):
    first = open_output(tmp_path / "out.parquet")
    with pytest.raises(BatchInputError, match="another run writes to it"):
        open_output(tmp_path / "out.parquet")
    first.close()
    open_output(tmp_path / "out.parquet").close()


def test_folders_that_are_no_output(serve, files, tmp_path):
    source, output = files
    handler, url = serve()
    output.mkdir()
    pq.write_table(pa.table({"a": [1]}), output / "mine.parquet")
    with pytest.raises(BatchInputError, match=r"mine\.parquet is no result of a batch run: it has no column 'id'"):
        run_files(source, output, url)
    (output / "mine.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(BatchInputError, match=r"mine\.parquet: cannot read it: .* remove it and its rows are sent"):
        run_files(source, output, url)
    (output / "mine.parquet").unlink()
    write_numbers(output, 1, [1, 1])
    with pytest.raises(BatchInputError, match=r"part-000001\.parquet: row 1 is in the output twice"):
        run_files(source, output, url)
    file = tmp_path / "file.parquet"
    file.write_bytes(b"")
    with pytest.raises(BatchInputError, match="is a file; Parquet results are a folder"):
        run_files(source, file, url)
    with pytest.raises(BatchInputError, match="is a folder; name a file"):
        run_files(source, tmp_path, url)
    assert handler.requests == 0


def test_an_input_without_rows_has_a_table_without_rows(serve, tmp_path):
    _, url = serve()
    assert run_files(write_rows(tmp_path / "in.jsonl", []), tmp_path / "out.parquet", url).is_complete
    assert pyarrow.dataset.dataset(tmp_path / "out.parquet").to_table().schema.names == list(COLUMNS)


FULL_DISK = """
import asyncio, resource, sys
from polargrid import PolarGrid
from polargrid_batch import BatchStoppedError, run_file
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
async def main():
    async with PolarGrid(base_url=sys.argv[3], api_key="k") as client:
        await run_file(sys.argv[1], sys.argv[2], client=client, part_rows=25)
try:
    asyncio.run(main())
except BatchStoppedError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [3000, 9000])
def test_a_full_disk_keeps_what_is_whole(serve, files, limit):
    """Of a journal, or of a part that has no place; here a limit of the files' size. The next run continues."""
    source, output = files
    _, url = serve()
    command = [sys.executable, "-W", "error", "-c", FULL_DISK, str(source), str(output), url, str(limit)]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "File too large; no result in it is torn" in process.stdout
    assert not any(path.name.endswith(".new") for path in output.iterdir())
    before = read_status(output).rows
    assert run_files(source, output, url).done_before == before
    assert Counter(row["row"] for row in read_rows(output)) == dict.fromkeys(range(1, 41), 1)


def test_memory_of_parts_is_flat(tmp_path):
    """The lines of a part are converted in groups, and parts are bounded in bytes."""
    output = ParquetOutput(tmp_path / "out.parquet", part_rows=1000, part_bytes=50_000)
    output.start(output.scan())
    for number in range(1, 101):
        output.write([build_line(number, content=json.dumps("x" * 1000).encode())])
        output.sync()
    output.finish(ordered=False)
    assert len(list_parts(tmp_path / "out.parquet")) == 3
    assert len(read_rows(tmp_path / "out.parquet")) == 100


def test_lines_are_written_while_another_thread_makes_parts(tmp_path):
    output = ParquetOutput(tmp_path / "out.parquet", part_rows=20)
    output.start(output.scan())
    is_written, count = Event(), 0

    def sync_until_written():
        while not is_written.is_set():
            output.sync()

    with ThreadPoolExecutor(1) as pool:
        task = pool.submit(sync_until_written)
        while len(list_parts(tmp_path / "out.parquet")) < 5 and not task.done():
            count += 1
            output.write([build_line(count)])
        is_written.set()
        task.result()
    output.finish(ordered=False)
    numbers = Counter(row["row"] for row in read_rows(tmp_path / "out.parquet"))
    assert numbers == dict.fromkeys(range(1, count + 1), 1)


def test_without_pyarrow_an_error_says_what_to_install(serve, files):
    source, output = files
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from polargrid_cli import main\n"
        "sys.exit(main())"
    )  # fmt: skip
    words = ["batch", "run", str(source), "-o", str(output), "--region", "local"]
    process = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert process.returncode == 2
    assert "Parquet needs pyarrow; install it with: pip install 'polargrid[parquet]'" in process.stderr
    assert not output.exists()
