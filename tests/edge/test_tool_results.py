"""A model that repeats its calls gets their results as facts, and no tools in the prompt."""

from __future__ import annotations

import copy

import pytest

from polargrid_edge.backends import tool_plan
from polargrid_edge.backends.tool_results import end_repetition, has_repeated_call, results_to_facts

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


ROME = call_message(("c2", "weather", '{"city": "Rome"}'))


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([USER, OSLO, SUNNY], False),
        ([USER, OSLO, SUNNY, ROME, SUNNY], False),
        ([USER, OSLO, SUNNY, ROME, SUNNY, OSLO, SUNNY], True),
        ([USER, OSLO, SUNNY, call_message(("c3", "weather", '{ "city":"Oslo" }')), SUNNY], True),
        ([USER, OSLO, SUNNY, call_message(("c3", "time", '{"city": "Oslo"}')), SUNNY], False),
        ([USER, OSLO, SUNNY, {"role": "assistant", "content": "Sunny."}, USER, OSLO, SUNNY], False),
        ([USER, call_message(("c1", "weather", "not JSON"), ("c2", "weather", "not JSON"))], True),
        ([USER], False),
    ],
)
def test_a_repeated_call_has_name_and_arguments(messages, expected):
    """Within the turn of the user; white space does not count."""
    assert has_repeated_call(messages) is expected


# The effect on a request

REPEATED = [USER, OSLO, SUNNY, OSLO, SUNNY]
CHOICES = (None, "auto", "none", "required", {"type": "function", "function": {"name": "add"}})


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("messages", [[USER], [USER, OSLO, SUNNY], REPEATED])
def test_a_plan_does_not_depend_on_the_messages(choice, messages):
    """The model sees its tools after a result, so that it can call another one."""
    plan = tool_plan.plan_tools({"messages": messages, "tools": [ADD], "tool_choice": choice})
    assert len(plan.offered) == (0 if choice == "none" else 1)


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(("messages", "repeats"), [([USER], False), ([USER, OSLO, SUNNY], False), (REPEATED, True)])
def test_the_crutch_ends_optional_calls_after_a_repeated_one(choice, messages, repeats):
    """A required call is made in any case; calls and results stay as they are while there are tools."""
    plan = tool_plan.plan_tools({"tools": [ADD], "tool_choice": choice})
    limited, converted = end_repetition(plan, messages)
    ends = choice == "none" or (repeats and not plan.required)
    assert limited.names == (() if ends else ("add",))
    assert converted == (results_to_facts(messages) if ends else messages)
    assert limited.distinct is not ends


def test_a_plan_of_the_next_turn():
    """A new message of the user offers the tools again."""
    plan = tool_plan.plan_tools({"tools": [ADD]})
    assert end_repetition(plan, [*REPEATED, USER])[0].names == ("add",)


def test_an_invalid_tool_is_rejected():
    """Before anything is generated."""
    with pytest.raises(ValueError, match="a tool must be"):
        tool_plan.plan_tools({"tools": [{"type": "function"}]})
