"""Cassettes: real traffic is recorded once, and replayed byte for byte, on every transport and both clients."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import httpx
import pytest

import polargrid
from polargrid_testing.cassettes.cassette import cassette
from polargrid_testing.cassettes.errors import CassetteMismatchError
from polargrid_testing.fake.context import fake_edge
from polargrid_testing.steps import Answer, Close, Piece, Stall, Until
from polargrid_transport._async.transport import AsyncTransport
from polargrid_transport._sync.transport import SyncTransport
from tests.testing.cassette_origin import KEY, SPEECH, run_program, run_program_async, serve_origin

TRANSPORTS = ("httpx", "httpx2", "fast")
LOOPS = {
    "asyncio": partial(anyio.run, backend="asyncio"),
    "uvloop": partial(anyio.run, backend="asyncio", backend_options={"use_uvloop": True}),
    "trio": partial(anyio.run, backend="trio"),
}
#: Recorded from the local edge with its models: a streamed chat, speech, a transcript of the speech.
REAL = Path(__file__).with_name("cassettes") / "real_edge.yaml"


@pytest.fixture
def origin():
    """A scripted server."""
    with serve_origin() as server:
        yield server


@pytest.fixture
def recorded(origin, tmp_path):
    """A cassette of a streamed chat, a speech stream and an upload, and what the program saw."""
    path = tmp_path / "recorded.yaml"
    with cassette(path):
        seen = run_program(origin.url)
    origin.requests.clear()
    return path, seen


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_stream_of_text_one_of_audio_and_an_upload_are_replayed_on_both_clients(recorded, origin, transport):
    path, seen = recorded
    with cassette(path, allow_unused=False):
        assert run_program(origin.url, transport=transport) == seen
    with cassette(path, allow_unused=False):
        assert asyncio.run(run_program_async(origin.url, transport=transport)) == seen
    assert origin.requests == []


def test_each_body_is_replayed_byte_for_byte_in_the_pieces_in_which_it_was_received(recorded):
    with cassette(recorded[0]) as replayed, httpx.Client(base_url=replayed.url) as client:
        chat, speech, _ = (item.response for item in replayed.interactions)
        assert [piece.data for piece in speech.body] == SPEECH
        assert len(chat.body) == 5
        for item in replayed.interactions:
            body = item.request.body
            files = {"file": ("audio.wav", b"RIFF the bytes of a file", "audio/wav")}
            form = {"data": {"model": "m"}, "files": files, "params": {"sync": "true"}}
            sent = {"json": body["json"]} if "json" in body else form
            response = client.request(item.request.method, item.request.path, **sent)
            assert (response.status_code, response.content) == (item.response.status, item.response.content)
            assert item.response.headers.items() <= dict(response.headers).items()


def test_a_recording_hands_on_each_piece_as_it_arrives(origin, tmp_path):
    """The server sends the second piece after the program has read the first."""
    has_read = threading.Event()

    class Slow:
        def steps(self):
            answer = Answer(200, {"content-type": "audio/mpeg"}, (Piece(b"first"), Piece(b"second")))
            head, first, *rest = answer.steps()
            yield from (head, first, Until(has_read.is_set), *rest)

    origin.on("/v1/audio/speech", lambda _: Slow())
    with (
        cassette(tmp_path / "a.yaml") as tape,
        polargrid.PolarGridSync(base_url=origin.url) as client,
        client.audio.speech.with_streaming_response.create(model="m", input="a", voice="v") as response,
    ):
        pieces = response.iter_bytes()
        assert next(pieces) == b"first"
        has_read.set()
        assert b"".join(pieces) == b"second"
    assert [piece.data for piece in tape.interactions[0].response.body] == [b"first", b"second"]


def test_with_times_a_response_takes_its_time_piece_by_piece(origin, tmp_path):
    path = tmp_path / "a.yaml"
    with cassette(path):
        run_program(origin.url)
    path.write_text(path.read_text().replace("ms: 0", "ms: 20"))
    with cassette(path, times=True):
        started = time.monotonic()
        run_program(origin.url)
        assert time.monotonic() - started > 0.02 * 5  # a lower bound: no machine is too slow for it


def test_the_cassette_is_readable(recorded):
    text = recorded[0].read_text()
    assert "          text: |+\n            data: {" in text
    assert re.search(r"form:\n +- name: model\n +text: m\n +- name: file\n +filename: audio.wav", text)
    assert not re.search("boundary|user-agent|idempotency|authorization", text, re.IGNORECASE)


@pytest.mark.parametrize("run", LOOPS.values(), ids=LOOPS)
def test_a_cassette_is_an_async_context_manager_on_each_event_loop(recorded, origin, run):
    path, seen = recorded

    async def main():
        async with cassette(path):
            return await run_program_async(origin.url)

    assert run(main) == seen


def test_clients_in_threads_and_tasks_share_a_cassette(origin, tmp_path):
    path, names = tmp_path / "a.yaml", [f"name {number}" for number in range(4)]

    async def run_all():
        async with anyio.create_task_group() as group:
            for name in names:
                group.start_soon(partial(run_program_async, origin.url, name=name))

    with cassette(path):
        threads = [threading.Thread(target=run_program, args=(origin.url,), kwargs={"name": name}) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(origin.requests) == 12
    with cassette(path, allow_unused=False):
        asyncio.run(run_all())
    assert len(origin.requests) == 12


def test_each_task_uses_the_cassette_that_it_opened(origin, tmp_path):
    async def record(name):
        async with cassette(tmp_path / f"{name}.yaml") as tape:
            await run_program_async(origin.url, name=name)
        return [item.request.body["json"]["messages"][0]["content"] for item in tape.interactions[:1]]

    async def main():
        return await asyncio.gather(*map(record, ["Ada", "Bob"]))

    assert asyncio.run(main()) == [["Ada"], ["Bob"]]


def test_other_processes_send_to_the_cassette(recorded, origin):
    path, seen = recorded
    program = "import os; from tests.testing.cassette_origin import run_program\n"
    program += "print(run_program(os.environ['POLARGRID_BASE_URL'])[2])"
    with cassette(path):
        command = [sys.executable, "-c", program]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert output.strip() == seen[2]
    assert "POLARGRID_BASE_URL" not in os.environ


@pytest.mark.parametrize("key", [None, ""], ids=["no-key", "empty-key"])
def test_a_client_of_this_process_has_its_region_and_needs_no_key(tmp_path, recorded, monkeypatch, key):
    if key is not None:  # a secret that a CI system does not have
        monkeypatch.setenv("POLARGRID_API_KEY", key)
    path = tmp_path / "a.yaml"
    path.write_text(
        recorded[0].read_text().replace("origin: local", "origin: https://api.yvr-01.edge.polargrid.ai:55111")
    )
    with cassette(path), polargrid.PolarGridSync() as client:
        messages = [{"role": "user", "content": "Ada"}]
        stream = client.chat.completions.create(model="m", messages=messages, stream=True)
        assert client.get_region_id() == "yvr-01"
        assert len(list(stream)) == 4
        assert stream.meta.region == "yvr-01"


def test_nothing_is_left_when_no_cassette_is_active(recorded):
    methods = [vars(kind).copy() for kind in (AsyncTransport, SyncTransport)]
    environment = dict(os.environ)
    first, second = cassette(recorded[0]), cassette(recorded[0])
    first.start()
    second.start()
    assert SyncTransport.send is not methods[1]["send"]
    first.stop(keep=False)
    assert os.environ["POLARGRID_BASE_URL"] == second.url
    second.stop(keep=False)
    assert [dict(vars(kind)) for kind in (AsyncTransport, SyncTransport)] == methods
    assert dict(os.environ) == environment


def test_a_client_that_the_program_leaves_open_works_afterwards(recorded, origin):
    with polargrid.PolarGridSync(base_url=origin.url) as client:
        with cassette(recorded[0].with_name("new.yaml")):
            client.models.list()
        client.models.list()
    assert len(origin.requests) == 2


@pytest.mark.parametrize("kind", ["proxy", "mounts", "base_url", "httpx2"])
def test_the_users_http_client_is_recorded_by_its_transports_and_replayed_with_its_hooks(tmp_path, kind):
    """It reaches no server: what it sends is answered in its process."""
    library = httpx
    if kind == "httpx2":
        import httpx2 as library
    calls = []

    def answer(request):
        calls.append(str(request.url))
        return library.Response(200, json={"object": "list", "data": []}, headers={"x-request-id": "r"})

    mock = library.MockTransport(answer)
    options = {
        "proxy": {"mounts": {"https://": mock}, "proxy": "http://127.0.0.1:1"},
        "mounts": {"mounts": {"all://edge.test": mock}},
        "base_url": {"transport": mock, "base_url": "https://elsewhere.test/x"},
        "httpx2": {"transport": mock},
    }[kind]
    hooked = []
    options["event_hooks"] = {"request": [lambda request: hooked.append(request.method)]}
    path = tmp_path / "a.yaml"
    for _ in range(2):
        with (
            library.Client(**options) as http_client,
            cassette(path, allow_unused=False),
            polargrid.PolarGridSync(base_url="https://edge.test", api_key=KEY, http_client=http_client) as client,
        ):
            assert client.models.list().data == []
    assert calls == ["https://edge.test/v1/models"]
    assert hooked == ["GET", "GET"]


@pytest.mark.parametrize("run", LOOPS.values(), ids=LOOPS)
def test_the_users_async_http_client_is_recorded_in_its_event_loop(tmp_path, origin, run):
    path = tmp_path / "a.yaml"

    async def main():
        async with httpx.AsyncClient() as http_client, cassette(path):
            return await run_program_async(origin.url, http_client=http_client)

    first, second = [run(main) for _ in range(2)]
    assert first == second
    assert len(origin.requests) == 3


def test_a_server_with_tls_and_a_private_certificate_is_recorded(tmp_path):
    import ssl

    import trustme

    authority = trustme.CA()
    server, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(trusting)
    with serve_origin(ssl_context=server) as origin:
        with cassette(tmp_path / "a.yaml"):
            seen = run_program(origin.url, ssl_context=trusting)
        assert len(origin.requests) == 3
        with cassette(tmp_path / "a.yaml"):
            assert run_program(origin.url) == seen
        assert len(origin.requests) == 3


def test_another_file_is_another_upload(recorded, origin):
    with (
        pytest.raises(CassetteMismatchError, match=r"(?s)\n-\s+size: 24\n.*\n\+\s+size: 27\n"),
        cassette(recorded[0]),
        polargrid.PolarGridSync(base_url=origin.url, max_retries=0) as client,
        pytest.raises(polargrid.errors.APIStatusError, match=r"not in .*recorded\.yaml"),
    ):
        client.audio.transcriptions.create(model="m", file=b"RIFF another one, my friend")


def test_a_request_that_is_not_recorded_fails_the_block_and_shows_the_difference(recorded, origin):
    """Even if the program catches the error."""
    with (
        pytest.raises(CassetteMismatchError) as failure,
        cassette(recorded[0]),
        pytest.raises(polargrid.errors.APIStatusError) as error,
    ):
        run_program(origin.url, name="Bob")
    assert error.value.status_code == 501
    text = str(failure.value)
    assert text.startswith(f"POST /v1/chat/completions: not in {recorded[0]}. The closest recorded request differs:")
    assert re.search(r"\n-\s+content: Ada\n\+\s+content: Bob\n", text)
    assert "--polargrid-record=new" in text
    assert re.sub(r"\s+", " ", text)[:300] in re.sub(r"\s+", " ", str(error.value))
    assert origin.requests == []


def test_a_request_that_is_sent_too_often_is_refused(recorded, origin):
    program = partial(run_program, origin.url)
    with pytest.raises(CassetteMismatchError, match=r"more often than .* has it, once"), cassette(recorded[0]):
        assert program() == program()


def test_requests_that_are_left_out_can_fail_the_block(recorded):
    with (
        pytest.raises(CassetteMismatchError, match="recorded, but not requested: POST /v1/chat/completions, POST"),
        cassette(recorded[0], allow_unused=False),
    ):
        pass


def test_responses_to_the_same_request_are_replayed_in_their_order(origin, tmp_path):
    answers = iter(
        [Answer.json({"error": {"message": "busy"}}, status=503), Answer.json({"object": "list", "data": []})]
    )
    origin.on("/v1/models", lambda _: next(answers))
    attempts = []
    for _ in range(2):
        policy = polargrid.retry.RetryPolicy(first_delay=0)
        with cassette(tmp_path / "a.yaml"), polargrid.PolarGridSync(base_url=origin.url, retry=policy) as client:
            attempts.append(client.models.list().meta.attempts)
    assert attempts == [2, 2]


def test_a_body_that_the_server_breaks_off_is_replayed_so(origin, tmp_path):
    class Cut:
        def steps(self):
            *steps, _ = Answer(200, {"content-type": "application/json"}, (Piece(b'{"object"'), Piece(b": 1"))).steps()
            yield from [*steps, Close()]

    origin.on("/v1/models", lambda _: Cut())
    errors = []
    for _ in range(2):
        with (
            cassette(tmp_path / "a.yaml") as tape,
            polargrid.PolarGridSync(base_url=origin.url, max_retries=0) as client,
        ):
            with pytest.raises(polargrid.errors.NetworkError) as error:
                client.models.list()
            errors.append(type(error.value))
    assert tape.interactions[0].response.end == "cut"
    assert errors[0] is errors[1]


def test_a_program_that_leaves_a_stream_can_leave_it_again(origin, tmp_path):
    left = threading.Event()

    class Endless:
        def steps(self):
            head, first, *_ = Answer(200, {"content-type": "text/event-stream"}, (Piece(_event("a")),)).steps()
            yield from (head, first, Until(left.is_set), Close())

    origin.on("/v1/chat/completions", lambda _: Endless())
    for _ in range(2):
        with (
            cassette(tmp_path / "a.yaml") as tape,
            polargrid.PolarGridSync(base_url=origin.url, max_retries=0) as client,
        ):
            messages = [{"role": "user", "content": "Ada"}]
            with client.chat.completions.create(model="m", messages=messages, stream=True) as stream:
                assert next(iter(stream)).choices[0].delta.content == "a"
            left.set()
    assert tape.interactions[0].response.end in ("cut", "disconnect")


def _event(text):
    choice = f'{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}'
    data = f'{{"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{choice}]}}'
    return f"data: {data}\n\n".encode()


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_what_the_local_edge_said_is_replayed(transport, is_async):
    """A streamed chat, speech, and a transcript of a file of the speech."""
    with cassette(REAL, record="none", allow_unused=False) as tape:
        seen = asyncio.run(_run_async(transport)) if is_async else _run_sync(transport)
    chat, speech, transcript = (item.response for item in tape.interactions)
    assert seen[0] in chat.content.decode()
    assert seen[1] == speech.content
    assert seen[2].encode() in transcript.content


REAL_CHAT = {
    "model": "smollm2-135m",
    "messages": [{"role": "user", "content": "Say hello."}],
    "max_tokens": 8,
    "seed": 1,
}
REAL_SPEECH = {"model": "kokoro-82m", "input": "Hello. Goodbye.", "voice": "af_heart", "stream": True}


def _run_sync(transport, **options):
    with polargrid.PolarGridSync(region="local", transport=transport, **options) as client:
        chunks = [
            chunk.choices[0].delta.content
            for chunk in client.chat.completions.create(**REAL_CHAT, stream=True)
            if chunk.choices
        ]
        with client.audio.speech.with_streaming_response.create(**REAL_SPEECH) as response:
            speech = b"".join(response.iter_bytes())
        text = client.audio.transcriptions.create(model="whisper-base", file=("speech.mp3", speech, "audio/mpeg")).text
    return next(filter(None, chunks)), speech, text


async def _run_async(transport):
    async with polargrid.PolarGrid(region="local", transport=transport) as client:
        stream = await client.chat.completions.create(**REAL_CHAT, stream=True)
        chunks = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
        async with client.audio.speech.with_streaming_response.create(**REAL_SPEECH) as response:
            speech = b"".join([data async for data in response.iter_bytes()])
        file = ("speech.mp3", speech, "audio/mpeg")
        transcript = await client.audio.transcriptions.create(model="whisper-base", file=file)
    return next(filter(None, chunks)), speech, transcript.text


def test_a_cassette_around_a_cassette_records_the_same(origin, tmp_path):
    with cassette(tmp_path / "outer.yaml") as outer, cassette(tmp_path / "inner.yaml") as inner:
        run_program(origin.url)
    assert [item.request for item in outer.interactions] == [item.request for item in inner.interactions]
    assert len(origin.requests) == 3


@pytest.mark.parametrize("options", [{}, {"region": "yvr"}], ids=["default", "region"])
def test_a_cassette_in_the_block_of_a_fake_records_the_fake(tmp_path, options):
    texts = []
    for answer in ("Hello", "unused"):
        with fake_edge() as fake:
            fake.chat(answer)
            with cassette(tmp_path / "a.yaml") as tape, polargrid.PolarGridSync(**options) as client:
                response = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
            texts.append((response.choices[0].message.content, len(fake.requests)))
            if not options:
                assert os.environ["POLARGRID_BASE_URL"] == fake.url
    assert texts == [("Hello", 1), ("Hello", 0)]
    assert len(tape.interactions) == 1


def test_a_program_that_does_not_wait_for_a_response_is_made_to_wait_again(origin, tmp_path):
    class Silent:
        def steps(self):
            yield Stall()

    async def leave(has_arrived):
        async with polargrid.PolarGrid(base_url=origin.url, max_retries=0) as client:
            task = asyncio.create_task(client.models.list())
            while not has_arrived():  # noqa: ASYNC110 - it waits for another thread
                await asyncio.sleep(0.001)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    origin.on("/v1/models", lambda _: Silent())
    with cassette(tmp_path / "a.yaml") as tape:
        asyncio.run(leave(lambda: origin.requests))
    (item,) = tape.interactions
    assert (item.response.status, item.response.end) == (0, "disconnect")
    with cassette(tmp_path / "a.yaml", allow_unused=False) as tape:
        asyncio.run(leave(lambda: not tape.unused))


def test_headers_are_replayed_byte_for_byte(origin, tmp_path):
    headers = {
        "x-ratelimit-name": "caf\xc3\xa9",
        "x-request-id": "a  b",
        "retry-after": "Mon, 30 Nov 2026 12:00:00 GMT",
    }
    origin.on("/v1/models", lambda _: Answer.json({"object": "list", "data": []}, headers={**headers, "date": "today"}))
    seen = []
    for _ in range(2):
        with cassette(tmp_path / "a.yaml"), polargrid.PolarGridSync(base_url=origin.url) as client:
            seen.append(dict(client.models.list().meta.headers))
    assert seen[0] == seen[1]
    assert seen[0].items() >= {"x-request-id": "a  b", "retry-after": headers["retry-after"], "date": "today"}.items()


@pytest.mark.parametrize("body", [b"{}", (Piece(b"{}"),)], ids=["length", "chunked"])
def test_a_response_without_a_body_leaves_its_connection_usable(origin, tmp_path, monkeypatch, body):
    monkeypatch.setenv("POLARGRID_BASE_URL", origin.url)
    kinds = {"content-type": "application/json"}

    def answer(request):
        if request.method != "HEAD":
            return Answer(200, kinds, body)
        steps = [next(iter(Answer(200, kinds, body).steps()))]
        return type("Head", (), {"steps": lambda _: iter(steps)})()

    origin.on("/v1/models", answer)
    origin.on("/v1/none", lambda _: Answer(204, {}, b""))
    for _ in range(2):
        with cassette(tmp_path / "a.yaml", allow_unused=False) as tape, httpx.Client(base_url=tape.url) as client:
            responses = [client.head("/v1/models"), client.get("/v1/none"), client.get("/v1/models")]
            assert [(item.status_code, item.content) for item in responses] == [(200, b""), (204, b""), (200, b"{}")]
    assert len(origin.requests) == 3


def test_the_difference_of_long_prompts_is_cut_to_what_differs(origin, tmp_path):
    def ask(text):
        with cassette(tmp_path / "a.yaml"), polargrid.PolarGridSync(base_url=origin.url) as client:
            client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])

    ask("word " * 100_000 + "Ada")
    with pytest.raises(CassetteMismatchError, match=r"\+\[\d+ characters\] (?:word )+Bob\n") as error:
        ask("word " * 100_000 + "Bob")
    assert len(str(error.value)) < 1_500
