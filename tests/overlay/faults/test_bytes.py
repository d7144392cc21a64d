"""The same bytes get the same verdict from both clients, on every event loop, wherever they are cut."""

import pytest

from polargrid import NetworkError, PolarGridError
from polargrid_testing.steps import ReceiveRequest, Send
from tests.fast.messages import MESSAGES, STRICTER, h11_verdict
from tests.overlay.faults.registry import fault


class Sender:
    """A script that responds to each request with `pieces`, and closes."""

    def __init__(self):
        self.pieces = []

    def __call__(self):
        if (yield ReceiveRequest()).line:
            for piece in self.pieces:
                yield Send(piece)


def judge(client):
    """Return None if there was no whole response, or else its status and the error, which quotes its body."""
    with pytest.raises(PolarGridError) as caught:
        client.health()
    return None if type(caught.value) is NetworkError else (caught.value.status_code, str(caught.value))


def is_equal(verdict, expected):
    """Whether the verdict is the status and the body expected; None and 101 are no response."""
    if expected is None or expected[0] == 101:
        return verdict is None
    return verdict is not None and verdict[0] == expected[0] and expected[1].decode() in verdict[1]


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "bytes"])
@fault(
    "response",
    "Any bytes: whole, cut short, invalid, or with more behind them, in one piece or in many",
    result="the same from both clients: a response if it is whole, or else `NetworkError`; `fast` rejects more",
    line=r'fake.fault("raw", data=b"HTTP/1.1 200 OK\r\ncontent-length")',
)
def test_verdict(connect_to, connect, is_cut):
    sender = Sender()
    url = connect_to(sender).server.url
    wrong = {}
    for name, message in MESSAGES.items():
        data = message.replace(b"200 OK\r\n", b"200 OK\r\nContent-Type: application/json\r\n", 1)
        sender.pieces = [bytes([byte]) for byte in data] if is_cut else [data]
        expected = None if connect.transport == "fast" and name in STRICTER else h11_verdict(message)
        verdict = judge(connect(base_url=url))
        if not is_equal(verdict, expected):
            wrong[name] = verdict
    assert wrong == {}
