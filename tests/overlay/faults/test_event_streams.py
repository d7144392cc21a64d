"""Streams: all that the standard for server-sent events allows."""

from threading import Event

import pytest

from polargrid_testing.steps import ReceiveRequest, Send, Until, render_chunk
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import CHAT, DONE, EVENT_STREAM, chunk, response_head, stream, texts


def read_texts(connect_to, *data):
    """Return the texts of a stream of these chunks."""
    return texts(connect_to(stream(*data)).chat_completion_stream(CHAT))


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("size", [1, 7, 10_000])
@fault(
    "stream",
    "Lines end with CR, LF or CRLF, split anywhere between packets",
    result="the complete stream",
    line=r'fake.fault("stream-format", line_end="\r\n", size=7)',
)
def test_line_ends(connect_to, end, size):
    data = b"".join([chunk("a"), chunk("b"), DONE]).replace(b"\n", end)
    assert read_texts(connect_to, *[data[start : start + size] for start in range(0, len(data), size)]) == ["a", "b"]


@pytest.mark.parametrize("text", ["\u2028\u2029\x85", "🧊é", "\x0b\x0c\x1c\x1d", "\ufeff", 'say "error"'], ids=ascii)
@fault(
    "stream",
    "A text holds U+2028, or a character is split between packets",
    result="the text as it is",
    line=r'fake.fault("stream-text", text="\u2028🧊")',
)
def test_characters(connect_to, text):
    data = chunk(text) + DONE
    assert read_texts(connect_to, *[bytes([byte]) for byte in data]) == [text]


@fault(
    "stream",
    "It starts with a byte order mark",
    result="the complete stream",
    line='fake.fault("stream-format", byte_order_mark=True)',
)
def test_byte_order_mark(connect_to):
    assert read_texts(connect_to, b"\xef\xbb", b"\xbf" + chunk("a"), DONE) == ["a"]


@fault(
    "stream",
    "It holds comments, ids, names, unknown fields and empty events",
    result="the complete stream",
    line='fake.fault("stream-format", fields=True)',
)
def test_fields(connect_to):
    fields = b": ping\n\nid: 1\nevent: message\nretry: 5\nnew_field: 1\nnothing\n"
    assert read_texts(connect_to, fields + chunk("a"), b":\n\nid: 2\n\n", DONE) == ["a"]


@fault(
    "stream",
    "No space follows the colon",
    result="the complete stream",
    line='fake.fault("stream-format", space=False)',
)
def test_no_space(connect_to):
    assert read_texts(connect_to, chunk("a").replace(b"data: ", b"data:"), b"data:[DONE]\n\n") == ["a"]


@fault(
    "stream",
    "The data of an event is split into lines",
    result="the complete stream",
    line='fake.fault("stream-format", split_data=True)',
)
def test_lines(connect_to):
    assert read_texts(connect_to, chunk("a").replace(b', "model"', b'\ndata: , "model"'), DONE) == ["a"]


@fault("stream", "Many events arrive in one packet", result="all of them", line='fake.fault("stream-format", size=0)')
def test_one_packet(connect_to):
    assert read_texts(connect_to, chunk("a") * 500 + DONE) == ["a"] * 500


@fault(
    "stream",
    "An event arrives, and the next is not sent yet",
    result="the first chunk at once",
    line='fake.fault("stream-stall", after=1)',
)
def test_first_event_at_once(connect_to):
    is_received, result = Event(), []

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(chunk("a")))
        yield Until(is_received.is_set)
        result.append(is_received.is_set())
        yield Send(render_chunk(chunk("b") + DONE))
        yield Send(render_chunk(b""))

    chunks = connect_to(script).chat_completion_stream(CHAT)
    assert texts([next(chunks)]) == ["a"]
    is_received.set()
    assert (texts(chunks), result) == (["b"], [True])


@fault(
    "stream",
    "A value is unknown, a field is unknown, or missing",
    result="the chunk with what it holds",
    line='fake.fault("field", path="new_field", value=1)',
)
def test_unknown_fields(connect_to):
    client = connect_to(stream(chunk("a", "new_reason", new_field=1), DONE))
    (only,) = client.chat_completion_stream(CHAT)
    assert (only.choices[0].finish_reason, only.model_extra) == ("new_reason", {"new_field": 1})


@fault(
    "stream",
    "The usage follows the finish_reason, in a chunk without choices",
    result="the chunk with the usage",
    line='fake.fault("stream-end", problem="usage-after")',
)
def test_usage(connect_to):
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    client = connect_to(stream(chunk("a", "stop"), chunk(choices=[], usage=usage), DONE))
    assert list(client.chat_completion_stream(CHAT))[-1].usage.total_tokens == 3
