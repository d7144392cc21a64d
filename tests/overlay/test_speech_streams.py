"""Streamed speech: bytes as they are received."""

import json
import threading

import httpx
import pytest

from polargrid import ServerError, StreamInterruptedError
from polargrid_testing.steps import ReceiveRequest, Send, render_chunk
from tests.overlay.faults.scripts import response_head

SPEECH = {"model": "tts-1", "input": "Hi", "voice": "alloy"}


def test_audio_is_returned_before_the_next_is_sent(connect, serve):
    """The first bytes do not wait for the second."""
    is_received, outcomes = threading.Event(), []

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/pcm"))
        yield Send(render_chunk(b"\0\1"))
        outcomes.append(is_received.wait(60))
        yield Send(render_chunk(b"\2\3"))
        yield Send(render_chunk(b""))

    audio = connect(base_url=serve(script).url).text_to_speech_stream(SPEECH)
    assert next(audio) == b"\0\1"
    is_received.set()
    assert b"".join(audio) == b"\2\3"
    assert outcomes == [True]


def test_request(connect):
    """It sets `stream`."""
    client = connect(httpx.Response(200, headers={"content-type": "audio/mpeg"}, content=b"ID3"))
    assert b"".join(client.text_to_speech_stream(SPEECH)) == b"ID3"
    assert json.loads(client.requests[0].content) == {**SPEECH, "stream": True}


def test_interrupted_audio(connect, serve):
    """It raises, and is not retried after the first bytes."""

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type="audio/mpeg"))
        yield Send(render_chunk(b"ID3"))

    server = serve(script)
    audio = connect(base_url=server.url, max_retries=3).text_to_speech_stream(SPEECH)
    assert next(audio) == b"ID3"
    with pytest.raises(StreamInterruptedError):
        next(audio)
    assert len(server.requests) == 1


@pytest.mark.parametrize("response", [httpx.Response(200, json={}), httpx.Response(200, html="<p>Log in</p>")])
def test_response_that_is_not_audio(connect, response):
    """It is a ServerError that has the Content-Type."""
    with pytest.raises(ServerError, match=r"^text_to_speech: expected a stream, not Content-Type "):
        list(connect(response).text_to_speech_stream(SPEECH))
