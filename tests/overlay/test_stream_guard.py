"""The end of a response on a connection of httpx: whether anything follows it, wherever the bytes are cut."""

import h11
import pytest

from polargrid_transport._sync.pooled_transport import StreamGuard
from polargrid_transport.deadline import Deadline, Timeouts
from tests.fast.messages import MESSAGES


class FakeStream:
    """A network stream that returns one piece per read."""

    def __init__(self, pieces):
        self._pieces = list(pieces)
        self.requests = b""

    def read(self, _max_bytes, **_options):
        if not self._pieces:
            raise EOFError
        self.requests += self._pieces[0]
        return self._pieces.pop(0)

    def write(self, _data, **_options):
        """Ignore it."""


def receive(stream, guard):
    """Read one response as httpx does; return its status, body and the bytes that h11 keeps for the next one."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "host.test")]))
    connection.send(h11.EndOfMessage())
    status, body = 0, b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if event is h11.NEED_DATA:
            connection.receive_data(stream.read(65536, timeout=1))
        elif isinstance(event, h11.Response):
            status, names = event.status_code, [name for name, _ in event.headers]
            guard.is_chunked = b"transfer-encoding" in names
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
    return status, body, connection.trailing_data[0]


def judge(pieces):
    """Return the response, what was received, and whether that is more; None if the response is not whole."""
    stream = FakeStream(pieces)
    guard = StreamGuard(stream, Deadline(Timeouts(None, None, None, None), None, None))
    try:
        status, body, kept = receive(stream, guard)
    except (h11.ProtocolError, EOFError):
        return None
    assert guard.has_surplus or not kept
    return status, body, stream.requests, guard.has_surplus


def find_end(message):
    """The length of the response: the shortest beginning that is whole."""
    return next((size for size in range(1, len(message) + 1) if judge([message[:size]])), None)


@pytest.mark.parametrize("name", [name for name, message in MESSAGES.items() if find_end(message)])
def test_every_cut_shows_the_surplus(name):
    """More than the response was received exactly if the bytes received are longer than it."""
    message = MESSAGES[name]
    end = find_end(message)
    cuts = [[message], *([message[:cut], message[cut:]] for cut in range(1, len(message)))]
    cuts += [[message[start : start + size] for start in range(0, len(message), size)] for size in range(1, 9)]
    verdicts = [judge(pieces) for pieces in cuts]
    assert {verdict[:2] for verdict in verdicts} == {verdicts[0][:2]}
    assert [verdict[3] for verdict in verdicts] == [len(verdict[2]) > end for verdict in verdicts]
