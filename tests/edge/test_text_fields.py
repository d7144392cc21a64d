"""The fields of OpenAI's chats and completions over HTTP: each is obeyed, rejected with its name, or told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from polargrid_edge.backends.text import TextBackend
from tests.edge.scripted import HEADERS, LONG_PROMPT, TIMEOUT, ScriptedEdge, run_scripted_edge
from tests.edge.test_app import CHAT, CHAT_PATH, COMPLETION, COMPLETION_PATH, is_valid, read_error, read_events
from tests.edge.test_text_backend import ScriptedLlama, chat_events, completion_events

Json = dict[str, Any]

llama = ScriptedLlama()
IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
RECORDING = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}
DOCUMENT = {"type": "file", "file": {"file_id": "f1"}}


@pytest.fixture(scope="module")
def text_client() -> Iterator[httpx.Client]:
    backend = TextBackend(Path("model.gguf"), context=4096, fingerprint="fp_1", open_server=lambda *_: llama)
    with (
        run_scripted_edge(backend) as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as opened,
    ):
        yield opened


@pytest.fixture(autouse=True)
def _reset() -> None:
    llama.scripts = [chat_events("Hello")]
    llama.requests.clear()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, 4096),
        ({"max_tokens": None}, 4096),
        ({"max_tokens": 10**9}, 4096),
        ({"max_completion_tokens": 10**9, "max_tokens": 5}, 4096),
        ({"max_tokens": 5}, 5),
    ],
)
def test_a_chat_is_as_long_as_the_context(text_client: httpx.Client, fields: Json, expected: int) -> None:
    """Without max_tokens, and with more than the context holds."""
    body = {name: CHAT[name] for name in ("model", "messages")}
    assert text_client.post(CHAT_PATH, json=body | fields).status_code == 200
    assert llama.requests[0]["max_tokens"] == expected


@pytest.mark.parametrize(("path", "body"), [(CHAT_PATH, CHAT), (COMPLETION_PATH, COMPLETION)])
def test_an_overflow_has_openai_s_words(fake_client: httpx.Client, path: str, body: Json) -> None:
    """Clients search for them, and shorten the conversation."""
    field = "messages" if path == CHAT_PATH else "prompt"
    text = [{"role": "user", "content": LONG_PROMPT}] if path == CHAT_PATH else LONG_PROMPT
    for stream in (False, True):
        error = read_error(fake_client.post(path, json=body | {field: text, "stream": stream}), 400)
        assert error["message"].startswith("This model's maximum context length is 4096 tokens. However, your prompt")
        facts = {"type": "invalid_request_error", "code": "context_length_exceeded", "param": field}
        assert error | facts == error


@pytest.mark.parametrize(
    ("fields", "param", "advice"),
    [
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "messages[0].content[0]", "describe the image"),
        ({"messages": [{"role": "user", "content": [RECORDING]}]}, "messages[0].content[0]", "audio/transcriptions"),
        ({"messages": [{"role": "user", "content": [DOCUMENT]}]}, "messages[0].content[0]", "the text of the file"),
        ({"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}, "modalities", "audio/speech"),
        ({"audio": {"voice": "alloy", "format": "wav"}}, "audio", "generates text only"),
        ({"logit_bias": {"1000": 1}}, "logit_bias", "its ids are 0 to 999"),
        ({"structured_outputs": {"regex": "a", "choice": ["a"]}}, "structured_outputs", "expected one of"),
        ({"structured_outputs": {"regex": "("}}, "structured_outputs.regex", "pattern"),
        ({"guided_json": {"type": "nothing"}}, "guided_json", "nothing"),
    ],
)  # fmt: skip
def test_what_the_model_cannot_do_is_named(text_client: httpx.Client, fields: Json, param: str, advice: str) -> None:
    """With what to do instead."""
    error = read_error(text_client.post(CHAT_PATH, json=CHAT | fields), 400)
    assert (error["param"], advice in error["message"]) == (param, True), error["message"]
    assert llama.requests == []


@pytest.mark.parametrize(
    ("fields", "ignored"),
    [
        ({"reasoning_effort": "low", "verbosity": "low"}, {"reasoning_effort", "verbosity"}),
        ({"store": True, "metadata": {"a": "b"}, "service_tier": "flex"}, {"store", "metadata", "service_tier"}),
        ({"store": False, "service_tier": "auto", "modalities": ["text"], "user": "u", "logit_bias": {"5": 1}}, None),
        ({"parallel_tool_calls": True, "safety_identifier": "s", "verbosity": None}, None),
    ],
)
def test_what_has_no_effect_is_told(text_client: httpx.Client, fields: Json, ignored: set[str] | None) -> None:
    """In a header; what the edge does anyway is not ignored."""
    response = text_client.post(CHAT_PATH, json=CHAT | fields)
    header = response.headers.get("x-pg-ignored")
    assert (header and set(header.split(", "))) == ignored


def test_a_response_has_fingerprint_and_valid_usage(text_client: httpx.Client) -> None:
    """As openapi.yaml describes them."""
    events = chat_events("Hello")
    events[-1]["usage"]["prompt_tokens_details"] = {"cached_tokens": 4}
    llama.scripts = [events]
    response = text_client.post(CHAT_PATH, json=CHAT | {"logit_bias": {"5": -100}}).json()
    assert is_valid("ChatCompletionResponse", response)
    assert (response["system_fingerprint"], response["usage"]["prompt_tokens_details"]) == (
        "fp_1",
        {"cached_tokens": 4},
    )
    assert llama.requests[0]["logit_bias"] == {"5": -100}


@pytest.mark.parametrize("stream", [False, True])
def test_echo_and_logprobs_are_valid(text_client: httpx.Client, stream: bool) -> None:
    """The tokens of the prompt come before those of the text; a stream has the same."""
    events = completion_events(" sea", logprobs=True)
    llama.scripts = [events[:1], events]  # for the second token of the prompt, and for the text
    body = COMPLETION | {"prompt": [7, 8], "echo": True, "logprobs": 1, "stream": stream}
    response = text_client.post(COMPLETION_PATH, json=body)
    if stream:
        chunks = [json.loads(event) for event in read_events(response)[:-1]]
        assert all(is_valid("CompletionChunk", chunk) for chunk in chunks)
        choices = [chunk["choices"][0] for chunk in chunks]
        assert "".join(choice["text"] for choice in choices) == "<7><8> sea"
        tokens = [token for choice in choices for token in (choice["logprobs"] or {}).get("tokens", [])]
        assert tokens == ["<7>", " sea", " sea"]
        return
    assert is_valid("CompletionResponse", response.json())
    (choice,) = response.json()["choices"]
    assert (choice["text"], choice["logprobs"]["text_offset"]) == ("<7><8> sea", [0, 3, 6])
    assert choice["logprobs"]["token_logprobs"] == [None, -1.5, -1.5]
    assert choice["logprobs"]["top_logprobs"] == [None, {" sea": -1.5}, {" sea": -1.5}]


LIST = {
    "type": "object",
    "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
    "required": ["value", "next"],
    "additionalProperties": False,
}
LINKED = '{"value": 1, "next": {"value": 2, "next": null}}'
BROKEN = LINKED.replace("2", '"2"')


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("text", "is_right"), [(LINKED, True), (BROKEN, False)])
def test_a_schema_may_refer_to_itself(text_client: httpx.Client, text: str, is_right: bool, stream: bool) -> None:
    """In response_format and in a strict tool, which refers to its own parameters."""
    function = {"name": "save", "parameters": LIST, "strict": True}
    format_ = {"type": "json_schema", "json_schema": {"name": "list", "strict": True, "schema": LIST}}
    tools = {"tools": [{"type": "function", "function": function}], "tool_choice": "required"}
    for fields, content in (
        ({"response_format": format_}, text),
        ({"guided_json": LIST}, text),
        (tools, f'{{"name": "save", "arguments": {text}}}'),
    ):
        llama.scripts = [chat_events(content)]
        response = text_client.post(CHAT_PATH, json=CHAT | fields | {"stream": stream})
        assert ("schema_mismatch" in response.text) is not is_right
        assert "#/$defs/0" in json.dumps(llama.requests[-1]) or "tools" not in fields


def test_the_constraint_of_the_scripted_edge_is_checked(fake_edge: ScriptedEdge, fake_client: httpx.Client) -> None:
    """A text that is none of the choices is generated again."""
    fake_edge.text.deltas = [({"content": "maybe"}, "stop"), ({"content": "no"}, "stop")]
    body = CHAT | {"structured_outputs": {"choice": ["yes", "no"]}}
    assert fake_client.post(CHAT_PATH, json=body).json()["choices"][0]["message"]["content"] == "no"
