"""The scripted model of `make clients`, without an edge."""

from __future__ import annotations

import json

import pytest

from qa.clients.scripted_edge import ScriptedServer, respond

TASK = {"role": "user", "content": "Call find_town, and then get_weather."}


def build_tool(name, *parameters):
    schema = {"type": "object", "properties": {parameter: {"type": "string"} for parameter in parameters}}
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = [build_tool("get_weather", "town"), build_tool("find_town", "name"), build_tool("unnamed")]


def parse_call(text):
    return json.loads(text.removeprefix("<tool_call>").removesuffix("</tool_call>"))


def test_first_call_is_of_the_first_name():
    """The order is that of the task, not that of the tools."""
    assert parse_call(respond([TASK], TOOLS)) == {"name": "find_town", "arguments": {"name": "Marie"}}


@pytest.mark.parametrize(
    "result",
    [
        {"role": "tool", "content": "Rimouski"},
        {"role": "tool", "content": '"Rimouski"'},
        {"role": "tool", "content": [{"type": "text", "text": "Rimouski"}]},
        {"role": "user", "content": "Observation:\nRimouski"},
    ],
)
def test_next_call_has_the_result(result):
    """As a client writes it: a text, JSON, parts, or a message of the user."""
    assert parse_call(respond([TASK, result], TOOLS)) == {"name": "get_weather", "arguments": {"town": "Rimouski"}}


def test_last_response_is_a_text():
    """Also if the model does not see its tools."""
    result = {"role": "tool", "content": "Rimouski"}
    assert respond([TASK, result, result], TOOLS) == "Done."
    assert respond([TASK], []) == "Done."


def test_new_task_begins_again():
    """Results before it do not count."""
    assert parse_call(respond([TASK, {"role": "tool", "content": "Rimouski"}, TASK], TOOLS))["name"] == "find_town"


def test_events_have_the_text_in_pieces():
    """A finish_reason, and the usage at the end, as llama.cpp's."""
    events = []
    ScriptedServer().handle_chat_completions({"messages": [TASK], "tools": TOOLS}, events.append)
    *chunks, last, usage = events
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == respond([TASK], TOOLS)
    assert last["choices"][0]["finish_reason"] == "stop"
    assert usage["usage"]["completion_tokens"] == len(chunks) > 1
