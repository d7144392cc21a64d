"""The checks of streams: the local edge keeps them, a fault breaks one, a legal variation none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from polargrid_contract.check import checks
from polargrid_contract.checks.stream_timing import comes_at_once
from polargrid_contract.conduct import conduct
from polargrid_contract.exchange import Arrival, Exchange
from polargrid_contract.server import Server, Target
from polargrid_contract.streamed import Stream

Change = Callable[[bytes], bytes]
NAMES = [check.name for check in checks() if check.name.startswith("stream-")]
TIMED = {"stream-comes-over-time", "stream-left-is-ended"}
HELD: dict[tuple[str, bytes], httpx.Response] = {}


def _server(edge, change: Change = bytes, headers: dict[str, str] | None = None) -> Server:
    """The edge, its streams changed on the way; what it answered once it need not answer again."""
    server = Server(Target(edge.url, "pg_local", models={"chat": "smollm2-135m"}))

    def answer(request: httpx.Request) -> httpx.Response:
        name = (request.url.path, request.content)
        if name not in HELD:
            sent = {"authorization": "Bearer pg_local", "content-type": "application/json"}
            HELD[name] = httpx.request(request.method, request.url, content=request.content, headers=sent, timeout=60)
        held = HELD[name]
        streamed = b"data:" in held.content
        told = {"content-type": held.headers["content-type"], **(headers or {} if streamed else {})}
        body = change(held.content) if streamed else held.content
        return httpx.Response(held.status_code, stream=httpx.ByteStream(body), headers=told)

    server.client.close()
    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    return server


def _broken(server: Server) -> set[str]:
    """The checks that a server breaks, but for those that need the real clock."""
    chosen = [check for check in checks() if check.name in NAMES and check.name not in TIMED]
    outcomes = conduct(server, chosen)
    assert len(outcomes) == len(chosen)
    return {outcome.check for outcome in outcomes if outcome.verdict != "kept"}


def _events(body: bytes) -> list[bytes]:
    return [event for event in body.split(b"\n\n") if event]


def _joined(events: list[bytes]) -> bytes:
    return b"".join(event + b"\n\n" for event in events)


def _each(body: bytes, change: Callable[[dict], object]) -> bytes:
    """Every chunk changed in place."""

    def changed(event: bytes) -> bytes:
        if event == b"data: [DONE]":
            return event
        chunk = json.loads(event.removeprefix(b"data: "))
        change(chunk)
        return b"data: " + json.dumps(chunk).encode()

    return _joined([changed(event) for event in _events(body)])


@pytest.fixture(scope="module")
def server(edge) -> Iterator[Server]:
    """The edge as it is."""
    asked = Server(Target(edge.url, "pg_local", models={"chat": "smollm2-135m"}))
    yield asked
    asked.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_local_edge_keeps_it(server, name):
    """No false alarm, with the real clock."""
    (outcome,) = conduct(server, [check for check in checks() if check.name == name])
    assert outcome.verdict == "kept", outcome.faults


def _without_done(body):
    return body.replace(b"data: [DONE]\n\n", b"")


def _after_done(body):
    return body + _events(body)[0] + b"\n\n"


def _text_error(body):
    return _joined([*_events(body)[:3], b"data: upstream timed out"])


def _bare_error(body):
    return _joined([*_events(body)[:3], b"Internal Server Error", *_events(body)[3:]])


def _json_error(body):
    return _joined([*_events(body)[:3], b'data: {"error": {"message": "no memory"}}'])


def _silent_end(body):
    return _joined(_events(body)[:-4])


def _lost_last_text(body):
    events = _events(body)
    texts = [event for event in events if b'"content":"' in event or b'"text":"' in event]
    lost = next(event for event in reversed(texts) if b'"text":""' not in event and b'"content":""' not in event)
    return _joined([event for event in events if event is not lost])


def _doubled(body):
    events = _events(body)
    return _joined([*events[:3], events[2], *events[3:]])


def _swapped(body):
    events = _events(body)
    return _joined([*events[:2], events[3], events[2], *events[4:]])


def _other_ids(body):
    ids = iter(range(1000))
    return _each(body, lambda chunk: chunk.update(id=f"id-{next(ids)}"))


def _milliseconds(body):
    return _each(body, lambda chunk: chunk.update(created=chunk["created"] * 1000))


def _other_model(body):
    return _each(body, lambda chunk: chunk.update(model="another"))


def _no_role(body):
    return body.replace(b'"role":"assistant",', b"")


def _always_stop(body):
    return body.replace(b'"finish_reason":"length"', b'"finish_reason":"stop"')


def _no_finish(body):
    return body.replace(b'"finish_reason":"length"', b'"finish_reason":null')


def _early_finish(body):
    return body.replace(b'"finish_reason":null', b'"finish_reason":"length"')


def _one_index(body):
    return body.replace(b'"index":1', b'"index":0')


def _wrong_total(body):
    def add(chunk):
        if chunk.get("usage"):
            chunk["usage"]["total_tokens"] += 1

    return _each(body, add)


def _no_usage(body):
    return _each(body, lambda chunk: chunk.pop("usage", None))


def _always_usage(body):
    return _each(
        body, lambda chunk: chunk.update(usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
    )


def _broken_characters(body):
    return body.replace("🚀".encode(), "\ufffd\ufffd".encode())


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (_without_done, "stream-done-last"),
        (_after_done, "stream-done-last"),
        (_silent_end, "stream-done-last"),
        (_silent_end, "stream-finish-reason"),
        (_text_error, "stream-framing"),
        (_bare_error, "stream-framing"),
        (_json_error, "stream-framing"),
        (_lost_last_text, "stream-same-text"),
        (_doubled, "stream-same-text"),
        (_swapped, "stream-same-text"),
        (_other_ids, "stream-identity"),
        (_milliseconds, "stream-identity"),
        (_other_model, "stream-identity"),
        (_no_role, "stream-role-first"),
        (_always_stop, "stream-finish-true"),
        (_no_finish, "stream-finish-reason"),
        (_early_finish, "stream-finish-reason"),
        (_one_index, "stream-choices"),
        (_wrong_total, "stream-usage-asked-for"),
        (_no_usage, "stream-usage-asked-for"),
        (_always_usage, "stream-usage-unasked"),
        (_broken_characters, "stream-whole-characters"),
        (lambda body: body + b"data: \xff\n\n", "stream-framing"),
    ],
)
def test_a_fault_breaks_its_check(edge, change, name):
    """What is wrong with a stream is told under its rule."""
    assert name in _broken(_server(edge, change))


def test_another_content_type_is_a_fault(edge):
    """Events are told by their content type."""
    assert _broken(_server(edge, headers={"content-type": "application/json"})) == {"stream-media-type"}


def _decorated(body):
    return b"\xef\xbb\xbf: hello\n\nretry: 100\n\n" + body.replace(b"data: ", b": alive\nevent: message\nid: 7\ndata:")


def _lines_of_json(body):
    return _joined(
        [
            b"\n".join(b"data: " + line for line in json.dumps(json.loads(event[6:]), indent=1).encode().split(b"\n"))
            if event != b"data: [DONE]"
            else event
            for event in _events(body)
        ]
    )


def _role_each_time(body):
    def add(chunk):
        for choice in chunk["choices"]:
            if "delta" in choice:
                choice["delta"]["role"] = "assistant"

    return _each(body, add)


def _usage_null(body):
    return _each(body, lambda chunk: chunk.setdefault("usage"))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.replace(b"\n", b"\r"),
        _decorated,
        _lines_of_json,
        _role_each_time,
        _usage_null,
        lambda body: _each(body, lambda chunk: chunk.update(system_fingerprint="fp", more=[1])),
        lambda body: _each(body, lambda chunk: [c.setdefault("finish_reason") for c in chunk["choices"]]),
    ],
)
def test_a_legal_variation_breaks_nothing(edge, change):
    """Line ends, comments, fields, lines of data, escapes, repeated roles and further fields are no faults."""
    assert _broken(_server(edge, change)) == set()


def test_pieces_at_the_end_come_at_once():
    """Forty pieces within a hundredth of a second after half a second of silence are a burst."""
    assert comes_at_once([0.5 + n * 0.0002 for n in range(40)], 0.5)


@pytest.mark.parametrize(
    ("times", "making"),
    [
        ([0.1 + n * 0.01 for n in range(40)], 0.5),  # even
        ([0.1 + n // 8 * 0.1 for n in range(40)], 0.5),  # jitter holds some back
        ([0.05 + n * 0.0001 for n in range(40)], 0.1),  # too quick to tell
        ([0.5] * 5, 0.5),  # too few to tell
    ],
)
def test_spread_pieces_do_not(times, making):
    """Jitter, a quick server and a short answer prove nothing."""
    assert not comes_at_once(times, making)


def test_text_has_the_time_of_its_last_byte():
    """An event that is cut across packets came with the last of them."""
    packets = (Arrival(0.1, b'data: {"choices":[{"index":0,"te'), Arrival(0.4, b'xt":"a"}]}\n\ndata: [DONE]\n\n'))
    stream = Stream(Exchange("completion", "POST", "/", {}, None, None, None, status=200, arrivals=packets))
    assert stream.text_times == [0.4]
    assert stream.text() == "a"


class Held(httpx.SyncByteStream):
    """A stream that is all there only after a while."""

    def __init__(self, body: bytes, seconds: float) -> None:
        self._body, self._seconds = body, seconds

    def __iter__(self) -> Iterator[bytes]:
        until = time.perf_counter() + self._seconds
        while time.perf_counter() < until:
            pass
        yield self._body


def test_a_stream_that_is_held_back_is_told(edge):
    """Each stream comes whole, as late as the plain answer."""
    server = _server(edge)
    known = server.client

    def answer(request: httpx.Request) -> httpx.Response:
        got = known.send(request, stream=True)
        slow = 0.0 if b'"max_tokens": 1,' in request.content else 0.5
        return httpx.Response(got.status_code, stream=Held(got.read(), slow), headers=got.headers)

    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    (outcome,) = conduct(server, [check for check in checks() if check.name == "stream-comes-over-time"])
    assert {fault.operation for fault in outcome.faults} == {"chat_completion", "completion"}


def test_a_refusal_inside_a_stream_is_told(edge):
    """An unknown model must not become a 200 with an error event."""
    server = _server(edge)
    known = server.client

    def answer(request: httpx.Request) -> httpx.Response:
        got = known.send(request, stream=True)
        if got.status_code != 404:
            return got
        return httpx.Response(
            200, stream=httpx.ByteStream(b"data: {}\n\n"), headers={"content-type": "text/event-stream"}
        )

    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    assert _broken(server) == {"stream-refused-plainly"}


def test_a_place_that_is_not_freed_is_told(edge):
    """After some clients left, the next is told to come back later."""
    server = _server(edge)
    known = server.client
    left = iter(range(3))

    def answer(request: httpx.Request) -> httpx.Response:
        if b'"max_tokens": 2048' in request.content and next(left, None) is None:
            return httpx.Response(429, stream=httpx.ByteStream(b'{"error": {"message": "busy"}}'))
        return known.send(request, stream=True)

    server.client = httpx.Client(transport=httpx.MockTransport(answer))
    (outcome,) = conduct(server, [check for check in checks() if check.name == "stream-left-is-ended"])
    assert outcome.verdict == "broken"
