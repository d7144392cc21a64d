"""Streams that end early, late, or not at all."""

from threading import Event

import pytest

from polargrid import (
    ServerError,
    StreamInterruptedError,
    TimeoutError,  # noqa: A004 - the documented name
)
from tests.overlay.faults.edges import (
    CHAT,
    DONE,
    SPEECH,
    chunk,
    closes,
    head,
    says,
    streams,
    texts,
)
from tests.overlay.faults.registry import fault


def said(against, *pieces, then=None):
    """The texts of a stream of these pieces."""
    return texts(against(streams(*pieces, then=then)).chat_completion_stream(CHAT))


@fault("stream", "Events follow `[DONE]`", then="they are not read")
def test_after_done(against):
    assert said(against, chunk("a"), DONE, chunk("b"), b"data: junk\n\n") == ["a"]


@fault("stream", "`[DONE]` came, and the connection stays open", then="the end at once, the connection closed")
def test_open_after_done(against, within):
    left = []
    client = against(streams(chunk("a"), DONE, then=lambda connection: left.append(connection.left())))
    with within(3):
        assert texts(client.chat_completion_stream(CHAT)) == ["a"]
    client.edge.join()
    assert left == [True]


@fault("stream", "It ends with a finish_reason and without `[DONE]`", then="the whole stream")
def test_finish_reason(against):
    assert said(against, chunk("a"), chunk("b", "stop")) == ["a", "b"]


ENDS = {"ended": None, "dropped": closes, "reset": lambda connection: connection.reset()}


@pytest.mark.parametrize("end", ENDS)
@fault(
    "stream",
    "It ends without `[DONE]` or a finish_reason, or the connection is dropped or reset",
    then="`StreamInterruptedError` with the text so far in `partial`",
)
def test_no_end(against, fails, end):
    received = Event()

    def ends(connection):
        received.wait(5)  # a reset may overtake what was sent before
        (ENDS[end] or (lambda it: it.piece(b"")))(connection)

    chunks = against(streams(chunk("Once"), chunk(" upon"), then=ends)).chat_completion_stream(CHAT)
    assert texts([next(chunks), next(chunks)]) == ["Once", " upon"]
    received.set()
    with fails(StreamInterruptedError, "chat_completion: ", partial="Once upon"):
        next(chunks)


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data: [DONE]\n", chunk("b", "stop")[:-1]], ids=["1", "2", "3"])
@fault("stream", "The last event has no empty line after it", then="`StreamInterruptedError`: it may not be whole")
def test_unterminated(against, fails, tail):
    with fails(StreamInterruptedError, "ended before the answer did", partial="a"):
        list(against(streams(chunk("a"), tail)).chat_completion_stream(CHAT))


@fault("stream", "It is empty", then="`StreamInterruptedError`")
def test_empty(against, fails):
    with fails(StreamInterruptedError, "ended before the answer did", partial=""):
        list(against(streams()).chat_completion_stream(CHAT))


@fault("stream", "A chunk of the transfer is cut in the middle of an event", then="`StreamInterruptedError`")
def test_cut_chunk(against, fails):
    cut = streams(chunk("a"), then=lambda connection: connection.send(b"1000\r\ndata: {"))
    with fails(StreamInterruptedError, "The connection broke", partial="a"):
        list(against(cut).chat_completion_stream(CHAT))


@fault("stream", "It comes without chunks, its end that of the connection", then="the whole stream")
def test_until_closed(against):
    script = says(head(media_type="text/event-stream"), chunk("a"), DONE, then=closes)
    assert texts(against(script).chat_completion_stream(CHAT)) == ["a"]


@pytest.mark.parametrize("piece", [b"x" * 65536, b"data: " + b"x" * 65530 + b"\n"], ids=["line", "event"])
@fault("stream", "A line, or an event, never ends", then="`ServerError` after `max_event_bytes`, in bounded memory")
def test_endless_line(against, fails, memory, piece):
    def endless(connection):
        connection.request()
        connection.send(head(media_type="text/event-stream") + chunk("a"))
        while True:
            connection.send(piece)

    client = against(endless, max_event_bytes=1_000_000)
    with memory(16_000_000), fails(ServerError, "an event is longer than 1000000 bytes", partial="a"):
        list(client.chat_completion_stream(CHAT))


@fault("stream", "Comments come for ever, and fast", then="`TimeoutError` after `idle_timeout`, in bounded memory")
def test_endless_comments(against, fails, memory, within):
    def endless(connection):
        connection.request()
        connection.send(head(media_type="text/event-stream") + chunk("a"))
        while True:
            connection.send(b": ping\n\n" * 1000)

    client = against(endless, idle_timeout=0.1)
    with within(3), memory(8_000_000), fails(TimeoutError, "nothing of it came for 0.1 s", partial="a"):
        list(client.chat_completion_stream(CHAT))


@pytest.mark.parametrize("end", [closes, lambda connection: connection.reset()], ids=["dropped", "reset"])
@fault("stream", "Streamed audio breaks off", then="`StreamInterruptedError` after the pieces that came")
def test_audio_breaks(against, fails, end):
    received = Event()

    def ends(connection):
        received.wait(5)
        end(connection)

    audio = against(streams(b"ID3", then=ends, media_type="audio/mpeg"), max_retries=3)
    pieces = audio.text_to_speech_stream(SPEECH)
    assert next(pieces) == b"ID3"
    received.set()
    with fails(StreamInterruptedError, "text_to_speech: The connection broke"):
        next(pieces)


@fault("stream", "Streamed audio is empty", then="`ServerError`")
def test_empty_audio(against, fails):
    with fails(ServerError, "text_to_speech: the answer ended with nothing in it"):
        list(against(streams(media_type="audio/mpeg")).text_to_speech_stream(SPEECH))


@fault("stream", "You leave before its end", then="the connection is closed, and the client goes on with another")
def test_leaving(against):
    left = []
    leaving = streams(chunk("a"), then=lambda connection: left.append(connection.left()))
    client = against(leaving, streams(chunk("b"), DONE))
    chunks = client.chat_completion_stream(CHAT)
    next(chunks)
    chunks.close()
    assert texts(client.chat_completion_stream(CHAT)) == ["b"]
    assert list(chunks) == []
    client.close()
    client.edge.join()
    assert left == [True]
