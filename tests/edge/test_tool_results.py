"""Results of functions are told to a small model as facts, and it is shown no function then."""

from __future__ import annotations

import copy

import pytest

from polargrid_edge.backends import text_request, tools
from polargrid_edge.backends.looked_up import as_facts, ends_with_result

ADD = {"type": "function", "function": {"name": "add"}}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Weather?"}


def asks(*calls: tuple[str, str, str], content: str | None = None) -> dict:
    """What the model said when it called: (id, function, arguments)."""
    made = [{"id": key, "type": "function", "function": {"name": name, "arguments": text}} for key, name, text in calls]
    return {"role": "assistant", "content": content, "tool_calls": made}


def result(of: str, content: object) -> dict:
    return {"role": "tool", "tool_call_id": of, "content": content}


OSLO = asks(("c1", "weather", '{"city": "Oslo"}'))
SUNNY = result("c1", "sunny")


def told(*facts: str) -> str:
    return "\n".join(["These facts were looked up just now:", *facts, "Answer from them."])


def test_a_result_is_a_fact():
    """The call and its result leave the conversation; what was looked up stands before it."""
    assert as_facts([USER, OSLO, SUNNY]) == [
        {"role": "system", "content": told('weather({"city": "Oslo"}) returned sunny')},
        USER,
    ]


def test_the_systems_message_stays():
    """What the system was told comes first, and is one message with the facts: some templates take no second."""
    system, *others = as_facts([SYSTEM, USER, OSLO, SUNNY])
    assert system["content"].startswith("Be brief.\n\nThese facts were looked up just now:")
    assert others == [USER]


def test_several_results():
    """Each is a fact of its own call, in the order of the results, whatever that of the calls."""
    calls = asks(("c1", "weather", '"Oslo"'), ("c2", "time", ""))
    (system, _) = as_facts([USER, calls, result("c2", "noon"), result("c1", "rain")])
    assert system["content"] == told("time() returned noon", 'weather("Oslo") returned rain')


def test_a_result_of_parts():
    """Its texts are told as one."""
    parts = [{"type": "text", "text": "sun"}, {"type": "text", "text": "ny"}]
    assert as_facts([USER, OSLO, result("c1", parts)])[0]["content"] == told('weather({"city": "Oslo"}) returned sunny')


def test_a_result_of_a_call_that_nobody_made():
    """It is told all the same."""
    assert as_facts([USER, result("c9", "7")])[0]["content"] == told("a function() returned 7")


def test_what_was_said_beside_a_call_stays():
    """Only the call itself goes."""
    said = asks(("c1", "weather", "{}"), content="Let me see.")
    assert as_facts([USER, said, SUNNY])[1:] == [USER, {"role": "assistant", "content": "Let me see."}]


def test_what_follows_the_results_stays():
    """A conversation goes on: its later turns are as they were."""
    later = [{"role": "assistant", "content": "It is sunny."}, {"role": "user", "content": "And Ski?"}]
    assert as_facts([USER, OSLO, SUNNY, *later])[1:] == [USER, *later]


@pytest.mark.parametrize("messages", [[USER], [SYSTEM, USER, {"role": "assistant", "content": "Hi"}], [USER, OSLO]])
def test_no_result(messages):
    """A conversation in which nothing was looked up is as it was."""
    assert as_facts(messages) == messages


def test_the_messages_are_not_changed():
    """They are the caller's."""
    messages = [SYSTEM, USER, asks(("c1", "weather", "{}"), content="Hm."), SUNNY]
    before = copy.deepcopy(messages)
    as_facts(messages)
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
    """Only what came last counts."""
    assert ends_with_result(messages) is expected


# What that does to a request


@pytest.mark.parametrize(
    ("choice", "shown", "demanded"),
    [
        (None, 0, ()),
        ("auto", 0, ()),
        ("none", 0, ()),
        ("required", 1, ("add",)),
        ({"type": "function", "function": {"name": "add"}}, 1, ("add",)),
    ],
)
def test_a_plan_after_a_result(choice, shown, demanded):
    """Free to call, the model is shown no tools; one who demands a call gets one."""
    plan = tools.plan({"messages": [USER, OSLO, SUNNY], "tools": [ADD], "tool_choice": choice})
    assert (len(plan.shown), plan.demanded) == (shown, demanded)


def test_a_plan_of_the_next_turn():
    """Asked anew, the model may call again."""
    assert tools.plan({"messages": [USER, OSLO, SUNNY, USER], "tools": [ADD]}).names == ("add",)


def test_a_malformed_tool_is_told_after_a_result():
    """Though it would not be shown."""
    with pytest.raises(ValueError, match="a tool must be"):
        tools.plan({"messages": [USER, OSLO, SUNNY], "tools": [{"type": "function"}]})


@pytest.mark.parametrize(
    ("choice", "roles"), [("auto", ["system", "user"]), ("required", ["user", "assistant", "tool"])]
)
def test_what_the_model_is_asked(choice, roles):
    """With tools it sees the calls, without them the facts."""
    body = {"messages": [USER, OSLO, SUNNY], "tools": [ADD], "tool_choice": choice}
    (request,) = text_request.chat_requests(body, tools.plan(body))
    assert [message["role"] for message in request["messages"]] == roles
    assert ("tools" in request) is (choice == "required")
