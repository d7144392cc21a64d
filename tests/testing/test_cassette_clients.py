"""Cassettes and the caller's own httpx clients: each request is recorded by the client that sent it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import httpx2
import pytest

import polargrid
from polargrid_testing.cassettes.cassette import cassette
from polargrid_testing.steps import Answer, Piece, Stall
from tests.testing.cassette_origin import KEY, serve_origin


def _answer_as(library, name):
    models = {"object": "list", "data": [{"id": name, "object": "model"}]}
    return library.MockTransport(lambda _: library.Response(200, json=models))


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_clients_of_one_server_are_recorded_each_by_its_own_transport_at_the_same_time(tmp_path, library):
    def list_models(name):
        with (
            library.Client(transport=_answer_as(library, name)) as http_client,
            polargrid.PolarGridSync(base_url="https://edge.test", api_key=KEY, http_client=http_client) as client,
        ):
            return {client.models.list().data[0].id for _ in range(4)}

    async def list_models_async(name):
        async with (
            library.AsyncClient(transport=_answer_as(library, name)) as http_client,
            polargrid.PolarGrid(base_url="https://edge.test", api_key=KEY, http_client=http_client) as client,
        ):
            return {(await client.models.list()).data[0].id for _ in range(4)}

    async def run_all():
        async with cassette(tmp_path / "async.yaml"):
            return await asyncio.gather(*map(list_models_async, "abc"))

    with cassette(tmp_path / "sync.yaml"), ThreadPoolExecutor(3) as pool:
        assert list(pool.map(list_models, "abc")) == [{"a"}, {"b"}, {"c"}]
    assert asyncio.run(run_all()) == [{"a"}, {"b"}, {"c"}]


def test_no_thread_waits_for_a_response_that_the_program_has_left(tmp_path):
    class Silent:
        def steps(self):
            head, *_ = Answer(200, {"content-type": "audio/mpeg"}, (Piece(b"x"),)).steps()
            yield from (head, Stall())

    with serve_origin() as origin:
        origin.on("/v1/audio/speech", lambda _: Silent())
        with (
            httpx.Client() as http_client,
            cassette(tmp_path / "a.yaml") as tape,
            polargrid.PolarGridSync(base_url=origin.url, api_key=KEY, http_client=http_client) as client,
        ):
            client.audio.speech.with_streaming_response.create(model="m", input="a", voice="v").__enter__().close()
        for thread in threading.enumerate():
            if thread.name == "polargrid-testing-client":
                thread.join(10)
                assert not thread.is_alive()
    assert tape.interactions[0].response.end == "disconnect"


def test_a_cassette_around_another_one_records_by_the_callers_client_too(tmp_path):
    with (
        httpx.Client(transport=_answer_as(httpx, "a")) as http_client,
        cassette(tmp_path / "outer.yaml") as outer,
        cassette(tmp_path / "inner.yaml") as inner,
        polargrid.PolarGridSync(base_url="https://edge.test", api_key=KEY, http_client=http_client) as client,
    ):
        assert client.models.list().data[0].id == "a"
    assert [item.response.content for item in outer.interactions] == [
        item.response.content for item in inner.interactions
    ]
    assert len(outer.interactions) == 1
