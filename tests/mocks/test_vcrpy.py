"""vcrpy records and replays every call of the SDK, on its default connections."""

from __future__ import annotations

import pytest
import vcr


@pytest.mark.parametrize("transport", ["httpx", "httpx2"])
async def test_a_recorded_call_is_replayed(call, kind, server, tmp_path, transport):
    """The second call reads the cassette: the server sees one request."""
    recorder = vcr.VCR(filter_headers=["authorization"], match_on=["method", "uri"])
    cassette = tmp_path / "call.yaml"
    with recorder.use_cassette(str(cassette)):
        assert await call(kind, server.url, transport=transport) == "Hello"
    with recorder.use_cassette(str(cassette), record_mode="none") as replayed:
        assert await call(kind, server.url, transport=transport) == "Hello"
    assert (server.requests, replayed.play_count) == (1, 1)


async def test_a_call_that_is_not_recorded_fails_as_vcrpy_says(call, kind, server, tmp_path):
    """Its exception is raised unchanged, and nothing is sent."""
    with (
        vcr.use_cassette(str(tmp_path / "empty.yaml"), record_mode="none"),
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException, match="Can't play back"),
    ):
        await call(kind, server.url, max_retries=2)
    assert server.requests == 0
