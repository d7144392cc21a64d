"""Runs from a file to a file: what is done is not asked again, and nothing is missing."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
from collections import Counter

import pytest

from polargrid import PolarGrid
from polargrid_batch import BatchInputError, BatchStoppedError, FileRun, RowPolicy, run_file
from polargrid_batch.status import read_status
from tests.batch.server import chat_row, error_answer, read_results, write_rows

FAST = RowPolicy(first_delay=0.01, max_delay=0.01, max_attempts=2)


def run_files(source, output, url, **options):
    async def run():
        async with PolarGrid(base_url=url, api_key="k") as client:
            return await run_file(source, output, client=client, **options)

    return asyncio.run(run())


@pytest.fixture
def files(tmp_path):
    """An input of 40 rows, and an output that does not exist."""
    return write_rows(tmp_path / "in.jsonl", [chat_row(str(number)) for number in range(40)]), tmp_path / "out.jsonl"


def test_a_run_that_was_cut_continues(serve, files):
    """Wherever it was cut: each row is there once, and what was whole is not asked again."""
    handler, url = serve()
    source, output = files
    run_files(source, output, url)
    data = output.read_bytes()
    size = data.index(b"\n", len(data) // 2) + 1
    lines = data[:size].count(b"\n")
    for cut in (0, 1, size - 1, size, size + 1, size + 100, len(data)):
        handler.counts.clear()
        output.write_bytes(data[:cut])
        whole = data[:cut].count(b"\n")
        summary = run_files(source, output, url)
        ids = Counter(item["custom_id"] for item in read_results(output))
        assert ids == {f"id-{number}": 1 for number in range(40)}
        assert (summary.done_before, summary.succeeded, handler.requests) == (whole, 40 - whole, 40 - whole)
        assert summary.is_complete
    assert 0 < lines < 40


def test_failed_rows_are_asked_again_if_it_is_wanted(serve, files):
    source, output = files
    handler, url = serve(lambda prompt, _n: error_answer(404) if prompt in ("3", "7") else None)
    assert run_files(source, output, url).failures == {"NotFoundError": 2}
    again = run_files(source, output, url)
    assert (again.done_before, again.failed_before, again.requests) == (40, 2, 0)
    handler.script = None
    last = run_files(source, output, url, retry_failed=True)
    assert (last.done_before, last.succeeded) == (38, 2)
    assert all(item["error"] is None for item in read_results(output))
    assert len(read_results(output)) == 40


def test_a_line_that_was_mended_is_asked_again(serve, tmp_path):
    _, url = serve()
    output = tmp_path / "out.jsonl"
    source = write_rows(tmp_path / "in.jsonl", [chat_row("a"), "{broken", chat_row("b")])
    assert run_files(source, output, url).failures == {"InvalidRow": 1}
    write_rows(source, [chat_row("a"), chat_row("mended"), chat_row("b")])
    assert run_files(source, output, url, retry_failed=True).succeeded == 1
    assert {item["custom_id"] for item in read_results(output)} == {"id-a", "id-mended", "id-b"}


def test_rows_may_be_added_to_an_input(serve, files):
    source, output = files
    handler, url = serve()
    run_files(source, output, url)
    with source.open("a", encoding="utf-8") as file:
        file.write(write_rows(source.with_name("more"), [chat_row("new")]).read_text(encoding="utf-8"))
    assert run_files(source, output, url).succeeded == 1
    assert handler.requests == 41


def test_an_output_of_another_input_is_told_by_its_line(serve, files):
    source, output = files
    handler, url = serve()
    run_files(source, output, url)
    data = output.read_bytes()
    write_rows(source, [chat_row(str(number) if number < 20 else f"other {number}") for number in range(40)])
    with pytest.raises(BatchInputError, match=r"in\.jsonl: line 21 is not the row that .*out\.jsonl has a result for"):
        run_files(source, output, url)
    write_rows(source, [chat_row(str(number)) for number in range(30)])
    with pytest.raises(BatchInputError, match=r"line 40 is not the row"):
        run_files(source, output, url)
    assert handler.requests == 40
    assert output.read_bytes() == data


def test_an_ordered_run_that_continues_is_in_order(serve, files):
    source, output = files
    _, url = serve(lambda prompt, _n: error_answer(404) if prompt in ("3", "7") else None)
    run_files(source, output, url, ordered=True)
    output.write_bytes(b"".join(output.read_bytes().splitlines(keepends=True)[:25]))
    _, url = serve()
    run_files(source, output, url, ordered=True, retry_failed=True)
    results = read_results(output)
    assert [item["custom_id"] for item in results] == [f"id-{number}" for number in range(40)]
    assert all(item["error"] is None for item in results)


def test_a_run_that_is_stopped_writes_what_is_in_flight(serve, files):
    """And the same run later asks only the others."""
    source, output = files
    handler, url = serve()
    file_run = FileRun(source, output, max_in_flight=4)

    def script(_prompt, _n):
        if handler.requests == 10:
            file_run.engine_stop()

    async def run():
        loop = asyncio.get_running_loop()
        file_run.engine_stop = lambda: loop.call_soon_threadsafe(file_run.stop)
        async with PolarGrid(base_url=url, api_key="k") as client:
            return await file_run.execute(client)

    handler.script = script
    summary = asyncio.run(run())
    assert not summary.is_complete
    assert len(read_results(output)) == summary.succeeded == handler.requests < 40
    assert summary.rows == summary.succeeded + summary.left
    handler.script = None
    assert run_files(source, output, url).is_complete
    assert set(handler.counts.values()) == {1}


def test_a_key_that_is_refused_keeps_what_is_done(serve, files):
    source, output = files
    _, url = serve(lambda prompt, _n: error_answer(401) if int(prompt) >= 20 else None)
    with pytest.raises(BatchStoppedError):
        run_files(source, output, url, max_in_flight=2)
    done = len(read_results(output))
    assert 10 < done <= 20
    handler, url = serve()
    assert run_files(source, output, url).done_before == done
    assert handler.requests == 40 - done


def test_files_that_cannot_be_used(serve, files, tmp_path):
    source, output = files
    _, url = serve()
    with pytest.raises(FileNotFoundError):
        run_files(tmp_path / "none.jsonl", output, url)
    assert not output.exists()
    with pytest.raises(BatchInputError, match="is the input"):
        run_files(source, source, url)
    output.write_text('{"mine": 1}\n', encoding="utf-8")
    with pytest.raises(BatchInputError, match="line 1 is no result"):
        run_files(source, output, url)
    assert output.read_text(encoding="utf-8") == '{"mine": 1}\n'


def test_an_input_that_vanishes_while_it_is_read_is_read_on(serve, files):
    source, output = files
    _, url = serve(lambda _prompt, _n: source.unlink(missing_ok=True))
    assert run_files(source, output, url).succeeded == 40


FULL_DISK = """
import asyncio, json, resource, sys
from polargrid import PolarGrid
from polargrid_batch import BatchStoppedError, Summary, run_file
summary = Summary()
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
async def main():
    async with PolarGrid(base_url=sys.argv[3], api_key="k") as client:
        await run_file(sys.argv[1], sys.argv[2], client=client, summary=summary)
try:
    asyncio.run(main())
except BatchStoppedError as error:
    print(error)
print(json.dumps(summary.to_dict()))
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_full_disk_ends_with_a_whole_line(serve, files, name):
    """Here a limit of the file's size; the next run continues. What was not written does not count as done."""
    source, _ = files
    output = source.with_name(name)
    _, url = serve()
    command = [sys.executable, "-W", "error", "-c", FULL_DISK, str(source), str(output), url]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "File too large; no result in it is torn" in process.stdout
    summary, rows = json.loads(process.stdout.splitlines()[-1]), read_status(output).rows
    assert summary["succeeded"] == rows < 40
    assert sum(use["rows"] for use in summary["models"].values()) == rows
    assert summary["rows"] == rows + summary["left"]
    assert not summary["is_complete"]
    assert run_files(source, output, url).done_before == rows
    assert read_status(output).rows == 40
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_audio_files_are_relative_to_the_input(tmp_path, serve):
    handler, url = serve()
    bodies = []

    def respond(request):
        bodies.append(request.body)
        return handler_response()

    def handler_response():
        from polargrid_testing.steps import Answer
        from tests.batch.server import join_steps

        return join_steps(Answer.json({"text": "hello"}))

    handler.respond = respond
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds/a.wav").write_bytes(b"RIFF1234")
    body = {"file": "sounds/a.wav", "model": "whisper-1"}
    rows = [
        {"custom_id": name, "url": "/v1/audio/transcriptions", "body": body | {"file": f"sounds/{name}.wav"}}
        for name in ("a", "b")
    ]
    output = tmp_path / "out.jsonl"
    run_files(write_rows(tmp_path / "in.jsonl", rows), output, url)
    results = {item["custom_id"]: item for item in read_results(output)}
    assert results["a"]["response"]["body"] == {"text": "hello"}
    assert b"RIFF1234" in bodies[0]
    assert "b.wav" in results["b"]["error"]["message"]
