"""A small model gets results of tools as facts, and no tools in the prompt."""

from __future__ import annotations

import copy

import pytest

from polargrid_edge.backends import text_request, tool_calls
from polargrid_edge.backends.tool_results import ends_with_result, results_to_facts

ADD = {"type": "function", "function": {"name": "add"}}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Weather?"}


def call_message(*calls: tuple[str, str, str], content: str | None = None) -> dict:
    """A message with calls, each as (id, function, arguments)."""
    tool_calls = [
        {"id": key, "type": "function", "function": {"name": name, "arguments": text}} for key, name, text in calls
    ]
    return {"role": "assistant", "content": content, "tool_calls": tool_calls}


def result_message(call_id: str, content: object) -> dict:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


OSLO = call_message(("c1", "weather", '{"city": "Oslo"}'))
SUNNY = result_message("c1", "sunny")


def facts_text(*facts: str) -> str:
    return "\n".join(["These facts were looked up just now:", *facts, "Answer from them."])


def test_a_result_becomes_a_fact():
    """In a system message at the start; the call and its result are removed."""
    assert results_to_facts([USER, OSLO, SUNNY]) == [
        {"role": "system", "content": facts_text('weather({"city": "Oslo"}) returned sunny')},
        USER,
    ]


def test_facts_extend_the_system_message():
    """Some templates accept a single system message."""
    system, *others = results_to_facts([SYSTEM, USER, OSLO, SUNNY])
    assert system["content"].startswith("Be brief.\n\nThese facts were looked up just now:")
    assert others == [USER]


def test_several_results_are_several_facts():
    """In the order of the results, with the call of each."""
    calls = call_message(("c1", "weather", '"Oslo"'), ("c2", "time", ""))
    (system, _) = results_to_facts([USER, calls, result_message("c2", "noon"), result_message("c1", "rain")])
    assert system["content"] == facts_text("time() returned noon", 'weather("Oslo") returned rain')


def test_the_parts_of_a_result_are_joined():
    """To the text of a fact."""
    parts = [{"type": "text", "text": "sun"}, {"type": "text", "text": "ny"}]
    system, _ = results_to_facts([USER, OSLO, result_message("c1", parts)])
    assert system["content"] == facts_text('weather({"city": "Oslo"}) returned sunny')


def test_a_result_without_a_call_is_a_fact():
    """Without the name of its function."""
    assert results_to_facts([USER, result_message("c9", "7")])[0]["content"] == facts_text("a function() returned 7")


def test_the_text_of_a_call_message_remains():
    """Only its calls are removed."""
    message = call_message(("c1", "weather", "{}"), content="Let me see.")
    assert results_to_facts([USER, message, SUNNY])[1:] == [USER, {"role": "assistant", "content": "Let me see."}]


def test_messages_after_a_result_remain():
    """Unchanged."""
    later = [{"role": "assistant", "content": "It is sunny."}, {"role": "user", "content": "And Ski?"}]
    assert results_to_facts([USER, OSLO, SUNNY, *later])[1:] == [USER, *later]


@pytest.mark.parametrize("messages", [[USER], [SYSTEM, USER, {"role": "assistant", "content": "Hi"}], [USER, OSLO]])
def test_a_conversation_without_results_is_unchanged(messages):
    """Calls without results included."""
    assert results_to_facts(messages) == messages


def test_the_caller_s_messages_are_unchanged():
    """The function returns new messages."""
    messages = [SYSTEM, USER, call_message(("c1", "weather", "{}"), content="Hm."), SUNNY]
    before = copy.deepcopy(messages)
    results_to_facts(messages)
    assert messages == before


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([USER, OSLO, SUNNY], True),
        ([USER, OSLO], False),
        ([USER, OSLO, SUNNY, USER], False),
        ([], False),
        (None, False),
    ],
)
def test_ends_with_result(messages, expected):
    """The last message counts."""
    assert ends_with_result(messages) is expected


# The effect on a request


@pytest.mark.parametrize(
    ("choice", "offered", "required"),
    [
        (None, 0, ()),
        ("auto", 0, ()),
        ("none", 0, ()),
        ("required", 1, ("add",)),
        ({"type": "function", "function": {"name": "add"}}, 1, ("add",)),
    ],
)
def test_a_plan_after_a_result(choice, offered, required):
    """The model gets tools only for a required call."""
    plan = tool_calls.plan_tools({"messages": [USER, OSLO, SUNNY], "tools": [ADD], "tool_choice": choice})
    assert (len(plan.offered), plan.required) == (offered, required)


def test_a_plan_of_the_next_turn():
    """A new message of the user offers the tools again."""
    assert tool_calls.plan_tools({"messages": [USER, OSLO, SUNNY, USER], "tools": [ADD]}).names == ("add",)


def test_an_invalid_tool_is_rejected_after_a_result():
    """Although the prompt does not have it."""
    with pytest.raises(ValueError, match="a tool must be"):
        tool_calls.plan_tools({"messages": [USER, OSLO, SUNNY], "tools": [{"type": "function"}]})


@pytest.mark.parametrize(
    ("choice", "roles"), [("auto", ["system", "user"]), ("required", ["user", "assistant", "tool"])]
)
def test_a_request_has_calls_or_facts(choice, roles):
    """Calls with the tools of a required call, facts otherwise."""
    body = {"messages": [USER, OSLO, SUNNY], "tools": [ADD], "tool_choice": choice}
    (request,) = text_request.chat_requests(body, tool_calls.plan_tools(body))
    assert [message["role"] for message in request["messages"]] == roles
    assert ("tools" in request) is (choice == "required")
