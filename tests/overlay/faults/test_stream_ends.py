"""Streams that end early, late, or never."""

from threading import Event

import pytest

from polargrid import (
    PolarGridError,
    ServerError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
)
from polargrid_testing.steps import ReceiveRequest, Send, Until
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    EVENT_STREAM,
    SPEECH,
    chunk,
    close,
    end_chunks,
    note_close,
    reset,
    response_head,
    send,
    stream,
    texts,
)


@fault("stream", "Events follow `[DONE]`", result="they are not read", line='fake.fault("stream-end", problem="more")')
def test_events_after_done(connect_to):
    client = connect_to(stream(chunk("a"), DONE, chunk("b"), b"data: junk\n\n"))
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


@fault(
    "stream",
    "`[DONE]` is received, and the response does not end",
    result="the stream ends, its connection is closed",
    line='fake.fault("stream-open")',
)
def test_open_after_done(connect_to):
    is_closed = []
    client = connect_to(stream(chunk("a"), DONE, then=note_close(is_closed)))
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    client.server.join()
    assert is_closed == [True]


@fault(
    "stream",
    "It ends with a finish_reason and without `[DONE]`",
    result="the complete stream",
    line='fake.fault("stream-end", problem="no-done")',
)
def test_finish_reason(connect_to):
    client = connect_to(stream(chunk("a"), chunk("b", "stop")))
    assert texts(client.chat_completion_stream(CHAT)) == ["a", "b"]


@pytest.mark.parametrize("end", [end_chunks, close, reset], ids=["end", "close", "reset"])
@fault(
    "stream",
    "It ends, or its connection does, without `[DONE]` or the finish_reason of a choice",
    result="`StreamInterruptedError` with the text so far in `partial`",
    line='fake.fault("stream-cut", after=2, end="end")',
)
def test_interrupted(connect_to, expect_error, end):
    is_received = Event()

    def end_later():
        yield Until(is_received.is_set)  # a reset may overtake what was sent before
        yield from end()

    chunks = connect_to(stream(chunk("Once"), chunk(" upon"), then=end_later)).chat_completion_stream(CHAT)
    assert texts([next(chunks), next(chunks)]) == ["Once", " upon"]
    is_received.set()
    with expect_error(StreamInterruptedError, "chat_completion: ", partial="Once upon"):
        next(chunks)


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data: [DONE]\n", chunk("b", "stop")[:-1]], ids=["1", "2", "3"])
@fault(
    "stream",
    "No empty line follows the last event",
    result="`StreamInterruptedError`: it may be incomplete",
    line='fake.fault("stream-end", problem="unterminated")',
)
def test_unterminated_event(connect_to, expect_error, tail):
    with expect_error(StreamInterruptedError, "ended without", partial="a"):
        list(connect_to(stream(chunk("a"), tail)).chat_completion_stream(CHAT))


@fault("stream", "It is empty", result="`StreamInterruptedError`", line='fake.fault("stream-end", problem="empty")')
def test_empty(connect_to, expect_error):
    with expect_error(StreamInterruptedError, "ended without", partial=""):
        list(connect_to(stream()).chat_completion_stream(CHAT))


@pytest.mark.parametrize("before", [b"\n", b": ping\n\n", b"event: ping\ndata: {}\n\n", b"data:\n\n"], ids=str)
@fault(
    "stream",
    "`[DONE]` is received without a chunk",
    result="`StreamInterruptedError`, retried",
    line='fake.fault("stream-end", problem="done-only", times=None)',
)
def test_done_alone(connect_to, expect_error, before):
    with expect_error(StreamInterruptedError, "stream ended before its first choice", partial=""):
        list(connect_to(stream(before, DONE)).chat_completion_stream(CHAT))
    client = connect_to(stream(before, DONE, then=close), stream(chunk("a"), DONE), max_retries=1)
    assert texts(client.chat_completion_stream(CHAT)) == ["a"]


@fault(
    "stream",
    "`[DONE]` follows chunks without a choice, with usage only",
    result="`StreamInterruptedError`",
    line='fake.fault("stream-end", problem="usage-only")',
)
def test_no_choice(connect_to, expect_error):
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 0, "total_tokens": 1}}\n\n'
    with expect_error(StreamInterruptedError, "stream ended before its first choice", partial=""):
        list(connect_to(stream(usage, DONE)).chat_completion_stream(CHAT))


def choices_of(*items):
    """An event with choices: (index, text, finish_reason)."""
    choices = [{"index": index, "delta": {"content": text}, "finish_reason": end} for index, text, end in items]
    return chunk(choices=choices)


@fault(
    "stream",
    "One of several choices has no finish_reason, and there is no `[DONE]`",
    result="`StreamInterruptedError` that names it, with the text of the first in `partial`",
    line='fake.fault("stream-end", problem="choice-without-end")',
)
def test_choice_without_end(connect_to, expect_error):
    script = stream(choices_of((0, "a", None), (1, "b", None)), choices_of((0, "A", "stop")))
    with expect_error(StreamInterruptedError, r"without \[DONE\] or the finish_reason of choice 1", partial="aA"):
        list(connect_to(script).chat_completion_stream(CHAT))


@fault(
    "stream",
    "Every choice has a finish_reason, in any order, and there is no `[DONE]`",
    result="all choices",
    line='fake.fault("stream-end", problem="choices-with-ends")',
)
def test_choices_with_ends(connect_to):
    script = stream(
        choices_of((1, "b", None), (0, "a", "stop")), choices_of((1, "B", None)), choices_of((1, None, "stop"))
    )
    final = connect_to(script).chat.completions.stream(**CHAT).get_final_completion()
    assert [item.message.content for item in final.choices] == ["a", "bB"]


@fault(
    "stream",
    "`[DONE]` follows a choice without a finish_reason",
    result="the complete stream: the server says so",
    line='fake.fault("stream-end", problem="no-finish-reason")',
)
def test_done_without_finish_reason(connect_to):
    final = connect_to(stream(chunk("a"), DONE)).chat.completions.stream(**CHAT).get_final_completion()
    assert (final.choices[0].message.content, final.choices[0].finish_reason) == ("a", None)


CHUNKS_AGAIN = {"list": list, "next": next, "iter": lambda chunks: next(iter(chunks))}
TEXT_AGAIN = {
    **CHUNKS_AGAIN,
    "events": lambda text: list(text.events),
    "text_stream": lambda text: list(text.text_stream),
    "final": lambda text: text.final,
    "get_final_completion": lambda text: text.get_final_completion(),
    "until_done": lambda text: text.until_done(),
}
AUDIO_AGAIN = {
    **CHUNKS_AGAIN,
    "read": lambda audio: audio.read(),
    "iter_bytes": lambda audio: list(audio.iter_bytes()),
    "save": lambda audio: audio.save("speech.mp3"),
}
FAILURES = {
    "interrupted": stream(chunk("a"), then=close),
    "without end": stream(chunk("a")),
    "error event": stream(chunk("a"), b'data: {"error": "no"}\n\n'),
    "invalid event": stream(chunk("a"), b"data: junk\n\n"),
    "status": send(response_head(length=0, status="401 No")),
}


def read_again(expect_error, read, ways):
    """Read until the failure, and then again in each way, twice: the exception is the same."""
    with pytest.raises(PolarGridError) as caught:
        list(read)
    for again in [*ways.values(), *ways.values()]:
        with expect_error(type(caught.value)) as repeated:
            again(read)
        assert repeated.value is caught.value


@pytest.mark.parametrize("name", FAILURES)
@fault(
    "stream",
    "It failed, and is read again",
    result="the same exception, however it is read; never an end",
    line='fake.fault("stream-cut", after=2)',
)
def test_failed_stream(connect_to, expect_error, name):
    read_again(expect_error, connect_to(FAILURES[name]).chat_completion_stream(CHAT), CHUNKS_AGAIN)
    read_again(expect_error, connect_to(FAILURES[name]).chat.completions.stream(**CHAT), TEXT_AGAIN)


@fault(
    "stream",
    "Streamed audio failed, and is read again",
    result="the same exception; a file is not written",
    line='fake.fault("stream-cut", after=1)',
)
def test_failed_audio(connect_to, expect_error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    client = connect_to(stream(b"ID3", then=close, media_type="audio/mpeg"))
    read_again(expect_error, client.audio.speech.stream(**SPEECH), AUDIO_AGAIN)
    assert list(tmp_path.iterdir()) == []


@fault(
    "stream",
    "A chunk of the transfer is truncated inside an event",
    result="`StreamInterruptedError`",
    line='fake.fault("stream-cut", after=1, inside=True)',
)
def test_truncated_chunk(connect_to, expect_error):
    script = stream(chunk("a"), then=lambda: [Send(b"1000\r\ndata: {")])
    with expect_error(StreamInterruptedError, "connection error", partial="a"):
        list(connect_to(script).chat_completion_stream(CHAT))


@fault(
    "stream",
    "It is not chunked and ends with its connection",
    result="the complete stream",
    line='fake.fault("stream-format", chunked=False)',
)
def test_until_closed(connect_to):
    script = send(response_head(media_type=EVENT_STREAM), chunk("a"), DONE, then=close)
    assert texts(connect_to(script).chat_completion_stream(CHAT)) == ["a"]


def send_forever(data):
    """Build a script that streams a first event, and then the same bytes without an end."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head(media_type=EVENT_STREAM) + chunk("a"))
        while True:
            yield Send(data)

    return script


@pytest.mark.parametrize("data", [b"x" * 65536, b"data: " + b"x" * 65530 + b"\n"], ids=["line", "event"])
@fault(
    "stream",
    "A line, or an event, never ends",
    result="`ServerError` after `max_event_bytes`, in bounded memory",
    line='fake.fault("stream-endless")',
)
def test_endless_line(connect_to, expect_error, limit_memory, data):
    client = connect_to(send_forever(data), max_event_bytes=1_000_000)
    with limit_memory(32_000_000), expect_error(ServerError, "1000000 bytes", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault(
    "stream",
    "Comments are sent fast and forever",
    result="`TimeoutError` after `idle_timeout`, in bounded memory",
    line='fake.fault("stream-comments", delay=0.0)',
)
def test_endless_comments(connect_to, expect_error, limit_memory):
    client = connect_to(send_forever(b": ping\n\n" * 1000), idle_timeout=0.1)
    with limit_memory(32_000_000), expect_error(TimeoutError, "idle timeout: no event within 0.1 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@pytest.mark.parametrize("end", [close, reset])
@fault(
    "stream",
    "Streamed audio is interrupted",
    result="`StreamInterruptedError` after the bytes so far",
    line='fake.fault("stream-cut", after=1)',
)
def test_interrupted_audio(connect_to, expect_error, end):
    is_received = Event()

    def end_later():
        yield Until(is_received.is_set)
        yield from end()

    client = connect_to(stream(b"ID3", then=end_later, media_type="audio/mpeg"), max_retries=3)
    audio = client.text_to_speech_stream(SPEECH)
    assert next(audio) == b"ID3"
    is_received.set()
    with expect_error(StreamInterruptedError, "text_to_speech: connection error"):
        next(audio)


@fault("stream", "Streamed audio is empty", result="`ServerError`", line='fake.fault("body", data=b"")')
def test_empty_audio(connect_to, expect_error):
    with expect_error(ServerError, "text_to_speech: response with an empty body"):
        list(connect_to(stream(media_type="audio/mpeg")).text_to_speech_stream(SPEECH))


@fault("stream", "You close it before its end", result="its connection is closed; the client uses another", line=None)
def test_closed_early(connect_to):
    is_closed = []
    first = stream(chunk("a"), then=note_close(is_closed))
    client = connect_to(first, stream(chunk("b"), DONE))
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert texts(client.chat_completion_stream(CHAT)) == ["b"]
    assert list(chunks) == []
    client.close()
    client.server.join()
    assert is_closed == [True]
