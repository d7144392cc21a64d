"""The head of a response is written with the beginning of its body, and never stays behind."""

import asyncio

from polargrid_edge.http.head_buffer import HeadBuffer

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True


def write(*parts: bytes, rounds: int = 0, closes: bool = False) -> list[bytes]:
    """What is written for these parts, after some rounds of the loop."""

    async def run() -> list[bytes]:
        transport = Transport()
        buffer = HeadBuffer(transport, asyncio.get_running_loop())  # type: ignore[arg-type]
        for part in parts:
            buffer.write(part)
        for _ in range(rounds):
            await asyncio.sleep(0)
        if closes:
            buffer.close()
            assert transport.is_closed
        assert buffer.get_write_buffer_size() == (0 if transport.written else len(HEAD))
        return list(transport.written)

    return asyncio.run(run())


def test_a_head_is_written_with_the_beginning_of_its_body() -> None:
    """What follows is written at once."""
    assert write(HEAD, b"a", b"b") == [HEAD + b"a", b"b"]


def test_a_head_alone_is_written_in_the_next_round() -> None:
    """A body may come much later."""
    assert write(HEAD) == []
    assert write(HEAD, rounds=1) == [HEAD]


def test_a_head_is_written_before_the_connection_closes() -> None:
    """It may be the whole response."""
    assert write(HEAD, closes=True) == [HEAD]


def test_a_long_body_is_not_copied() -> None:
    """Copying it takes longer than writing twice."""
    body = b"x" * 100_000
    assert write(HEAD, body) == [HEAD, body]
