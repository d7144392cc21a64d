"""The checks of streams: a correct server passes all of them, a seeded fault fails one, a legal variation none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx
import pytest

from polargrid_contract.checks.stream_timing import is_burst, is_measurable
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.readers.event_stream import Stream
from tests.contract.changes import (
    Send,
    change_stream,
    copy_response,
    failures,
    find_violations,
    names_in,
    run,
    run_one,
)
from tests.contract.openai_server import OpenAIServer
from tests.contract.recorded_edge import Chunk, build_response, chunks_of

MODULES = ("streams", "stream_text", "stream_timing")


def slow_down(request: httpx.Request, send: Send) -> httpx.Response:
    """Scale arrival times so that each response takes two seconds, on any machine that recorded it."""
    response = send(request)
    chunks = chunks_of(response)
    if not chunks or b'"max_tokens": 1,' in request.content:
        return build_response(response.status_code, response.headers.multi_items(), _at(chunks, lambda _: 0.01))
    count = len(chunks)
    times = {id(chunk): 2.0 * (position + 1) / count for position, chunk in enumerate(chunks)}
    chunks = [Chunk(times[id(chunk)], chunk.data) for chunk in chunks]
    return build_response(response.status_code, response.headers.multi_items(), chunks)


def _at(chunks: list[Chunk], time_of: Callable[[Chunk], float]) -> list[Chunk]:
    return [Chunk(time_of(chunk), chunk.data) for chunk in chunks]


def split_events(body: bytes) -> list[bytes]:
    return [event for event in body.split(b"\n\n") if event]


def join_events(events: list[bytes]) -> bytes:
    return b"".join(event + b"\n\n" for event in events)


def change_chunks(body: bytes, change: Callable[[dict], object]) -> bytes:
    """Change every chunk in place."""

    def apply(event: bytes) -> bytes:
        if event == b"data: [DONE]":
            return event
        chunk = json.loads(event.removeprefix(b"data: "))
        if "object" in chunk:  # a chunk of a text, not of a transcript
            change(chunk)
        return b"data: " + json.dumps(chunk).encode()

    return join_events([apply(event) for event in split_events(body)])


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_correct_server_passes(recorded_edge, profile):
    """In both profiles every check passes."""
    outcomes = run(recorded_edge.send, names_in(*MODULES), slow_down, profile=profile)
    assert failures(outcomes) == []
    assert {outcome.status for outcome in outcomes} == {"passed"}


def drop_done(body):
    return body.replace(b"data: [DONE]\n\n", b"")


def continue_after_done(body):
    return body + split_events(body)[0] + b"\n\n"


def end_with_text_error(body):
    return join_events([*split_events(body)[:3], b"data: upstream timed out"])


def insert_bare_error(body):
    return join_events([*split_events(body)[:3], b"Internal Server Error", *split_events(body)[3:]])


def end_with_json_error(body):
    return join_events([*split_events(body)[:3], b'data: {"error": {"message": "no memory"}}'])


def truncate(body):
    return join_events(split_events(body)[:-4])


def drop_last_delta(body):
    events = split_events(body)
    texts = [event for event in events if b'"content":"' in event or b'"text":"' in event]
    last = next(event for event in reversed(texts) if b'"text":""' not in event and b'"content":""' not in event)
    return join_events([event for event in events if event is not last])


def repeat_delta(body):
    events = split_events(body)
    return join_events([*events[:3], events[2], *events[3:]])


def swap_deltas(body):
    events = split_events(body)
    return join_events([*events[:2], events[3], events[2], *events[4:]])


def change_ids(body):
    ids = iter(range(1000))
    return change_chunks(body, lambda chunk: chunk.update(id=f"id-{next(ids)}"))


def use_milliseconds(body):
    return change_chunks(body, lambda chunk: chunk.update(created=chunk["created"] * 1000))


def change_model(body):
    return change_chunks(body, lambda chunk: chunk.update(model="another"))


def drop_role(body):
    return body.replace(b'"role":"assistant",', b"")


def replace_length_by_stop(body):
    return body.replace(b'"finish_reason":"length"', b'"finish_reason":"stop"')


def drop_finish_reason(body):
    return body.replace(b'"finish_reason":"length"', b'"finish_reason":null')


def repeat_finish_reason(body):
    return body.replace(b'"finish_reason":null', b'"finish_reason":"length"')


def merge_choices(body):
    return body.replace(b'"index":1', b'"index":0')


def increase_total(body):
    def add(chunk):
        if chunk.get("usage"):
            chunk["usage"]["total_tokens"] += 1

    return change_chunks(body, add)


def drop_usage(body):
    return change_chunks(body, lambda chunk: chunk.pop("usage", None))


def add_usage_everywhere(body):
    return change_chunks(
        body, lambda chunk: chunk.update(usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
    )


def drop_choices(body):
    return change_chunks(body, lambda chunk: chunk.pop("choices", None))


def split_characters(body):
    return body.replace("🚀".encode(), "\ufffd\ufffd".encode())


FAULTS = [
    ("stream-end", drop_done),
    ("stream-events-documented", drop_choices),
    ("stream-end", continue_after_done),
    ("stream-end", truncate),
    ("stream-finish-reason", truncate),
    ("stream-framing", end_with_text_error),
    ("stream-framing", insert_bare_error),
    ("stream-framing", end_with_json_error),
    ("stream-framing", lambda body: body + b"data: \xff\n\n"),
    ("stream-same-text", drop_last_delta),
    ("stream-same-text", repeat_delta),
    ("stream-same-text", swap_deltas),
    ("stream-identity", change_ids),
    ("stream-identity", use_milliseconds),
    ("stream-identity", change_model),
    ("stream-role-first", drop_role),
    ("stream-finish-reason-accurate", replace_length_by_stop),
    ("stream-finish-reason", drop_finish_reason),
    ("stream-finish-reason", repeat_finish_reason),
    ("stream-choices", merge_choices),
    ("stream-usage-requested", increase_total),
    ("stream-usage-requested", drop_usage),
    ("stream-usage-not-requested", add_usage_everywhere),
    ("stream-whole-characters", split_characters),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name, change):
    """Each fault is reported by the check of its rule."""
    assert find_violations(recorded_edge.send, name, change_stream(change))


def test_another_content_type_fails_its_check(recorded_edge):
    """Events are declared by the content type."""

    def change(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        is_stream = response.headers["content-type"].startswith("text/event-stream")
        return copy_response(response, content_type="application/json") if is_stream else response

    outcomes = run(recorded_edge.send, names_in("streams", "stream_text"), change)
    assert [name for name, _ in failures(outcomes)] == ["stream-media-type"]


def test_another_text_is_a_warning_where_a_seed_may_have_no_effect(recorded_edge):
    """In the openai profile streams with other texts than the plain responses do not fail the check."""
    outcome = run_one(recorded_edge.send, "stream-same-text", change_stream(drop_last_delta), profile="openai")
    assert outcome.status == "passed"
    assert outcome.violations
    assert all(violation.warning for violation in outcome.violations)


def keep_choices_in_usage(body):
    """The chunk of the usage has a choice without content, behind the finish_reason."""

    def keep(chunk):
        if chunk.get("usage") and chunk["choices"] == []:
            empty = {"delta": {}} if "chat" in chunk["object"] else {"text": "", "finish_reason": None}
            chunk["choices"] = [{"index": 0, **empty}]

    return change_chunks(body, keep)


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_choice_beside_the_usage_fails_one_check(recorded_edge, profile):
    """The finish_reason is not in the last chunk because of it, which is not another fault."""
    names = names_in("streams", "stream_text")
    outcomes = run(recorded_edge.send, names, change_stream(keep_choices_in_usage), profile=profile)
    assert [name for name, _ in failures(outcomes)] == ["stream-usage-requested"]


def move_finish_reason(body):
    """The finish_reason is in the chunk before the last text."""
    events = split_events(body)
    last = next((n for n, event in enumerate(events) if b'"finish_reason":"length"' in event), 0)
    return join_events([*events[: last - 1], events[last], events[last - 1], *events[last + 1 :]]) if last else body


def test_a_finish_reason_before_the_last_text_fails_its_check(recorded_edge):
    """Also if that text is in the chunk with the usage."""
    assert find_violations(recorded_edge.send, "stream-finish-reason", change_stream(move_finish_reason))


@pytest.mark.parametrize("_", range(5))
def test_a_server_without_seeds_passes(_):
    """In the openai profile no two texts need be equal; a stop word is in one of them."""
    send = OpenAIServer(honours_seed=False).send
    names = names_in("streams", "stream_text")
    assert failures(run(send, names, profile="openai", models={"chat": "gpt-mini"})) == []


def end_early(request: httpx.Request, send: Send) -> httpx.Response:
    """A stream of two choices ends at another text, by itself."""
    response = send(request)
    body = json.loads(request.content or b"{}")
    if not body.get("stream") or body.get("n") != 2:
        return response
    content = response.content.replace(b'"finish_reason": "length"', b'"finish_reason": "stop"')
    return copy_response(response, content=content)


def test_another_text_may_end_by_itself():
    """Where the seed has no effect, a short text says nothing about the end of another one."""
    send = OpenAIServer(honours_seed=False).send
    options = {"profile": "openai", "models": {"chat": "gpt-mini"}}
    assert find_violations(send, "stream-finish-reason-accurate", end_early, **options) == ()
    send = OpenAIServer().send  # equal texts end alike
    assert find_violations(send, "stream-finish-reason-accurate", end_early, **options)


def test_a_stop_sequence_without_effect_fails_its_check(recorded_edge):
    """The stream continues after the stop sequence."""

    def change(request: httpx.Request, send: Send) -> httpx.Response:
        body = json.loads(request.content)
        if body.pop("stop", None) is None:
            return send(request)
        return send(httpx.Request(request.method, request.url, headers=_headers(request), json=body))

    assert find_violations(recorded_edge.send, "stream-stop-sequence", change)


def test_an_error_inside_a_stream_fails_its_check(recorded_edge):
    """An unknown model must not get a 200 with an error event."""

    def change(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        if response.status_code != 404:
            return response
        return httpx.Response(200, content=b"data: {}\n\n", headers={"content-type": "text/event-stream"})

    outcomes = run(recorded_edge.send, names_in("streams", "stream_text"), change)
    assert [name for name, _ in failures(outcomes)] == ["stream-errors-before-start"]


# Arrival times


def test_a_buffered_stream_fails_its_check(recorded_edge):
    """All chunks of each stream arrive when the plain response does."""

    def buffer(request: httpx.Request, send: Send) -> httpx.Response:
        response = slow_down(request, send)
        chunks = chunks_of(response)
        chunks = [Chunk(chunks[-1].seconds, chunk.data) for chunk in chunks]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    violations = find_violations(recorded_edge.send, "stream-incremental", buffer)
    assert {violation.operation for violation in violations} == {"chat_completion", "completion"}


def test_a_busy_machine_passes(recorded_edge):
    """A scheduler that delays the reader by a fifth of the response, several times, is not a buffered stream."""

    def delay(request: httpx.Request, send: Send) -> httpx.Response:
        response = slow_down(request, send)
        chunks = [Chunk(-(-seconds // 0.4) * 0.4, data) for seconds, data in chunks_of(response)]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    assert run_one(recorded_edge.send, "stream-incremental", delay).status == "passed"


def test_one_buffered_stream_is_no_evidence(recorded_edge):
    """The check measures again before it reports a violation."""
    buffered = iter([True])

    def buffer_once(request: httpx.Request, send: Send) -> httpx.Response:
        response = slow_down(request, send)
        chunks = chunks_of(response)
        if b'"stream": true' in request.content and next(buffered, False):
            chunks = [Chunk(chunks[-1].seconds, chunk.data) for chunk in chunks]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    assert run_one(recorded_edge.send, "stream-incremental", buffer_once).status == "passed"


def test_a_fast_server_shows_no_timing(recorded_edge):
    """If responses take no time, the check is skipped with a reason."""

    def hurry(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        chunks = [Chunk(0.01, data) for _, data in chunks_of(response)]
        return build_response(response.status_code, response.headers.multi_items(), chunks)

    outcome = run_one(recorded_edge.send, "stream-incremental", hurry)
    assert outcome.status == "skipped"
    assert "no timing" in outcome.note


def test_chunks_at_the_end_are_a_burst():
    """Forty chunks within a hundredth of a second, after half a second of generation."""
    assert is_burst([0.5 + n * 0.0002 for n in range(40)], 0.5)


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ([0.1 + n * 0.01 for n in range(40)], 0.5),
        ([0.1 + n // 8 * 0.1 for n in range(40)], 0.5),
    ],
    ids=["even", "jitter"],
)
def test_spread_chunks_are_no_burst(times, seconds):
    """Neither even times nor jitter are a burst."""
    assert is_measurable(times, seconds)
    assert not is_burst(times, seconds)


@pytest.mark.parametrize(
    ("times", "seconds"),
    [([0.05 + n * 0.0001 for n in range(40)], 0.1), ([0.5] * 5, 0.5)],
    ids=["fast", "few"],
)
def test_fast_and_short_responses_are_not_measurable(times, seconds):
    """They prove nothing, so they are no burst either."""
    assert not is_measurable(times, seconds)
    assert not is_burst(times, seconds)


def test_text_has_the_time_of_its_last_byte():
    """An event that is split between packets arrives with the last of them."""
    packets = (
        TimedBytes(0.1, b'data: {"choices":[{"index":0,"te'),
        TimedBytes(0.4, b'xt":"a"}]}\n\ndata: [DONE]\n\n'),
    )
    stream = Stream(Exchange("completion", "POST", "/", {}, None, None, status=200, chunks=packets))
    assert stream.text_times == [0.4]
    assert stream.text() == "a"


# Legal variations


def decorate(body):
    fields = re.sub(rb"(?m)^data: ", b": alive\nevent: message\nid: 7\ndata:", body)
    return b"\xef\xbb\xbf: hello\n\nretry: 100\n\n" + fields


def indent_json(body):
    return join_events(
        [
            b"\n".join(b"data: " + line for line in json.dumps(json.loads(event[6:]), indent=1).encode().split(b"\n"))
            if event != b"data: [DONE]"
            else event
            for event in split_events(body)
        ]
    )


def repeat_role(body):
    def add(chunk):
        for choice in chunk["choices"]:
            if "delta" in choice:
                choice["delta"]["role"] = "assistant"

    return change_chunks(body, add)


def add_null_usage(body):
    return change_chunks(body, lambda chunk: chunk.setdefault("usage"))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.replace(b"\n", b"\r"),
        decorate,
        indent_json,
        repeat_role,
        add_null_usage,
        lambda body: change_chunks(body, lambda chunk: chunk.update(system_fingerprint="fp", more=[1])),
        lambda body: change_chunks(body, lambda chunk: [c.setdefault("finish_reason") for c in chunk["choices"]]),
    ],
)
def test_a_legal_variation_passes(recorded_edge, change):
    """Line ends, comments, fields, lines of data, escapes, repeated roles and further fields are valid."""
    outcomes = run(recorded_edge.send, names_in("streams", "stream_text"), change_stream(change))
    assert {outcome.status for outcome in outcomes} == {"passed"}


def test_every_check_has_a_fault():
    """No check of these modules passes for every server; the faults of some are in tests of their own."""
    others = {
        "stream-media-type",
        "stream-stop-sequence",
        "stream-errors-before-start",
        "stream-incremental",
        "stream-first-chunk",
        "stream-steady",
    }
    assert {name for name, _ in FAULTS} | others == set(names_in(*MODULES))


def _headers(request: httpx.Request) -> dict[str, str]:
    return {name: request.headers[name] for name in ("authorization", "content-type")}
