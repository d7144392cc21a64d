"""The checks of JSON responses: a correct server passes all of them, a seeded fault fails one."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.contract.changes import (
    Body,
    Change,
    change_json,
    change_request,
    failures,
    find_violations,
    names_in,
    run,
    run_one,
)

MODULES = ("text", "usage", "parameters", "structured_output")
COUNTER = itertools.count()


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_a_correct_server_passes(recorded_edge, profile):
    """In both profiles no check reports a violation."""
    outcomes = run(recorded_edge.send, names_in(*MODULES), profile=profile)
    assert failures(outcomes) == []
    assert sum(outcome.status == "passed" for outcome in outcomes) >= 18


def set_usage(**counts: int) -> Change:
    def change(request: Body, response: Body) -> None:
        if "usage" in response:
            response["usage"].update(counts)

    return change_json(change)


def drop_usage_field(name: str) -> Change:
    return change_json(lambda _, response: response["usage"].pop(name) if "usage" in response else None)


def set_field(**fields: Any) -> Change:
    return change_json(lambda _, response: response.update(fields) if "choices" in response else None)


def set_choice(**fields: Any) -> Change:
    def change(request: Body, response: Body) -> None:
        for choice in response.get("choices", ()):
            choice.update(fields)

    return change_json(change)


def set_text(text: str | None) -> Change:
    """Replace the text, with a new one each time if it is None."""

    def change(request: Body, response: Body) -> None:
        for choice in response.get("choices", ()):
            content = text if text is not None else f"Number {next(COUNTER)}"
            is_chat = "message" in choice
            choice.update({"message": {"role": "assistant", "content": content}} if is_chat else {"text": content})

    return change_json(change)


def drop_parameter(name: str) -> Change:
    return change_request(lambda body: body.pop(name))


def replace_parameter(name: str, value: Any) -> Change:
    return change_request(lambda body: body.update({name: value}) if name in body else None)


def append_stop_sequence(request: Body, response: Body) -> None:
    stop = request.get("stop")
    if isinstance(stop, str):
        message = response["choices"][0].get("message")
        (message or response["choices"][0])["content" if message else "text"] += stop


def set_model_fields(**fields: Any) -> Change:
    def change(request: Body, response: Body) -> None:
        for model in response.get("data", ()):
            model.update(fields)

    return change_json(change)


def use_milliseconds(request: Body, response: Body) -> None:
    if "choices" in response:
        response["created"] *= 1000


def increase_total(request: Body, response: Body) -> None:
    if "usage" in response:
        response["usage"]["total_tokens"] += 1


def drop_other_choices(request: Body, response: Body) -> None:
    if "choices" in response:
        del response["choices"][1:]


def drop_other_messages(body: Body) -> None:
    body["messages"] = body["messages"][-1:]


def request_logprobs(body: Body) -> None:
    if "messages" in body:
        body["logprobs"] = True


def reject_unknown_field(body: Body) -> None:
    if "x_unknown_field" in body and "messages" in body:
        body["n"] = 0


FAULTS = [
    ("usage-adds-up", change_json(increase_total)),
    ("usage-adds-up", drop_usage_field("total_tokens")),
    ("usage-adds-up", set_usage(completion_tokens=0)),
    ("usage-matches-text", set_usage(completion_tokens=1)),
    ("usage-matches-text", set_usage(completion_tokens=4000)),
    ("usage-matches-text", set_usage(prompt_tokens=1)),
    ("longer-prompt-costs-more", set_usage(prompt_tokens=20)),
    ("longer-prompt-costs-more", change_request(drop_other_messages)),
    ("model-echoed", set_field(model="another")),
    ("model-echoed", set_field(model="smollm2-135m")),
    ("created-is-current", change_json(use_milliseconds)),
    ("created-is-current", set_field(created=0)),
    ("response-ids-unique", set_field(id="chatcmpl-1")),
    ("response-ids-unique", set_field(id="")),
    ("object-field", set_field(object="chat.completion.chunk")),
    ("finish-reason-known", set_choice(finish_reason="eos")),
    ("finish-reason-known", set_choice(finish_reason=None)),
    ("finish-reason-accurate", set_choice(finish_reason="stop")),
    ("message-role-and-text", set_choice(message={"role": "user", "content": "Hello"})),
    ("message-role-and-text", set_text("Hello<|im_end|>")),
    ("models-list-valid", set_model_fields(id="same")),
    ("models-list-valid", set_model_fields(object="thing")),
    ("models-list-valid", set_model_fields(created=1731369600000)),
    ("max-tokens-respected", replace_parameter("max_tokens", 24)),
    ("max-tokens-respected", set_text("word " * 30)),
    ("max-completion-tokens-respected", drop_parameter("max_completion_tokens")),
    ("n-respected", drop_parameter("n")),
    ("n-respected", set_choice(index=0)),
    ("prompt-list-completed", change_json(drop_other_choices)),
    ("prompt-list-completed", change_request(lambda body: body["prompt"].reverse())),
    ("stop-respected", drop_parameter("stop")),
    ("stop-respected", change_json(append_stop_sequence)),
    ("stop-respected", set_choice(finish_reason="length")),
    ("seed-reproducible", set_text(None)),
    ("seed-reproducible-sampling", set_text(None)),
    ("temperature-respected", replace_parameter("temperature", 0)),
    ("prompt-affects-response", set_text("Always the same.")),
    ("unknown-fields-accepted", change_request(reject_unknown_field)),
    ("null-means-default", set_text(None)),
    ("json-object-valid", set_text('Here you are: {"city": "Paris"}')),
    ("json-schema-respected", set_text("It is sunny in Paris.")),
    ("required-tool-called", drop_parameter("tool_choice")),
    ("required-tool-called", set_choice(finish_reason="content_filter")),
    ("tool-choice-none-respected", replace_parameter("tool_choice", "required")),
    ("logprobs-as-requested", drop_parameter("logprobs")),
    ("logprobs-as-requested", replace_parameter("top_logprobs", 1)),
    ("logprobs-as-requested", change_request(request_logprobs)),
]


@pytest.mark.parametrize(("name", "change"), FAULTS)
def test_a_fault_fails_its_check(recorded_edge, name: str, change: Change):
    """Each fault is reported by the check of its rule."""
    assert find_violations(recorded_edge.send, name, change)


def test_every_check_has_a_fault():
    """No check of these modules passes for every server."""
    assert {name for name, _ in FAULTS} == set(names_in(*MODULES))


def test_an_optional_parameter_is_not_supported(recorded_edge):
    """A server may reject n > 1 in the openai profile only."""
    reject_n = change_request(lambda body: body.update(n=0) if body.get("n", 1) > 1 else None)
    only = ("chat_completion",)
    assert run_one(recorded_edge.send, "n-respected", reject_n, profile="openai", only=only).status == "not_supported"
    assert run_one(recorded_edge.send, "n-respected", reject_n, only=only).status == "failed"


def test_the_content_of_a_tool_call_may_be_empty(recorded_edge):
    """An empty string is as valid as null."""

    def change(request: Body, response: Body) -> None:
        for choice in response.get("choices", ()):
            if (choice.get("message") or {}).get("tool_calls"):
                choice["message"]["content"] = ""

    assert find_violations(recorded_edge.send, "required-tool-called", change_json(change)) == ()


@pytest.mark.parametrize("name", ["stop-respected", "stream-stop-sequence"])
def test_without_words_there_is_no_stop_sequence_to_test(recorded_edge, name):
    """A model that generates no words gives nothing to compare: the check is skipped with a reason."""
    outcome = run_one(recorded_edge.send, name, set_text("..."))
    assert outcome.status == "skipped"
    assert "stop sequence" in outcome.note


def test_a_model_that_stops_by_itself_is_not_truncated(recorded_edge):
    """Without a truncated text there is no finish_reason to compare."""
    outcome = run_one(recorded_edge.send, "finish-reason-accurate", set_usage(completion_tokens=1))
    assert outcome.status == "skipped"
