"""The waits of the SDK's own asyncio connections, on a loop whose clock stands still until a test moves it."""

from __future__ import annotations

import asyncio

import pytest

from polargrid.transport.evented import Connection
from polargrid.transport.origins import Origin
from polargrid.transport.patience import Patience, Timeouts

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"
LONG, SHORT = 10.0, 1.0


class Still(asyncio.SelectorEventLoop):
    """An event loop whose time is what a test says."""

    now = 0.0

    def time(self) -> float:
        return self.now

    async def pass_to(self, now: float) -> None:
        """Let the time come, and all that is due in it."""
        self.now = now
        for _ in range(3):
            await asyncio.sleep(0)

    async def waiting(self, connection: Connection, seconds: float) -> asyncio.Task[bytes]:
        """A wait for bytes, of so many seconds from now."""
        patience = Patience(Timeouts(None, seconds, None, None), None, None, clock=self.time)
        waiting = asyncio.ensure_future(connection.read(patience))
        await asyncio.sleep(0)
        return waiting


@pytest.fixture
def on_loop():
    """Runs a function of a loop that stands still and a connection on it, whose answer has begun."""

    def run(doing):
        async def main():
            loop = asyncio.get_running_loop()
            connection = Connection(Origin("http", "edge.example", 80), loop)
            connection.data_received(HEAD)
            await doing(loop, connection)
            connection.connection_lost(None)

        with asyncio.Runner(loop_factory=Still) as runner:
            runner.run(main())

    return run


def test_every_wait_has_its_whole_time(on_loop):
    """A wait that begins late in the time of the one before it ends by its own time, not by the other's."""

    async def steady(loop, connection):
        first = await loop.waiting(connection, LONG)
        await loop.pass_to(9.0)
        connection.data_received(b"a")
        assert await first == b"a"
        second = await loop.waiting(connection, LONG)
        await loop.pass_to(18.9)
        assert not second.done()
        await loop.pass_to(19.1)
        assert isinstance(second.exception(), TimeoutError)

    on_loop(steady)


def test_shorter_wait_ends_first(on_loop):
    """A wait shorter than the one before it ends when its own time is over."""

    async def hurried(loop, connection):
        first = await loop.waiting(connection, LONG)
        await loop.pass_to(0.5)
        connection.data_received(b"a")
        await first
        second = await loop.waiting(connection, SHORT)
        await loop.pass_to(1.6)
        assert isinstance(second.exception(), TimeoutError)

    on_loop(hurried)


def test_waits_leave_one_timer(on_loop):
    """However many waits there were, one timer is left, and none once the connection is lost."""

    async def many(loop, connection):
        for _ in range(9):
            waiting = await loop.waiting(connection, LONG)
            await loop.pass_to(loop.now + 0.1)
            connection.data_received(b"a")
            await waiting
        assert len(loop._scheduled) == 1
        connection.connection_lost(None)
        assert not [timer for timer in loop._scheduled if not timer.cancelled()]

    on_loop(many)
