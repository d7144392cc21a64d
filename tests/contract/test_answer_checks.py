"""The checks of JSON answers: kept by the local edge, broken by one that is tampered with."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.contract.tampering import Change, answering, asking, faults, names_in, outcome, outcomes

MODULES = ("answers", "obedience", "forms")
_COUNTER = itertools.count()


@pytest.mark.parametrize("profile", ["polargrid", "openai"])
def test_the_local_edge_keeps_all_of_them(edge, profile):
    """In both profiles, without a false alarm."""
    told = outcomes(edge.url, names_in(*MODULES), profile=profile)
    assert [(one.check, one.faults) for one in told if one.verdict == "broken"] == []
    assert sum(one.verdict == "kept" for one in told) >= 18


def usage(**counts: int | None) -> Change:
    def change(asked: Any, told: Any) -> None:
        if "usage" in told:
            told["usage"].update(counts)

    return answering(change)


def field(**fields: Any) -> Change:
    return answering(lambda _, told: told.update(fields) if "choices" in told else None)


def choice(**fields: Any) -> Change:
    def change(asked: Any, told: Any) -> None:
        for each in told.get("choices", ()):
            each.update(fields)

    return answering(change)


def said(text: str | None) -> Change:
    """Another text, in either operation."""

    def change(asked: Any, told: Any) -> None:
        for each in told.get("choices", ()):
            put = text if text is not None else f"Number {next(_COUNTER)}"
            each.update({"message": {"role": "assistant", "content": put}} if "message" in each else {"text": put})

    return answering(change)


def without(name: str) -> Change:
    """The edge is not told a field."""
    return asking(lambda body: body.pop(name))


def instead(name: str, value: Any) -> Change:
    """The edge is told another value."""
    return asking(lambda body: body.update({name: value}) if name in body else None)


def drop(name: str) -> Change:
    return answering(lambda _, told: told["usage"].pop(name) if "usage" in told else None)


def keeps_the_stop(asked: Any, told: Any) -> None:
    stop = asked.get("stop")
    if isinstance(stop, str):
        message = told["choices"][0].get("message")
        (message or told["choices"][0])["content" if message else "text"] += stop


def listed(**fields: Any) -> Change:
    return answering(lambda _, told: [each.update(fields) for each in told["data"]] if "data" in told else None)


def milliseconds(asked: Any, told: Any) -> None:
    if "choices" in told:
        told["created"] *= 1000


def one_more(asked: Any, told: Any) -> None:
    if "usage" in told:
        told["usage"]["total_tokens"] += 1


def last_message_only(body: Any) -> None:
    body["messages"] = body["messages"][-1:]


def first_choice_only(asked: Any, told: Any) -> None:
    if "choices" in told:
        del told["choices"][1:]


def logprobs_for_all(body: Any) -> None:
    if "messages" in body:
        body["logprobs"] = True


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("usage-adds-up", answering(one_more)),
        ("usage-adds-up", drop("total_tokens")),
        ("usage-adds-up", usage(completion_tokens=0)),
        ("usage-fits-text", usage(completion_tokens=1)),
        ("usage-fits-text", usage(completion_tokens=4000)),
        ("usage-fits-text", usage(prompt_tokens=1)),
        ("longer-prompt-costs-more", usage(prompt_tokens=20)),
        ("longer-prompt-costs-more", asking(last_message_only)),
        ("model-echoed", field(model="another")),
        ("model-echoed", field(model="smollm2-135m")),
        ("created-now", answering(milliseconds)),
        ("created-now", field(created=0)),
        ("answer-ids-unique", field(id="chatcmpl-1")),
        ("answer-ids-unique", field(id="")),
        ("object-named", field(object="chat.completion.chunk")),
        ("finish-reason-known", choice(finish_reason="eos")),
        ("finish-reason-known", choice(finish_reason=None)),
        ("finish-reason-true", choice(finish_reason="stop")),
        ("message-of-assistant", choice(message={"role": "user", "content": "Hello"})),
        ("message-of-assistant", said("Hello<|im_end|>")),
        ("models-listed", listed(id="one")),
        ("models-listed", listed(object="thing")),
        ("models-listed", listed(created=1731369600000)),
        ("max-tokens-obeyed", instead("max_tokens", 24)),
        ("max-tokens-obeyed", said("word " * 30)),
        ("max-completion-tokens-obeyed", without("max_completion_tokens")),
        ("n-obeyed", without("n")),
        ("n-obeyed", choice(index=0)),
        ("every-prompt-continued", answering(first_choice_only)),
        ("every-prompt-continued", asking(lambda body: body["prompt"].reverse())),
        ("stop-obeyed", without("stop")),
        ("stop-obeyed", answering(keeps_the_stop)),
        ("stop-obeyed", choice(finish_reason="length")),
        ("seed-repeats", said(None)),
        ("seed-repeats-a-choice", without("seed")),
        ("temperature-obeyed", instead("temperature", 0)),
        ("prompts-matter", said("Always the same.")),
        ("unknown-fields-accepted", asking(lambda body: body.update(n=0) if "x_field_of_tomorrow" in body else None)),
        ("json-object-obeyed", said('Here you are: {"city": "Paris"}')),
        ("json-schema-obeyed", instead("response_format", {"type": "text"})),
        ("required-tool-called", without("tool_choice")),
        ("required-tool-called", choice(finish_reason="content_filter")),
        ("no-tool-called-unasked", instead("tool_choice", "required")),
        ("logprobs-as-asked", without("logprobs")),
        ("logprobs-as-asked", instead("top_logprobs", 1)),
        ("logprobs-as-asked", asking(logprobs_for_all)),
    ],
)
def test_a_fault_is_seen(edge, name: str, change: Change):
    """By the check that is there for it."""
    assert faults(edge.url, name, change)


def test_what_a_server_need_not_have_is_not_offered(edge):
    """A refusal of n is no fault in the openai profile, and one in the other."""
    refusing = asking(lambda body: body.update(n=0) if body.get("n", 1) > 1 else None)
    assert outcome(edge.url, "n-obeyed", refusing, "openai").verdict == "not offered"
    assert outcome(edge.url, "n-obeyed", refusing).verdict == "broken"


def test_content_may_be_empty_where_a_tool_is_called(edge):
    """As a string, or as null."""

    def change(asked: Any, told: Any) -> None:
        for each in told.get("choices", ()):
            if (each.get("message") or {}).get("tool_calls"):
                each["message"]["content"] = ""

    assert faults(edge.url, "required-tool-called", answering(change)) == ()
