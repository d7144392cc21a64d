"""Which row is next, and how many are under way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from polargrid_batch.calls import build_invalid
from polargrid_batch.feed import RowFeed, ThreadReader, read_in_loop
from polargrid_batch.lines import Line
from polargrid_batch.queue import Limits, PendingRow, RowQueue
from polargrid_batch.results import Result
from polargrid_batch.rows import InvalidRow, encode_record, parse_row
from tests.batch.server import chat_row


def create_rows(*prompts):
    return [parse_row(Line(n, encode_record(chat_row(p))), Path()) for n, p in enumerate(prompts, 1)]


async def open_queue(rows, *, ordered=False, **limits):
    """A queue whose feed has read the rows."""
    arrived = asyncio.Event()
    feed = RowFeed(read_in_loop(rows), arrived.set)
    feed.peek()
    await arrived.wait()
    return RowQueue(feed, Limits(**limits), ordered=ordered)


def result_of(row):
    return Result(row.number, row.checksum, row.custom_id)


def test_rows_that_waited_come_first():
    async def check():
        first, second = create_rows("a", "b")
        queue = await open_queue([first, second])
        assert queue.pop() is first
        pending = PendingRow(first)
        queue.retry(pending, 5.0)
        assert queue.peek(4.0) is second
        assert (queue.next_due, queue.waiting) == (5.0, 1)
        assert queue.peek(5.0) is pending
        assert queue.pop() is pending
        assert queue.under_way == 1

    asyncio.run(check())


def test_a_row_that_would_hold_too_much_waits():
    async def check():
        rows = create_rows("x" * 100, "y" * 100)
        queue = await open_queue(rows, max_held_bytes=300)
        assert queue.peek(0) is queue.pop()
        assert queue.peek(0) is None
        assert list(queue.finish(rows[0], result_of(rows[0])))
        assert queue.peek(0) is rows[1]

    asyncio.run(check())


@pytest.mark.parametrize("ordered", [False, True])
def test_the_window_bounds_what_is_under_way(ordered):
    """Ordered, also what waits for the row before it."""

    async def check():
        rows = create_rows(*"abc")
        queue = await open_queue(rows, window=2, ordered=ordered)
        queue.pop()
        queue.pop()
        assert queue.peek(0) is None
        finished = list(queue.finish(rows[1], result_of(rows[1])))
        assert (len(finished), queue.peek(0)) == ((0, None) if ordered else (1, rows[2]))

    asyncio.run(check())


def test_rows_before_an_error_of_the_input_come_first():
    def read():
        yield from create_rows("a", "b")
        raise OSError("gone")

    async def check():
        reader = ThreadReader(read())
        assert len(await reader()) == 2
        with pytest.raises(OSError, match="gone"):
            await reader()
        reader.close()

    asyncio.run(check())


def test_an_invalid_row_has_its_line_in_the_message():
    result = build_invalid(InvalidRow(7, 0, "a", "url: missing", "url"))
    assert (result.failure.message, result.failure.param) == ("line 7: url: missing", "url")
