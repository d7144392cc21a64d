"""vcrpy records and replays every call of the SDK, on its default connections."""

from __future__ import annotations

import vcr


async def test_a_recorded_call_is_replayed(chat, server, tmp_path):
    """The second call reads the cassette: the server sees one request."""
    recorder = vcr.VCR(filter_headers=["authorization"], match_on=["method", "uri"])
    cassette = tmp_path / "chat.yaml"
    with recorder.use_cassette(str(cassette)):
        assert await chat(server.url) == "Hello"
    with recorder.use_cassette(str(cassette), record_mode="none") as replayed:
        assert await chat(server.url) == "Hello"
    assert (server.requests, replayed.play_count) == (1, 1)


async def test_a_recorded_stream_is_replayed(chat, server, tmp_path):
    """A stream is recorded whole, and replayed as a stream."""
    recorder = vcr.VCR(filter_headers=["authorization"], match_on=["method", "uri"])
    cassette = tmp_path / "stream.yaml"
    with recorder.use_cassette(str(cassette)):
        assert await chat(server.url, stream=True) == "Hello"
    with recorder.use_cassette(str(cassette), record_mode="none"):
        assert await chat(server.url, stream=True) == "Hello"
    assert server.requests == 1
