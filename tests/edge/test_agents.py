"""An agent calls tools one after the other over the API, until the model responds with text.

The model is a script: for the results that it sees it generates the next call, if it sees tools.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from polargrid_edge.backends.text import TextBackend
from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, run_scripted_edge
from tests.edge.test_app import CHAT_PATH, read_events
from tests.edge.test_text_backend import ScriptedLlama, chat_events

Json = dict[str, Any]

STEPS = {"find_city": {"user": "Ann"}, "get_weather": {"city": "Oslo"}, "send_message": {"user": "Ann"}}
RESULTS = {"find_city": "Oslo", "get_weather": "rain", "send_message": "sent"}
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in STEPS]
USER = {"role": "user", "content": "Tell Ann the weather of her city."}


def call_text(name: str, arguments: Json) -> str:
    return json.dumps({"name": name, "arguments": arguments})


def find_next(messages: list[Json]) -> str:
    """Call the next tool; after the last one, say so."""
    done = sum(message["role"] == "tool" for message in messages)
    return [*(call_text(*step) for step in STEPS.items()), "All is done."][done]


def repeat_first(messages: list[Json]) -> str:
    """Call the first tool, however often it was called."""
    del messages
    return call_text("find_city", {"user": "Ann"})


class AgentLlama(ScriptedLlama):
    """Generates what `script` returns for the messages, or a fact without tools."""

    def __init__(self) -> None:
        super().__init__()
        self.script: Callable[[list[Json]], str] = find_next

    def handle_chat_completions(self, request: Json, receive: Callable[[Json], bool]) -> None:
        text = self.script(request["messages"]) if "tools" in request else "The facts say so."
        self.scripts = [with_timings(chat_events(*(character for character in text)))]
        super().handle_chat_completions(request, receive)


def with_timings(events: list[Json]) -> list[Json]:
    """The events as llama.cpp sends them with timings_per_token."""
    return [event | {"timings": {"cache_n": 2, "prompt_n": 5, "predicted_n": n}} for n, event in enumerate(events)]


llama = AgentLlama()


@pytest.fixture(scope="module", params=[False, True], ids=["any model", "a model that repeats calls"])
def repeats_calls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def agent_client(repeats_calls: bool) -> Iterator[httpx.Client]:
    backend = TextBackend(Path("model.gguf"), repeats_calls=repeats_calls, open_server=lambda *_: llama)
    with (
        run_scripted_edge(backend) as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as opened,
    ):
        yield opened


@pytest.fixture(autouse=True)
def _reset() -> None:
    llama.script = find_next
    llama.requests.clear()


def ask(client: httpx.Client, body: Json, *, stream: bool) -> Json:
    """The choice of a response, with its message."""
    body = {"model": CHAT_MODEL, **body}
    if not stream:
        response = client.post(CHAT_PATH, json=body)
        assert response.status_code == 200, response.text
        choice: Json = response.json()["choices"][0]
        return choice
    *events, _ = read_events(client.post(CHAT_PATH, json=body | {"stream": True}))
    parts = [json.loads(event)["choices"][0] for event in events]
    message: Json = {"role": "assistant", "content": ""}
    for part in parts:
        delta = part["delta"]
        message["content"] += delta.get("content") or ""
        message |= {name: delta[name] for name in ("tool_calls", "function_call") if name in delta}
    return {"message": message, "finish_reason": parts[-1]["finish_reason"]}


def run_agent(client: httpx.Client, *, stream: bool, most: int = 6) -> tuple[list[str], str]:
    """The names of the tools that the model called, in order, and its text."""
    messages: list[Json] = [USER]
    names: list[str] = []
    for _ in range(most):
        message = ask(client, {"messages": messages, "tools": TOOLS}, stream=stream)["message"]
        messages.append(message)
        if not message.get("tool_calls"):
            return names, message["content"]
        for call in message["tool_calls"]:
            names.append(call["function"]["name"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": RESULTS[names[-1]]})
    return names, ""


@pytest.mark.parametrize("stream", [False, True])
def test_an_agent_calls_three_tools(agent_client: httpx.Client, stream: bool) -> None:
    """Each after the result of the one before it; the model sees its calls, their results and its tools."""
    assert run_agent(agent_client, stream=stream) == (list(STEPS), "All is done.")
    assert [len(request["tools"]) for request in llama.requests] == [3, 3, 3, 3]
    roles = [message["role"] for message in llama.requests[-1]["messages"]]
    assert roles == ["user", *("assistant", "tool") * 3]


@pytest.mark.parametrize("stream", [False, True])
def test_only_a_model_that_repeats_its_calls_loses_its_tools(
    agent_client: httpx.Client, repeats_calls: bool, stream: bool
) -> None:
    """After the same call twice, not before the second."""
    llama.script = repeat_first
    names, text = run_agent(agent_client, stream=stream)
    assert (len(names), text) == ((2, "The facts say so.") if repeats_calls else (6, ""))


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_has_one_call_unless_parallel(agent_client: httpx.Client, stream: bool) -> None:
    """Generation ends with the call; the usage is that of the tokens so far."""
    llama.script = lambda _: "\n".join(call_text(*step) for step in STEPS.items())
    body = {"messages": [USER], "tools": TOOLS}
    assert len(ask(agent_client, body, stream=stream)["message"]["tool_calls"]) == 3
    llama.emitted = 0
    choice = ask(agent_client, body | {"parallel_tool_calls": False}, stream=stream)
    assert [call["function"]["name"] for call in choice["message"]["tool_calls"]] == ["find_city"]
    assert choice["finish_reason"] == "tool_calls"
    assert llama.emitted == len(call_text("find_city", {"user": "Ann"})) + 1
    usage = agent_client.post(CHAT_PATH, json={"model": CHAT_MODEL, "parallel_tool_calls": False, **body}).json()[
        "usage"
    ]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (7, llama.emitted // 2 - 1)


def test_a_model_that_repeats_its_calls_ends_with_the_first_repeated_one(
    agent_client: httpx.Client, repeats_calls: bool
) -> None:
    """It would repeat them to the end of its context."""
    llama.script = lambda _: "\n".join([call_text("find_city", {"user": "Ann"})] * 4)
    calls = ask(agent_client, {"messages": [USER], "tools": TOOLS}, stream=False)["message"]["tool_calls"]
    assert len(calls) == (1 if repeats_calls else 4)


@pytest.mark.parametrize("stream", [False, True])
def test_functions_are_the_older_form_of_tools(agent_client: httpx.Client, stream: bool) -> None:
    """The call is a function_call, its result a message of the role function."""
    body: Json = {"messages": [USER], "functions": [tool["function"] for tool in TOOLS]}
    for name, arguments in STEPS.items():
        choice = ask(agent_client, body, stream=stream)
        message = choice["message"]
        assert choice["finish_reason"] == "function_call"
        assert message["function_call"]["name"] == name
        assert json.loads(message["function_call"]["arguments"]) == arguments
        result = {"role": "function", "name": name, "content": RESULTS[name]}
        body["messages"] = [*body["messages"], message, result]
    assert ask(agent_client, body, stream=stream)["message"]["content"] == "All is done."
    calls = [message for message in llama.requests[-1]["messages"] if "tool_calls" in message]
    results = [message for message in llama.requests[-1]["messages"] if message["role"] == "tool"]
    assert [call["tool_calls"][0]["id"] for call in calls] == [result["tool_call_id"] for result in results]


@pytest.mark.parametrize(
    ("fields", "offered", "is_required"),
    [
        ({"function_call": "none"}, None, False),
        ({"function_call": "auto"}, 3, False),
        ({"function_call": {"name": "get_weather"}}, 3, True),
    ],
)
def test_function_call_is_the_older_form_of_tool_choice(
    agent_client: httpx.Client, fields: Json, offered: int | None, is_required: bool
) -> None:
    """With its names."""
    ask(agent_client, {"messages": [USER], "functions": [tool["function"] for tool in TOOLS], **fields}, stream=False)
    (request,) = llama.requests
    assert len(request.get("tools", ())) == (offered or 0)
    assert bool({"grammar", "response_format"} & request.keys()) is is_required


def test_functions_beside_tools_are_tools(agent_client: httpx.Client) -> None:
    """None of them is dropped."""
    body = {"messages": [USER], "tools": TOOLS[1:], "functions": [TOOLS[0]["function"]]}
    assert ask(agent_client, body, stream=False)["message"]["tool_calls"][0]["function"]["name"] == "find_city"
    assert len(llama.requests[0]["tools"]) == 3


@pytest.mark.parametrize("mode", ["auto", "required"])
def test_allowed_tools_are_offered_alone(agent_client: httpx.Client, mode: str) -> None:
    """The model cannot call another."""
    allowed = [{"type": "function", "function": {"name": name}} for name in ("get_weather", "find_city")]
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": allowed}}
    ask(agent_client, {"messages": [USER], "tools": TOOLS, "tool_choice": choice}, stream=False)
    (request,) = llama.requests
    assert [tool["function"]["name"] for tool in request["tools"]] == ["find_city", "get_weather"]
    assert bool({"grammar", "response_format"} & request.keys()) is (mode == "required")
