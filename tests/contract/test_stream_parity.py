"""Rules of plain responses, asked of streams: a fault in a stream fails the rule, a legal variation none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polargrid_contract.checks import all_checks
from polargrid_contract.checks.stream_twins import find_profiles
from polargrid_contract.results import Profile
from tests.contract.changes import (
    Body,
    Change,
    Send,
    change_json,
    change_stream,
    copy_response,
    failures,
    find_violations,
    join_stream,
    names_in,
    run,
    run_one,
    split_stream,
)
from tests.contract.test_stream_checks import add_null_usage, change_chunks, decorate, join_events, repeat_role
from tests.contract.test_text_checks import FAULTS, drop_other_choices, drop_parameter

MODULES = ("stream_parity", "tool_calls", "log_probabilities", "stream_twins")
#: Streamed speech has its faults in the tests of audio.
NAMES = [name for name in names_in(*MODULES) if not name.startswith("speech")]
TWINS = {check.name for check in all_checks() if "openai" in find_profiles(check)}
#: Rules that apply to streams as well, in PolarGrid's profile by the equality with the plain response.
RULES = TWINS | {"prompt-list-completed", "null-means-default", "unknown-fields-accepted", "seed-reproducible-sampling"}


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_correct_server_passes(recorded_edge, profile):
    """In both profiles no check reports a violation, and most compare something."""
    outcomes = run(recorded_edge.send, NAMES, profile=profile)
    assert failures(outcomes) == []
    assert all(outcome.status == "passed" or "not part of the profile" in outcome.note for outcome in outcomes)


# The faults of plain responses


def only_streams(change: Change) -> Change:
    """Apply a change to streamed requests only, so that plain responses stay right."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        return change(request, send) if b'"stream": true' in request.content else send(request)

    return apply


@pytest.mark.parametrize(("name", "change"), [(name, change) for name, change in FAULTS if name in RULES])
def test_a_fault_of_streams_is_reported(recorded_edge, name: str, change: Change):
    """A stream that differs from the plain response is reported, while the plain response is right."""
    names = ["stream-equals-plain", "stream-joins-to-response", f"{name}-streamed"]
    assert failures(run(recorded_edge.send, names, only_streams(change)))
    assert find_violations(recorded_edge.send, name, only_streams(change)) == ()


@pytest.mark.parametrize(("name", "change"), [(name, change) for name, change in FAULTS if name in TWINS])
def test_a_fault_of_streams_fails_the_rule_of_plain_responses(recorded_edge, name: str, change: Change):
    """A stream that joins to no response is the violation of other rules of streams, and skips this one."""
    outcome = run_one(recorded_edge.send, f"{name}-streamed", only_streams(change), profile="openai")
    if outcome.status == "skipped":
        others = names_in("streams", "stream_text")
        assert failures(run(recorded_edge.send, others, only_streams(change), profile="openai"))
    else:
        assert outcome.violations  # of a seed they are warnings


def change_choices(change: Callable[[Body], object]) -> Change:
    """Change each choice of a text, plain or streamed."""
    return change_json(lambda _, response: [change(choice) for choice in response.get("choices", ())])


def change_calls(change: Callable[[Body], object]) -> Change:
    def apply(choice: Body) -> None:
        for call in (choice.get("message") or {}).get("tool_calls") or []:
            change(call)

    return change_choices(apply)


def change_tokens(change: Callable[[list[Body]], object]) -> Change:
    def apply(choice: Body) -> None:
        tokens = (choice.get("logprobs") or {}).get("content")
        if tokens:
            change(tokens)

    return change_choices(apply)


def set_arguments(arguments: str) -> Change:
    return change_calls(lambda call: call["function"].update(arguments=arguments))


FAULTS_OF_BOTH = [
    ("tool-call-ids-unique", change_calls(lambda call: call.update(id="call_1"))),
    ("tool-call-ids-unique", change_calls(lambda call: call.update(id=""))),
    ("tool-call-arguments-valid", set_arguments('{"city": "Berlin"}')),
    ("tool-call-arguments-valid", set_arguments('{"city": ')),
    ("tool-call-arguments-valid", change_calls(lambda call: call["function"].update(name="get_news"))),
    ("logprobs-match-text", change_tokens(lambda tokens: tokens.pop())),
    ("logprobs-match-text", change_tokens(lambda tokens: tokens[0].update(bytes=[65]))),
    ("logprobs-match-text", change_tokens(lambda tokens: tokens.append(tokens[-1]))),
    ("logprobs-alternatives-ordered", change_tokens(lambda tokens: tokens[1]["top_logprobs"].reverse())),
    ("logprobs-alternatives-ordered", change_tokens(lambda tokens: tokens[0].update(logprob=-9.5))),
]


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
@pytest.mark.parametrize(("name", "change"), FAULTS_OF_BOTH)
def test_a_fault_fails_its_check_in_both_forms(recorded_edge, name: str, change: Change, profile: Profile):
    """The rule is the same; what only PolarGrid promises of a tool or of a token is not required of other servers."""
    plain, streamed = run(recorded_edge.send, [name, f"{name}-streamed"], change, profile=profile)
    if profile == "openai":
        assert streamed.status in {plain.status, "skipped"}
    else:
        assert plain.status == "failed"


# The faults of streams


def change_fragments(change: Callable[[Body], object]) -> Change:
    """Change each fragment of a tool call."""

    def apply(chunk: Body) -> None:
        for choice in chunk["choices"]:
            for fragment in (choice.get("delta") or {}).get("tool_calls") or []:
                change(fragment)

    return change_stream(lambda body: change_chunks(body, apply))


def split_calls(change: Callable[[Body], object]) -> Change:
    """Split the arguments of each call, and then change each fragment."""

    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        return change_fragments(change)(request, lambda it: split_arguments(5)(it, send))

    return apply


def drop_usage_chunk(_request: Body, response: Body) -> None:
    if "usage" in response:
        response["usage"]["prompt_tokens"] += 1
        response["usage"]["total_tokens"] += 1


def upper_text(choice: Body) -> None:
    if "text" in choice:
        choice["text"] = choice["text"].upper()
    elif choice["message"].get("content"):
        choice["message"]["content"] = choice["message"]["content"].upper()


def respond_in_stream(request: httpx.Request, send: Send) -> httpx.Response:
    """An error becomes the first event of a stream."""
    response = send(request)
    if response.status_code < 400 or b'"stream": true' not in request.content:
        return response
    return httpx.Response(
        200, content=b"data: " + response.content + b"\n\n", headers={"content-type": "text/event-stream"}
    )


def drop_param(request: httpx.Request, send: Send) -> httpx.Response:
    response = send(request)
    if response.status_code < 400 or b'"stream": true' not in request.content:
        return response
    body = response.json()
    body["error"].update(param=None)
    return copy_response(response, content=json.dumps(body).encode())


def drop_emoji(choice: Body) -> None:
    if choice.get("message", {}).get("content"):
        choice["message"]["content"] = choice["message"]["content"].replace("😀", "")


FORCED_FAULTS = [
    ("forced-text-exact", change_choices(drop_emoji)),
    ("forced-text-stops", drop_parameter("stop")),
]


@pytest.mark.parametrize(("name", "change"), FORCED_FAULTS)
def test_a_fault_of_forced_texts_fails_their_rule(recorded_edge, name: str, change: Change):
    """In the openai profile the rule is asked of streams, in PolarGrid's the equality."""
    change = only_streams(change)
    assert run_one(recorded_edge.send, f"{name}-streamed", change, profile="openai").status == "failed"
    assert find_violations(recorded_edge.send, "stream-equals-plain", change)


def drop_system_message(request: httpx.Request, send: Send) -> httpx.Response:
    """The model does not see the instruction."""
    body = json.loads(request.content or b"{}")
    messages = [message for message in body.get("messages") or () if message.get("role") != "system"]
    if not messages or len(messages) == len(body["messages"]):
        return send(request)
    headers = {name: request.headers[name] for name in ("authorization", "content-type")}
    return send(httpx.Request("POST", request.url, headers=headers, json={**body, "messages": messages}))


STREAM_FAULTS = [
    ("stream-tool-call-fragments", change_fragments(lambda fragment: fragment.pop("id", None))),
    ("stream-tool-call-fragments", change_fragments(lambda fragment: fragment.pop("type", None))),
    ("stream-tool-call-fragments", change_fragments(lambda fragment: fragment["function"].pop("name", None))),
    ("stream-tool-call-fragments", change_fragments(lambda fragment: fragment.update(index=1))),
    ("stream-tool-call-fragments", split_calls(lambda fragment: fragment.setdefault("id", "call_other"))),
    ("stream-joins-to-response", only_streams(change_json(drop_other_choices))),
    ("stream-joins-to-response", only_streams(drop_parameter("logprobs"))),
    ("stream-joins-to-response", only_streams(change_choices(lambda choice: choice.update(finish_reason="eos")))),
    ("stream-equals-plain", only_streams(change_choices(upper_text))),
    ("stream-equals-plain", only_streams(change_json(drop_usage_chunk))),
    ("stream-equals-plain", only_streams(drop_parameter("logprobs"))),
    ("stream-equals-plain", only_streams(set_arguments('{"city": "Rome", "day": "today"}'))),
    ("stream-equals-plain", only_streams(drop_system_message)),
    ("stream-rejected-as-plain", respond_in_stream),
    ("stream-rejected-as-plain", drop_param),
]


@pytest.mark.parametrize(("name", "change"), STREAM_FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name: str, change: Change):
    """Each fault is reported by the check of its rule."""
    assert find_violations(recorded_edge.send, name, change)


def test_a_dropped_instruction_fails_its_check_in_both_profiles(recorded_edge):
    """A server of the openai profile shows it in the usage of its streams."""
    change = only_streams(drop_system_message)
    assert run_one(recorded_edge.send, "longer-prompt-costs-more", change, profile="openai").status == "passed"
    assert run_one(recorded_edge.send, "longer-prompt-costs-more-streamed", change, profile="openai").status == "failed"


def test_the_operation_that_only_streams_equals_the_plain_one(recorded_edge):
    """Its text is compared, though it has no plain form of its own."""

    def change(request: httpx.Request, send: Send) -> httpx.Response:
        is_affected = request.url.path.endswith("/completions/stream")
        return change_choices(upper_text)(request, send) if is_affected else send(request)

    violations = find_violations(recorded_edge.send, "stream-equals-plain", change)
    assert {violation.operation for violation in violations} == {"stream_completion"}


def test_every_check_has_a_fault():
    """No check passes for every server."""
    names = {name for name, _ in (*STREAM_FAULTS, *FAULTS_OF_BOTH)}
    twins = {f"{name}-streamed" for name, _ in (*FAULTS, *FAULTS_OF_BOTH, *FORCED_FAULTS) if name in TWINS}
    assert names | twins == set(NAMES)


# Legal variations


def interleave_choices(body: bytes) -> bytes:
    """The chunks of the choices in turns."""
    events = [event for event in body.split(b"\n\n") if event]
    chunks, end = events[:-1], events[-1:]
    last = [event for event in chunks if b'"choices":[]' in event or b'"choices": []' in event]
    others = [event for event in chunks if event not in last]
    by_index: dict[Any, list[bytes]] = {}
    for event in others:
        choices = json.loads(event[6:]).get("choices") or [{}]
        by_index.setdefault(choices[0].get("index"), []).append(event)
    longest = max(map(len, by_index.values()), default=0)
    turns = [events[turn] for turn in range(longest) for events in by_index.values() if turn < len(events)]
    return join_events([*turns, *last, *end])


def prepend_empty_delta(body: bytes) -> bytes:
    """A first chunk for each choice that has no text."""
    events = [event for event in body.split(b"\n\n") if event]
    first = json.loads(events[0][6:])
    for choice in first.get("choices", ()):
        choice.pop("logprobs", None)
        choice.update({"delta": {"role": "assistant", "content": ""}} if "delta" in choice else {"text": ""})
        choice["finish_reason"] = None
    return join_events([b"data: " + json.dumps(first).encode(), *events]) if "choices" in first else body


def split_arguments(size: int) -> Change:
    return change_json_stream(lambda response: split_stream(response, size))


def change_json_stream(encode: Callable[[Body], bytes]) -> Change:
    def apply(request: httpx.Request, send: Send) -> httpx.Response:
        response = send(request)
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not is_stream or b'"choices"' not in response.content:
            return response
        return copy_response(response, content=encode(join_stream(response.content)))

    return apply


VARIATIONS = [
    change_stream(decorate),
    change_stream(repeat_role),
    change_stream(add_null_usage),
    change_stream(interleave_choices),
    change_stream(prepend_empty_delta),
    change_stream(lambda body: change_chunks(body, lambda chunk: chunk.update(system_fingerprint="fp", more=[1]))),
    change_fragments(lambda fragment: fragment.update(more={"x": 1})),
    split_arguments(1),
    split_arguments(7),
    split_calls(lambda fragment: fragment["function"].setdefault("name", None)),
    split_calls(lambda fragment: fragment.setdefault("type", "function")),
]


@pytest.mark.parametrize("change", VARIATIONS)
def test_a_legal_variation_passes(recorded_edge, change: Change):
    """Where a server splits a response into chunks, and what else they have, is its choice."""
    for profile in ("polargrid", "openai"):
        outcomes = run(recorded_edge.send, NAMES, change, profile=profile)
        assert failures(outcomes) == []
        assert all(outcome.status == "passed" or "not part of the profile" in outcome.note for outcome in outcomes)


def test_choices_may_be_unsupported(recorded_edge):
    """A server of the openai profile without `n` is asked for one choice with calls."""

    def reject_n(request: httpx.Request, send: Send) -> httpx.Response:
        if json.loads(request.content or b"{}").get("n", 1) == 1:
            return send(request)
        return httpx.Response(400, json={"error": {"message": "n: expected 1"}})

    assert run_one(recorded_edge.send, "tool-call-ids-unique", reject_n, profile="openai").status == "passed"
    assert run_one(recorded_edge.send, "stream-tool-call-fragments", reject_n, profile="openai").status == "passed"


def test_tools_may_be_unsupported(recorded_edge):
    """A server of the openai profile may reject tools."""

    def reject_tools(request: httpx.Request, send: Send) -> httpx.Response:
        if b'"tools"' not in request.content:
            return send(request)
        return httpx.Response(400, json={"error": {"message": "tools: unknown field"}})

    outcome = run_one(recorded_edge.send, "tool-call-ids-unique-streamed", reject_tools, profile="openai")
    assert outcome.status == "not_supported"
