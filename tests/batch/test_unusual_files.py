"""Files that change, vanish, block or are something else while a run uses them."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest
import trio
from click.testing import CliRunner

from polargrid import PolarGrid
from polargrid_batch import BatchInputError, run, run_file, run_file_sync
from polargrid_batch.extraction import iterate_files
from polargrid_batch.output import drop_failed
from polargrid_batch.parts import convert_journal, name_journal
from polargrid_batch.results import Failure, Result
from polargrid_batch.sources import read_input
from polargrid_cli.commands import polargrid
from tests.batch.server import chat_row, read_results, write_rows


def run_files(source, output, url, **options):
    async def run():
        async with PolarGrid(base_url=url, api_key="k") as client:
            return await run_file(source, output, client=client, **options)

    return asyncio.run(run())


@pytest.fixture
def source(tmp_path):
    """An input of 40 rows."""
    return write_rows(tmp_path / "in.jsonl", [chat_row(str(number)) for number in range(40)])


@pytest.mark.parametrize("change", [lambda data: data[:1000], lambda data: data + data, lambda data: data[::-1]])
def test_an_input_that_is_changed_while_it_is_read_is_told(source, change):
    """A run that ended as if it were complete would leave rows out."""
    lines = read_input(source)
    next(lines)
    source.write_bytes(change(source.read_bytes()))
    os.utime(source, ns=(1, 1))
    with pytest.raises(BatchInputError, match=r"in\.jsonl: was changed while it was read .*run the same command again"):
        list(lines)


def test_an_input_that_is_replaced_or_removed_is_read_on(source):
    """It is open."""
    lines = read_input(source)
    next(lines)
    source.unlink()
    write_rows(source, [chat_row("other")])
    assert len(list(lines)) == 39


def test_a_named_pipe_is_an_input(serve, source, tmp_path):
    """It is opened once: its writer would lose what it wrote to a reader that leaves."""
    _, url = serve()
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(source.read_bytes()))
    writer.start()
    summary = run_files(pipe, tmp_path / "out.jsonl", url)
    writer.join()
    assert (summary.succeeded, summary.is_complete) == (40, True)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_run_that_is_ended_in_its_last_fsync_continues(serve, source, tmp_path, monkeypatch, name):
    """As by a second Ctrl-C."""
    handler, url = serve()
    output = tmp_path / name
    is_syncing, goes_on = threading.Event(), threading.Event()
    sync = os.fsync

    def wait(file):
        is_syncing.set()
        assert goes_on.wait(60)
        sync(file)

    async def end_in_sync():
        async with PolarGrid(base_url=url, api_key="k") as client:
            task = asyncio.ensure_future(run_file(source, output, client=client))
            await asyncio.to_thread(is_syncing.wait, 60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            goes_on.set()

    monkeypatch.setattr(os, "fsync", wait)
    asyncio.run(end_in_sync())
    monkeypatch.undo()
    summary = run_files(source, output, url)
    assert (summary.done_before, summary.is_complete, handler.requests) == (40, True, 40)


@pytest.mark.parametrize("command", ["status", "extract"])
@pytest.mark.parametrize(
    ("name", "create", "message"),
    [
        ("a.jsonl", os.mkfifo, "is a pipe or a device"),
        ("a.parquet", os.mkfifo, "is a pipe or a device"),
        ("a", os.mkdir, "is a folder; name a file"),
        ("a.parquet", lambda path: path.touch(), "is a file; Parquet results are a folder"),
        ("a.jsonl", lambda path: path.write_text("\n" * 1000), "line 1 is no result of a batch run"),
        ("a.jsonl", lambda _path: None, "does not exist"),
    ],
)
def test_what_is_no_output_is_told(tmp_path, command, name, create, message):
    """A pipe would be read for ever, and a file of Parquet would have no rows."""
    create(tmp_path / name)
    words = ["batch", command, str(tmp_path / name), *([str(tmp_path / "files")] if command == "extract" else [])]
    result = CliRunner().invoke(polargrid, words)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_an_output_that_is_a_link_stays_one(tmp_path):
    lines = [Result(1, 7, "a", 200).to_line(), Result(2, 7, "b", failure=Failure("NetworkError", "no")).to_line()]
    (tmp_path / "real.jsonl").write_bytes(b"".join(lines))
    link = tmp_path / "out.jsonl"
    link.symlink_to("real.jsonl")
    drop_failed(link)
    assert link.is_symlink()
    assert (tmp_path / "real.jsonl").read_bytes() == lines[0]


def test_a_journal_that_becomes_a_part_while_it_is_extracted_is_read(tmp_path):
    for number in (1, 2):
        name_journal(tmp_path, number).write_bytes(Result(number, 7, f"id-{number}", 200).to_line())
    convert_journal(name_journal(tmp_path, 1))
    items = iterate_files(folder := tmp_path.rename(tmp_path.with_suffix(".parquet")))
    rows = [next(items)]
    convert_journal(name_journal(folder, 2))
    assert len([*rows, *items]) == 2


def test_empty_lines_are_no_rows(serve, tmp_path):
    _, url = serve()
    source = tmp_path / "in.jsonl"
    source.write_text("\n" * 100_000 + write_rows(source, [chat_row("a")]).read_text() + "\n" * 1000)
    summary = run_files(source, tmp_path / "out.jsonl", url)
    assert (summary.rows, summary.is_complete) == (1, True)
    assert read_results(tmp_path / "out.jsonl")[0]["id"].startswith("row-100001-")


def test_other_event_loops_are_told(source, tmp_path):
    """A run needs asyncio; a function that starts a loop cannot be called in one."""

    async def run_under_trio():
        client = PolarGrid(base_url="http://127.0.0.1:1", api_key="k")
        await run_file(source, tmp_path / "out.jsonl", client=client)

    async def iterate_under_trio():
        async for _ in run([], client=PolarGrid(base_url="http://127.0.0.1:1", api_key="k")):
            pass

    async def block():
        run_file_sync(source, tmp_path / "out.jsonl", client=PolarGrid(base_url="http://127.0.0.1:1", api_key="k"))

    for function in (run_under_trio, iterate_under_trio):
        with pytest.raises(BatchInputError, match=r"needs asyncio, and this event loop is of trio; .*run_file_sync"):
            trio.run(function)
    with pytest.raises(BatchInputError, match=r"use: await run_file"):
        asyncio.run(block())
    assert not (tmp_path / "out.jsonl").exists()
