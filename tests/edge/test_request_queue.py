"""The request queue and the pipe from its threads to the event loop."""

from __future__ import annotations

import threading
from contextlib import AsyncExitStack

import anyio
import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.models.request_queue import RequestQueue, retry_after
from polargrid_edge.models.thread_pipe import ThreadPipe


def create_queue(*, max_waiting: int) -> RequestQueue:
    return RequestQueue("test", max_running=1, max_waiting=max_waiting)


@pytest.mark.parametrize(
    ("waiting", "running", "mean_seconds", "seconds"), [(0, 2, 0.1, 1), (3, 2, 4.0, 8), (99, 1, 30.0, 60)]
)
def test_retry_after_is_the_length_of_the_queue(waiting: int, running: int, mean_seconds: float, seconds: int) -> None:
    """In whole seconds, at least one, at most a minute."""
    assert retry_after(waiting, running, mean_seconds) == seconds


def test_a_full_queue_rejects_requests() -> None:
    """With 429 and Retry-After."""

    async def join_three_times() -> EdgeError:
        queue = create_queue(max_waiting=1)

        async def wait() -> None:
            async with queue.slot():
                pass

        async with queue.slot(), anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            assert queue.waiting == 1
            with pytest.raises(EdgeError) as caught:
                async with queue.slot():
                    pass
            tasks.cancel_scope.cancel()
        return caught.value

    error = anyio.run(join_three_times)
    assert (error.status, error.headers) == (429, {"Retry-After": "2"})


def test_a_cancelled_request_leaves_the_queue() -> None:
    """Its position is free for the next request."""

    async def cancel_and_join() -> None:
        queue = create_queue(max_waiting=1)

        async def wait() -> None:
            async with queue.slot():
                pass

        for _ in range(2):  # with a lost position the second request would get 429
            async with queue.slot(), anyio.create_task_group() as tasks:
                tasks.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
                assert queue.waiting == 1
                tasks.cancel_scope.cancel()
        assert (queue.running, queue.waiting) == (0, 0)

    anyio.run(cancel_and_join)


def test_a_slow_reader_blocks_the_writer() -> None:
    """The writer is at most 64 items ahead; a reader that leaves ends the writer."""

    async def read_one() -> tuple[int, int]:
        queue = create_queue(max_waiting=0)
        produced: list[int] = []
        full = threading.Event()

        def work(pipe: ThreadPipe[int]) -> None:
            while True:
                produced.append(len(produced))
                if len(produced) == 65:
                    full.set()
                if pipe.send(produced[-1]):
                    return

        async with AsyncExitStack() as closing:
            pipe = queue.stream(work, closing)
            await anyio.to_thread.run_sync(full.wait)
            ahead = len(produced)
            first = await anext(pipe)
        queue.close()
        return ahead, first

    assert anyio.run(read_one) == (65, 0)


def test_an_error_of_the_writer_is_raised_in_the_reader() -> None:
    """After the items before it, and at every further read."""

    async def read_all() -> list[int]:
        queue = create_queue(max_waiting=0)

        def work(pipe: ThreadPipe[int]) -> None:
            pipe.send(1)
            raise EdgeError(400, "no further items", "invalid_value")

        items: list[int] = []
        async with AsyncExitStack() as closing:
            pipe = queue.stream(work, closing)
            items.append(await anext(pipe))
            for _ in range(2):
                with pytest.raises(EdgeError, match="no further items"):
                    await anext(pipe)
        queue.close()
        return items

    assert anyio.run(read_all) == [1]
