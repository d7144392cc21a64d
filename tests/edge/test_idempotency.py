"""Idempotency keys: a request is processed once, and its retries get the same response, within bounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from polargrid_edge.http.idempotency import MAX_AGE, MAX_RESPONSE_BYTES, IdempotencyStore, KeyedRequest
from polargrid_edge.http.streaming import StreamedResponse
from tests.edge.scripted import HEADERS, LONG_PROMPT, TIMEOUT, ScriptedEdge, run_scripted_edge, wait_until
from tests.edge.test_app import (
    CHAT,
    CHAT_PATH,
    COMPLETION,
    COMPLETION_PATH,
    FORM,
    SPEECH,
    SPEECH_PATH,
    TONE,
    read_error,
)

OTHER_KEY = {"Authorization": "Bearer pg_other"}
UPLOAD_PATH = "/v1/audio/transcriptions"
STREAM = {**CHAT, "stream": True}
MEBIBYTE = 1024 * 1024


@pytest.fixture
def fake_edge() -> Iterator[ScriptedEdge]:
    """An edge that has processed no request yet, with two API keys."""
    with run_scripted_edge(keys=frozenset({"pg_local", "pg_other"}), waiting=2) as started:
        yield started


def post(client: httpx.Client, path: str = CHAT_PATH, key: str | None = "k1", **options: Any) -> httpx.Response:
    headers = {**({} if key is None else {"Idempotency-Key": key}), **options.pop("headers", {})}
    return client.post(path, headers=headers, **options)


def is_replayed(response: httpx.Response) -> bool:
    return response.headers.get("idempotency-replayed") == "true"


# The same response for the same key


@pytest.mark.parametrize(
    ("path", "body"), [(CHAT_PATH, CHAT), (COMPLETION_PATH, COMPLETION), (CHAT_PATH, STREAM), (SPEECH_PATH, SPEECH)]
)
def test_a_retry_gets_the_same_response(fake_client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """The same status, headers and bytes; its request id is new."""
    first, second = (post(fake_client, path, json=body) for _ in range(2))
    assert (first.status_code, second.status_code, second.content) == (200, 200, first.content)
    assert [is_replayed(first), is_replayed(second)] == [False, True]
    for name in ("content-type", "content-length", "transfer-encoding", "cache-control"):
        assert first.headers.get(name) == second.headers.get(name)
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "k1"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_the_model_runs_once(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """A retry does not generate the text again; another key, or none, does."""
    for key in ("k1", "k1", "k2", None, None):
        assert post(fake_client, key=key, json=CHAT).status_code == 200
    assert len(fake_edge.text.prompts) == 4


def test_an_upload_is_the_same_with_another_boundary(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """A client creates a boundary for each attempt."""
    files = {"file": ("a.wav", TONE, "audio/wav")}
    first, second = (post(fake_client, UPLOAD_PATH, data=FORM, files=files) for _ in range(2))
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert (is_replayed(second), second.content) == (True, first.content)
    assert len(fake_edge.transcription.calls) == 1


def test_management_runs_once(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """A model that was loaded by the first attempt is not loaded again by its retry."""
    body = {"model_name": "smollm2-135m", "force_reload": True}
    responses = [post(fake_client, "/v1/models/load", json=body) for _ in range(2)]
    assert responses[0].json() == responses[1].json()
    assert fake_edge.opened == ["smollm2-135m"]
    unloads = [post(fake_client, "/v1/models/unload-all", "k2") for _ in range(2)]
    assert [response.json()["total_unloaded"] for response in unloads] == [1, 1]


def test_an_operation_that_only_reads_ignores_keys(fake_client: httpx.Client) -> None:
    """The specification does not declare the header for it."""
    responses = [fake_client.get("/health", headers={"Idempotency-Key": key}) for key in ("k1", "k1", "")]
    assert [(response.status_code, is_replayed(response)) for response in responses] == [(200, False)] * 3


def test_a_rejection_is_kept(fake_client: httpx.Client) -> None:
    """The request would be rejected again."""
    body = {**CHAT, "messages": [{"role": "user", "content": LONG_PROMPT}]}
    first, second = (post(fake_client, json=body) for _ in range(2))
    assert read_error(first, 400) == read_error(second, 400)
    assert is_replayed(second)


# Another request with the same key


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (CHAT_PATH, {"json": {**CHAT, "max_tokens": 5}}),
        (CHAT_PATH, {"json": CHAT, "params": {"x": "1"}}),
        (COMPLETION_PATH, {"json": COMPLETION}),
        (UPLOAD_PATH, {"data": FORM, "files": {"file": ("a.wav", TONE)}}),
        ("/v1/models/unload-all", {}),
    ],
)
def test_another_request_is_422(fake_client: httpx.Client, path: str, options: dict[str, Any]) -> None:
    """Another body, query or operation; the message names the key."""
    post(fake_client, json=CHAT)
    response = post(fake_client, path, **options)
    error = read_error(response, 422)
    assert (error["code"], error["param"]) == ("idempotency_key_reused", "Idempotency-Key")
    assert "'k1'" in error["message"]
    assert response.headers["idempotency-key"] == "k1"


@pytest.mark.parametrize("change", [{"data": {**FORM, "language": "en"}}, {"files": {"file": ("a.wav", TONE + b"\0")}}])
def test_another_upload_is_422(fake_client: httpx.Client, change: dict[str, Any]) -> None:
    """Another field or file."""
    options: dict[str, Any] = {"data": FORM, "files": {"file": ("a.wav", TONE)}}
    assert post(fake_client, UPLOAD_PATH, **options).status_code == 200
    assert read_error(post(fake_client, UPLOAD_PATH, **options | change), 422)["code"] == "idempotency_key_reused"


def test_a_key_belongs_to_its_api_key(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """No response goes to another API key, and no rejection reveals that the key is in use."""
    post(fake_client, json=CHAT)
    response = post(fake_client, json={**CHAT, "max_tokens": 5}, headers=OTHER_KEY)
    assert (response.status_code, is_replayed(response)) == (200, False)
    assert len(fake_edge.text.prompts) == 2
    assert post(fake_client, json=CHAT, headers={"Authorization": "Bearer pg_wrong"}).status_code == 401


@pytest.mark.parametrize("keys", [[""], ["k" * 256], ["k", "k"], ["\xe9"], ["a\tb"]])
def test_an_invalid_key_is_400(fake_client: httpx.Client, keys: list[str]) -> None:
    """A key is 1 to 255 printable ASCII characters, once."""
    headers = [("Idempotency-Key", key.encode("latin-1")) for key in keys]
    response = fake_client.post(CHAT_PATH, json=CHAT, headers=headers)
    error = read_error(response, 400)
    assert (error["param"], "1 to 255" in error["message"]) == ("Idempotency-Key", True)


@pytest.mark.parametrize("key", ["k" * 255, '"quoted" key', "~"])
def test_a_valid_key_is_returned(fake_client: httpx.Client, key: str) -> None:
    """As it was sent."""
    assert post(fake_client, key=key, json=CHAT).headers["idempotency-key"] == key


# A request in progress


def test_a_retry_waits_for_the_first_attempt(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """Both get the response of one generation."""
    fake_edge.text.hold()
    with ThreadPoolExecutor(2) as threads:
        requests = [threads.submit(post, fake_client, json=CHAT) for _ in range(2)]
        wait_until(lambda: len(fake_edge.edge.active_requests) == 2)
        wait_until(lambda: fake_edge.text.prompts)
        fake_edge.text.released.set()
        responses = [request.result(TIMEOUT) for request in requests]
    assert responses[0].content == responses[1].content
    assert sorted(map(is_replayed, responses)) == [False, True]
    assert len(fake_edge.text.prompts) == 1


def test_a_retry_of_an_abandoned_attempt_is_processed(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """The first attempt ends when its client disconnects; the request that waits for it takes its turn."""
    fake_edge.text.hold()
    with ThreadPoolExecutor(1) as threads, httpx.Client(base_url=fake_edge.url, headers=HEADERS) as client:
        with client.stream("POST", CHAT_PATH, json=STREAM, headers={"Idempotency-Key": "k1"}):
            retry = threads.submit(post, fake_client, json=STREAM)
            wait_until(lambda: len(fake_edge.edge.active_requests) == 2)
        wait_until(lambda: len(fake_edge.text.prompts) == 2)
        fake_edge.text.released.set()
        response = retry.result(TIMEOUT)
    assert (response.status_code, is_replayed(response)) == (200, False)
    assert response.text.endswith("data: [DONE]\n\n")


def test_another_request_does_not_wait(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """It is rejected at once, also while the first is in progress."""
    fake_edge.text.hold()
    with fake_client.stream("POST", CHAT_PATH, json=STREAM, headers={"Idempotency-Key": "k1"}):
        read_error(post(fake_client, json=CHAT), 422)


def test_too_many_retries_at_once_are_409(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """One is processed, and at most `waiting` others wait; the last of four gets the time until a retry."""
    fake_edge.text.hold()
    with ThreadPoolExecutor(4) as threads:
        requests = [threads.submit(post, fake_client, json=CHAT) for _ in range(4)]
        try:
            response = next(as_completed(requests, TIMEOUT)).result()
        finally:
            fake_edge.text.released.set()
        statuses = sorted(request.result(TIMEOUT).status_code for request in requests)
    assert statuses == [200, 200, 200, 409]
    assert read_error(response, 409)["code"] == "idempotency_key_in_use"
    assert (response.headers["retry-after"], response.headers["idempotency-key"]) == ("1", "k1")


@pytest.mark.parametrize("body", [CHAT, STREAM])
def test_a_failure_is_not_kept(
    fake_edge: ScriptedEdge, fake_client: httpx.Client, monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]
) -> None:
    """A retry is processed; a stream that ends with an error is a failure too."""
    chat_stream = fake_edge.text.chat_stream

    def fail_after_a_token(body: dict[str, Any], on_chunk: Any) -> None:
        chat_stream({**body, "max_tokens": 1}, on_chunk)
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(fake_edge.text, "chat_stream", fail_after_a_token)
        first = post(fake_client, json=body)
    assert "internal_error" in first.text
    second = post(fake_client, json=body)
    assert (second.status_code, is_replayed(second)) == (200, False)
    assert "internal_error" not in second.text


# Bounds


def keyed(key: str, body: str = "") -> KeyedRequest:
    return KeyedRequest(key, "Bearer pg_local", "chat_completion", [("body", body)])


class Store:
    """A store on a clock that the test sets."""

    def __init__(self, **options: Any) -> None:
        self.now = 0.0
        self.store = IdempotencyStore(1, now=lambda: self.now, **options)

    async def respond(self, key: str, response: Response) -> Response:
        async def process() -> Response:
            return response

        async with AsyncExitStack() as closing:
            return await self.store.respond(keyed(key), process, closing)

    def is_kept(self, key: str) -> bool:
        """Whether a retry gets the first response."""
        response = asyncio.run(self.respond(key, Response(b"retry", 503)))
        return response.status_code != 503

    def keep(self, key: str, size: int = 0, status: int = 200) -> None:
        asyncio.run(self.respond(key, Response(bytes(size), status)))


def test_a_response_is_kept_for_a_time() -> None:
    """A retry does not extend it."""
    store = Store()
    store.keep("k1")
    store.now = MAX_AGE - 1
    assert store.is_kept("k1")
    store.now = MAX_AGE
    assert not store.is_kept("k1")


def test_memory_is_freed_without_another_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer drops old responses; it runs while there are any."""
    store, timers = Store(), []

    async def run() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", lambda *timer: timers.append(timer) or timer)
        for key in ("k1", "k2"):
            await store.respond(key, Response(b"body"))
            store.now += MAX_AGE - 1
        for expected in (1, 0):
            timers[-1][1]()
            assert len(store.store._responses) == expected
            store.now += MAX_AGE
        await store.respond("k3", Response(b"body"))

    asyncio.run(run())
    assert [timer[0] for timer in timers] == [MAX_AGE] * 3


@pytest.mark.parametrize(("size", "is_kept"), [(MAX_RESPONSE_BYTES, True), (MAX_RESPONSE_BYTES + 1, False)])
def test_a_large_response_is_not_kept(size: int, is_kept: bool) -> None:
    """Its retry is processed."""
    store = Store()
    store.keep("k1", size)
    assert store.is_kept("k1") is is_kept


def test_the_oldest_responses_are_dropped() -> None:
    """All kept responses together have a limit."""
    store = Store(max_bytes=4 * MEBIBYTE)
    for number in range(5):
        store.keep(f"k{number}", MEBIBYTE)
    assert [store.is_kept(f"k{number}") for number in range(5)] == [False, False, True, True, True]


def test_empty_responses_have_a_limit() -> None:
    """What an entry needs beside its body counts."""
    store = Store(max_bytes=MEBIBYTE)
    for number in range(1000):
        store.keep(f"k{number}")
    assert len(store.store._responses) == 512
    assert store.store._bytes <= MEBIBYTE


@pytest.mark.parametrize(
    ("status", "is_kept"), [(200, True), (404, True), (408, False), (409, False), (429, False), (500, False)]
)
def test_temporary_rejections_are_not_kept(status: int, is_kept: bool) -> None:
    """Neither are failures of the server."""
    store = Store()
    store.keep("k1", status=status)
    assert store.is_kept("k1") is is_kept


@pytest.mark.parametrize("read_all", [False, True])
def test_a_stream_is_kept_if_it_is_complete(read_all: bool) -> None:
    """A large one is passed on without being stored."""

    async def stream(size: int) -> Any:
        for _ in range(size // MEBIBYTE):
            yield bytes(MEBIBYTE)

    async def run(store: Store, key: str, size: int) -> int:
        response = await store.respond(key, StreamedResponse(stream(size), "audio/pcm", {}))
        assert isinstance(response, StreamedResponse)
        total = 0
        async for chunk in response.chunks:
            total += len(chunk)
            if not read_all:
                break
        return total

    store = Store()
    assert asyncio.run(run(store, "small", 2 * MEBIBYTE)) == (2 if read_all else 1) * MEBIBYTE
    assert asyncio.run(run(store, "large", 32 * MEBIBYTE)) == (32 if read_all else 1) * MEBIBYTE
    assert (store.is_kept("small"), store.is_kept("large")) == (read_all, False)


def test_a_kept_response_has_no_request_id_and_no_api_key(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """It is found by a hash of both keys."""
    responses = [post(fake_client, json=body) for body in (CHAT, CHAT)]
    ids = [response.headers.get_list("x-request-id") for response in responses]
    assert all(len(values) == 1 for values in ids)
    assert ids[0] != ids[1]
    assert json.loads(responses[1].content)["id"] == responses[0].json()["id"]
    assert "pg_local" not in repr(vars(keyed("k1")))
