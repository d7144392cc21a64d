"""The text backend: with scripted events of llama.cpp, and with the real SmolLM2.

The tests with the real model check structure and limits; no test compares what it generates.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from polargrid_edge.backends.text import ContextLengthError, TextBackend
from polargrid_edge.models import files
from polargrid_edge.models.catalog import Catalog
from tests.edge.test_tool_calls import ADD, CALL, WEATHER

Json = dict[str, Any]


def chat_body(text: str = "Say hello to the sea.", **fields: Any) -> Json:
    messages = [{"role": "user", "content": text}]
    return {"messages": messages, "max_tokens": 12, "temperature": 0, "seed": 1, **fields}


def token_logprob(token: str) -> Json:
    entry = {"id": 1, "token": token, "bytes": list(token.encode()), "logprob": -1.5}
    return entry | {"top_logprobs": [entry, entry | {"token": "other"}]}


def chat_events(*tokens: str, reason: str = "stop", logprobs: bool = False) -> list[Json]:
    """The events of llama.cpp for a chat, as recorded from xllamacpp 2026.10."""
    deltas: list[Json] = [{"role": "assistant", "content": None}, *({"content": token} for token in tokens), {}]
    events = []
    for delta in deltas:
        choice: Json = {"finish_reason": None if delta else reason, "index": 0, "delta": delta}
        if logprobs and delta.get("content"):
            choice["logprobs"] = {"content": [token_logprob(delta["content"])]}
        events.append({"choices": [choice], "id": "chatcmpl-7kx1", "object": "chat.completion.chunk"})
    return [*events, {"choices": [], "id": "chatcmpl-7kx1", "usage": usage_event(len(tokens))}]


def completion_events(*tokens: str, reason: str = "length", logprobs: bool = False) -> list[Json]:
    """The events of llama.cpp for a completion, as recorded from xllamacpp 2026.10."""
    events: list[Json] = []
    for token in tokens:
        logprob = {"content": [token_logprob(token)]} if logprobs else None
        events.append({"choices": [{"text": token, "index": 0, "logprobs": logprob, "finish_reason": None}]})
    last = {"text": "", "index": 0, "logprobs": None, "finish_reason": reason}
    return [*events, {"choices": [last], "usage": usage_event(len(tokens))}]


def usage_event(tokens: int) -> Json:
    return {"completion_tokens": tokens, "prompt_tokens": 7, "total_tokens": tokens + 7}


class ScriptedLlama:
    """Replays events for each request, and records the requests. Its tokens are the words of a text."""

    vocabulary_size = 1_000

    def __init__(self) -> None:
        self.requests: list[Json] = []
        self.scripts: list[list[Json] | Exception] = []
        self.literals: list[str] = []
        self.emitted = 0

    def handle_chat_completions(self, request: Json, receive: Callable[[Json], bool]) -> None:
        self.requests.append(request)
        script = self.scripts[(len(self.requests) - 1) % len(self.scripts)]
        if isinstance(script, Exception):
            raise script
        for event in script:
            self.emitted += 1
            if receive(event):
                return

    handle_completions = handle_chat_completions

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        self.literals += [text] * is_literal
        return list(range(len(text.split())))

    def detokenize(self, tokens: list[int]) -> str:
        return "".join(f"<{token}>" for token in tokens)


@pytest.fixture
def llama() -> ScriptedLlama:
    return ScriptedLlama()


@pytest.fixture
def fake_backend(llama: ScriptedLlama) -> TextBackend:
    return TextBackend(Path("model.gguf"), max_output_tokens=100, open_server=lambda *_: llama)


def collect_chat(backend: TextBackend, body: Json) -> list[Json]:
    chunks: list[Json] = []

    def collect(chunk: Json) -> bool:
        chunks.append(chunk)
        return False

    backend.chat_stream(body, collect)
    return chunks


def join_text(chunks: list[Json]) -> str:
    return "".join(part["delta"].get("content", "") for chunk in chunks for part in chunk["choices"])


# Scripted events


def test_a_stream_has_openai_s_shape(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """One id, the role first, a single finish_reason at the end, and no usage unless requested."""
    llama.scripts = [chat_events("Hello", " sea", reason="length")]
    chunks = collect_chat(fake_backend, chat_body())
    parts = [part for chunk in chunks for part in chunk["choices"]]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert [part["delta"].get("role") for part in parts] == ["assistant", None, None, None]
    assert [part["finish_reason"] for part in parts] == [None, None, None, "length"]
    assert join_text(chunks) == "Hello sea"
    assert not any("usage" in chunk for chunk in chunks)


def test_the_usage_is_the_last_chunk(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Without choices, if it is requested."""
    llama.scripts = [chat_events("Hello", " sea")]
    last = collect_chat(fake_backend, chat_body(stream_options={"include_usage": True}))[-1]
    assert (last["choices"], last["usage"]) == ([], usage_event(2))


def test_a_plain_response_is_the_combined_stream(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """With its text, finish_reason, logprobs and usage."""
    llama.scripts = [chat_events("Hello", " sea", reason="length", logprobs=True)]
    response = fake_backend.chat(chat_body(logprobs=True, top_logprobs=1))
    (choice,) = response["choices"]
    assert (response["object"], response["usage"]) == ("chat.completion", usage_event(2))
    assert choice["message"] == {"role": "assistant", "content": "Hello sea"}
    assert choice["finish_reason"] == "length"
    entries = choice["logprobs"]["content"]
    assert [entry["token"] for entry in entries] == ["Hello", " sea"]
    assert [len(entry["top_logprobs"]) for entry in entries] == [1, 1]
    assert "id" not in entries[0]


def test_choices_share_the_tokens_of_the_prompt(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Each choice has its index and a seed of its own; all its tokens count."""
    llama.scripts = [chat_events("One"), chat_events("Two", "."), chat_events("Three")]
    response = fake_backend.chat(chat_body(n=3, seed=2**32 - 2))
    assert [choice["index"] for choice in response["choices"]] == [0, 1, 2]
    assert [choice["message"]["content"] for choice in response["choices"]] == ["One", "Two.", "Three"]
    assert response["usage"] == {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}
    # The highest value of 32 bits means "random" to llama.cpp.
    assert [request["seed"] for request in llama.requests] == [2**32 - 2, 0, 1]


def test_each_prompt_has_its_choices(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Indexed prompt by prompt; the tokens of each prompt count once."""
    llama.scripts = [completion_events(token) for token in "abcd"]
    response = fake_backend.complete({"prompt": ["Once", "The"], "n": 2})
    assert [(choice["index"], choice["text"]) for choice in response["choices"]] == list(enumerate("abcd"))
    assert [request["prompt"] for request in llama.requests] == ["Once", "Once", "The", "The"]
    assert response["usage"] == {"prompt_tokens": 14, "completion_tokens": 4, "total_tokens": 18}


def test_a_completion_has_legacy_logprobs(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Lists of tokens, log probabilities and offsets."""
    llama.scripts = [completion_events(" the", " sea", logprobs=True)]
    (choice,) = fake_backend.complete({"prompt": "Once", "logprobs": 1})["choices"]
    assert choice["text"] == " the sea"
    assert choice["logprobs"]["tokens"] == [" the", " sea"]
    assert choice["logprobs"]["text_offset"] == [0, 4]
    assert choice["logprobs"]["token_logprobs"] == [-1.5, -1.5]
    assert choice["finish_reason"] == "length"


def test_a_stopped_stream_ends(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """For all its choices."""
    llama.scripts = [chat_events(*"abcdef")]
    chunks: list[Json] = []

    def stop_at_three(chunk: Json) -> bool:
        chunks.append(chunk)
        return len(chunks) == 3

    fake_backend.chat_stream(chat_body(n=2), stop_at_three)
    assert (len(chunks), llama.emitted, len(llama.requests)) == (3, 3, 1)


def test_a_stopped_plain_response_raises(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """And generates no further tokens."""
    llama.scripts = [chat_events(*"abcdef")]
    with pytest.raises(RuntimeError, match="cancelled"):
        fake_backend.chat(chat_body(), lambda: llama.emitted >= 3)
    assert llama.emitted == 3


def test_an_exception_of_the_callback_is_raised(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """llama.cpp would discard it."""
    llama.scripts = [chat_events("a", "b")]

    def fail(chunk: Json) -> bool:
        raise KeyError(chunk["object"])

    with pytest.raises(KeyError, match=r"chat\.completion\.chunk"):
        fake_backend.chat_stream(chat_body(), fail)
    assert llama.emitted == 1


def test_errors_of_llama_are_raised(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Before the first chunk: a context error, an invalid request, a failure."""
    context = {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 3031, "n_ctx": 1024}
    llama.scripts = [
        [{"error": context}],
        [{"error": {"code": 400, "message": "type must be number"}}],
        [{"error": {"code": 500, "message": "out of memory"}}],
        RuntimeError("the template is invalid"),
    ]
    with pytest.raises(ContextLengthError) as caught:
        fake_backend.chat(chat_body())
    assert (caught.value.prompt_tokens, caught.value.context) == (3031, 1024)
    with pytest.raises(ValueError, match="must be number"):
        fake_backend.chat(chat_body())
    with pytest.raises(RuntimeError, match="out of memory"):
        fake_backend.chat(chat_body())
    with pytest.raises(ValueError, match="template is invalid"):
        fake_backend.chat(chat_body())


@pytest.mark.parametrize("unit", ["<|im_end|>", "word ", "😀"])
def test_a_prompt_beyond_the_context_is_not_counted(fake_backend: TextBackend, llama: ScriptedLlama, unit: str) -> None:
    """llama.cpp counts a megabyte of special tokens for half a minute; as messages, tools and prompt."""
    llama.scripts = [completion_events("a")]
    text = unit * 300_000
    tool = ADD | {"function": ADD["function"] | {"description": text}}
    for body in (chat_body(text), chat_body(tools=[tool])):
        with pytest.raises(ContextLengthError, match=r"4096 tokens\. However, your prompt resulted in at least"):
            fake_backend.chat(body)
    with pytest.raises(ContextLengthError, match="at least"):
        fake_backend.complete({"prompt": ["short", text]})
    assert len(llama.requests) == 1


def test_a_closed_backend_rejects_requests(fake_backend: TextBackend) -> None:
    """The message has the reason."""
    fake_backend.close()
    with pytest.raises(RuntimeError, match="unloaded"):
        fake_backend.chat(chat_body())


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "add"}}])
def test_a_required_call_is_a_tool_call(fake_backend: TextBackend, llama: ScriptedLlama, choice: object) -> None:
    """As a delta with its index, without content; llama.cpp gets the schema of the call."""
    llama.scripts = [chat_events(*CALL)]
    chunks = collect_chat(fake_backend, chat_body(tools=[ADD, WEATHER], tool_choice=choice))
    deltas = [part["delta"] for chunk in chunks for part in chunk["choices"]]
    assert join_text(chunks) == ""
    (calls,) = [delta["tool_calls"] for delta in deltas if "tool_calls" in delta]
    assert (calls[0]["index"], calls[0]["function"]["name"]) == (0, "add")
    assert json.loads(calls[0]["function"]["arguments"]) == {"a": 1, "b": 2}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert "arguments" in json.dumps(llama.requests[0].get("grammar") or llama.requests[0]["response_format"])


def test_a_plain_tool_call_has_no_content(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """The content is null."""
    llama.scripts = [chat_events(*CALL)]
    (choice,) = fake_backend.chat(chat_body(tools=[ADD], tool_choice="required"))["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"][0]["id"].startswith("call_")


def test_a_truncated_required_call_is_dropped(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """It is neither a call nor text."""
    llama.scripts = [chat_events(*CALL[:9], reason="length")]
    (choice,) = fake_backend.chat(chat_body(tools=[ADD], tool_choice="required"))["choices"]
    assert choice["finish_reason"] == "length"
    assert choice["message"] == {"role": "assistant", "content": ""}


def test_text_streams_while_tools_are_offered(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Text that cannot become a call is not buffered."""
    llama.scripts = [chat_events("Hello", " sea", "!")]
    chunks = collect_chat(fake_backend, chat_body(tools=[ADD]))
    assert [part["delta"].get("content") for chunk in chunks for part in chunk["choices"]][1:-1] == [
        "Hello",
        " sea",
        "!",
    ]


def test_the_request_to_llama_is_limited(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """Unknown fields are dropped, tokens are capped, and empty stop strings are removed."""
    llama.scripts = [chat_events("a")]
    body = chat_body(max_completion_tokens=500, stop=["", "x"], grammar="nonsense", user="u", enable_thinking=True)
    fake_backend.chat(body)
    (request,) = llama.requests
    assert (request["max_tokens"], request["stop"]) == (100, ["x"])
    assert not {"grammar", "user", "enable_thinking"} & request.keys()


@pytest.mark.parametrize(
    ("fields", "cached"), [({}, False), ({"seed": None}, False), ({"seed": None, "temperature": 1}, True)]
)
def test_a_reproducible_request_does_not_use_the_cache(
    fake_backend: TextBackend, llama: ScriptedLlama, fields: Json, cached: bool
) -> None:
    """A partly cached prompt is computed with different rounding."""
    llama.scripts = [chat_events("a")]
    fake_backend.chat(chat_body() | fields)
    assert llama.requests[0]["cache_prompt"] is cached


def test_the_body_is_unchanged(fake_backend: TextBackend, llama: ScriptedLlama) -> None:
    """It is the caller's."""
    llama.scripts = [chat_events(*CALL)]
    body = chat_body(tools=[WEATHER], tool_choice="required", stop="x")
    before = json.dumps(body)
    fake_backend.chat(body)
    assert json.dumps(body) == before


IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role must be one of"),
        ({"messages": [{"role": "user", "content": "a\ud800b"}]}, "not valid JSON"),
        ({"messages": [{"role": "user", "content": [IMAGE]}]}, "reads text only"),
        ({"temperature": float("nan")}, "not valid JSON"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"n": 0}, "n must be"),
        ({"response_format": {"type": "poem"}}, "response_format"),
        ({"tools": [ADD], "tool_choice": {"type": "function", "function": {"name": "sub"}}}, "'sub'"),
        ({"tool_choice": "required"}, "requires a tool"),
        ({"tools": [{"type": "function"}]}, "a tool must be"),
    ],
)
def test_an_invalid_request_is_rejected(
    fake_backend: TextBackend, llama: ScriptedLlama, fields: Json, message: str
) -> None:
    """Before llama.cpp gets it."""
    with pytest.raises(ValueError, match=message):
        fake_backend.chat(chat_body(**fields))
    assert llama.requests == []


# The real model


@pytest.fixture(scope="module")
def backend() -> Iterator[TextBackend]:
    path = next(iter(files.ensure(Catalog().resolve("smollm2-135m").files).values()))
    backend = TextBackend(path, context=256, threads=1, max_output_tokens=100)
    yield backend
    backend.close()


def test_the_model_streams_a_chat(backend: TextBackend) -> None:
    """Chunk by chunk, with the shape of the scripted events; the usage is at most max_tokens."""
    chunks = collect_chat(backend, chat_body(stream_options={"include_usage": True}))
    *parts, last = [part for chunk in chunks for part in chunk["choices"]]
    assert parts[0]["delta"] == {"role": "assistant", "content": ""}
    assert all(part["delta"].keys() == {"content"} for part in parts[1:])
    assert last["finish_reason"] in ("stop", "length")
    assert chunks[-1]["usage"]["completion_tokens"] <= 12
    assert len(parts) > 1


def test_the_model_reports_logprobs(backend: TextBackend) -> None:
    """An entry per token with the requested number of alternatives."""
    (choice,) = backend.chat(chat_body(logprobs=True, top_logprobs=2, max_tokens=3))["choices"]
    assert {len(entry["top_logprobs"]) for entry in choice["logprobs"]["content"]} == {2}
    (choice,) = backend.chat(chat_body(logprobs=True, max_tokens=3))["choices"]
    assert all(entry["top_logprobs"] == [] and entry["logprob"] <= 0 for entry in choice["logprobs"]["content"])


def test_the_model_completes_prompts(backend: TextBackend) -> None:
    """An empty prompt starts a new text; the tokens of the logprobs are the text."""
    body = {"prompt": ["Once upon", ""], "max_tokens": 3, "logprobs": 1, "logit_bias": {"0": -100, "2": -100}}
    response = backend.complete(body)
    assert [choice["index"] for choice in response["choices"]] == [0, 1]
    assert all(choice["text"] == "".join(choice["logprobs"]["tokens"]) for choice in response["choices"])
    assert response["usage"]["completion_tokens"] <= 6


@pytest.mark.parametrize("constant", ["😀漢字𓀀ñ", {"a": 1}])
def test_the_model_follows_a_schema(backend: TextBackend, constant: object) -> None:
    """A constant leaves no other text; characters of several tokens are complete in every chunk."""
    schema = {"name": "constant", "schema": {"const": constant}}
    form = {"type": "json_schema", "json_schema": schema}
    chunks = collect_chat(backend, chat_body(response_format=form, max_tokens=90))
    assert json.loads(join_text(chunks)) == constant
    assert "\ufffd" not in join_text(chunks)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "allOf": [{"pattern": f"a.{{{length}}}b"} for length in range(200)]},
        {"type": "integer", "allOf": [{"multipleOf": 997}, {"multipleOf": 991}]},
        {"type": "integer", "multipleOf": 999_983},
        {"type": "array", "maxItems": 9_000, "items": {"type": "array", "maxItems": 9_000, "items": {}}},
        {"type": "object", "properties": {f"p{number}": {"type": "integer"} for number in range(1_500)}},
        {"type": "string", "maxLength": 10**9},
    ],
    ids=["patterns", "common multiple", "multiple", "arrays", "properties", "length"],
)
def test_the_model_responds_to_an_expensive_schema(backend: TextBackend, schema: Json) -> None:
    """Within the bounds; each of them can take minutes or gigabytes as it is."""
    form = {"type": "json_schema", "json_schema": {"name": "expensive", "schema": schema}}
    assert backend.chat(chat_body(response_format=form, max_tokens=3))["choices"]


@pytest.mark.parametrize("tokens", [1, 3, 5, 8])
def test_an_incomplete_character_is_not_sent(backend: TextBackend, tokens: int) -> None:
    """A limit may end a response within the tokens of a character."""
    schema = {"name": "text", "schema": {"const": "😀漢字𓀀ñ"}}
    form = {"type": "json_schema", "json_schema": schema}
    (choice,) = backend.chat(chat_body(response_format=form, max_tokens=tokens))["choices"]
    assert "\ufffd" not in choice["message"]["content"]


def test_the_model_makes_a_required_call(backend: TextBackend) -> None:
    """The schema leaves no other text than a call with valid arguments."""
    city = {"type": "object", "properties": {"city": {"const": "Oslo"}}, "required": ["city"]}
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": city}}
    (choice,) = backend.chat(chat_body(tools=[tool], tool_choice="required", max_tokens=90))["choices"]
    (call,) = choice["message"]["tool_calls"]
    assert json.loads(call["function"]["arguments"])["city"] == "Oslo"


def test_the_model_accepts_parts_roles_and_results(backend: TextBackend) -> None:
    """Text parts, the role developer, calls and results, and unknown fields."""
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    messages: list[Json] = [
        {"role": "developer", "content": "Be short."},
        {"role": "user", "content": [{"type": "text", "text": "What is"}, {"type": "text", "text": "1 + 2?"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
    ]
    for fields in ({}, {"tools": [ADD], "tool_choice": "required"}):
        assert backend.chat({"messages": messages, "max_tokens": 2, "user": "u", **fields})["choices"]


def test_the_context_limits_the_prompt(backend: TextBackend) -> None:
    """The error has the figures, and is raised before the first chunk."""
    chunks: list[Json] = []

    def collect(chunk: Json) -> bool:
        chunks.append(chunk)
        return False

    with pytest.raises(ContextLengthError) as caught:
        backend.chat_stream(chat_body("x " * 1500), collect)
    assert caught.value.context == 256
    assert caught.value.prompt_tokens > 1500
    assert chunks == []


def test_the_context_limits_the_response(backend: TextBackend) -> None:
    """The finish_reason is "length"; without the end token the model cannot stop earlier."""
    response = backend.chat(chat_body("x " * 190, max_tokens=100, logit_bias={"0": -100, "2": -100}))
    assert response["choices"][0]["finish_reason"] == "length"
    assert response["usage"]["total_tokens"] == 256


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#/no"}}}}, "ref"),
    ],
)
def test_llama_rejects_invalid_values(backend: TextBackend, fields: Json, message: str) -> None:
    """As a ValueError with its message."""
    with pytest.raises(ValueError, match=message):
        backend.chat(chat_body(**fields))


def test_the_model_serves_several_threads(backend: TextBackend) -> None:
    """Each thread gets a response to its own request."""
    responses: dict[str, Json] = {}

    def chat(word: str) -> None:
        form = {"type": "json_schema", "json_schema": {"schema": {"const": word}}}
        responses[word] = backend.chat(chat_body(response_format=form, max_tokens=60))

    threads = [threading.Thread(target=chat, args=(word,)) for word in ("green", "blue", "red")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    contents = {word: json.loads(body["choices"][0]["message"]["content"]) for word, body in responses.items()}
    assert contents == {"green": "green", "blue": "blue", "red": "red"}


def test_the_tokens_of_a_prompt_have_the_log_probabilities_of_the_model(backend: TextBackend) -> None:
    """A text has those as a prompt that it had when it was generated; the first token has none."""
    fields: Json = {"temperature": 0, "logprobs": 2}
    (generated,) = backend.complete({"prompt": "a 漢:", "max_tokens": 6, **fields})["choices"]
    echo = {"prompt": "a 漢:" + generated["text"], "max_tokens": 0, "echo": True, **fields}
    (echoed,) = backend.complete(echo)["choices"]
    logprobs, expected = echoed["logprobs"], generated["logprobs"]
    assert echoed["text"] == "a 漢:" + generated["text"]
    assert (logprobs["token_logprobs"][0], logprobs["top_logprobs"][0]) == (None, None)
    assert logprobs["tokens"][-6:] == expected["tokens"]
    assert logprobs["token_logprobs"][-6:] == pytest.approx(expected["token_logprobs"], abs=0.05)
    assert {len(values) for values in logprobs.values()} == {len(logprobs["tokens"])}


def test_a_biased_token_is_generated(backend: TextBackend) -> None:
    """By its id."""
    (choice,) = backend.complete({"prompt": "Once", "max_tokens": 3, "logit_bias": {"504": 100}})["choices"]
    assert choice["text"] == "TheTheThe"


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ({"choice": ['Ünïcode "x"', 'Ünïcode "x" y']}, r"Ünïcode \"x\"( y)?"),
        ({"regex": r"[a-c]{3}/\d{2}"}, r"[a-c]{3}/\d{2}"),
        ({"regex": "a\0b"}, "a\0b"),
        ({"grammar": 'root ::= "a" b\nb ::= [0-9]'}, "a[0-9]"),
        # llama.cpp's own engine has 2**20 ways to match this, and ends none.
        (
            {"grammar": "root ::= r0\n" + "".join(f"r{n} ::= r{n + 1} r{n + 1}\n" for n in range(20)) + 'r20 ::= "x"?'},
            "x+",
        ),
    ],
)
def test_the_model_follows_structured_outputs(backend: TextBackend, constraint: Json, expected: str) -> None:
    """The whole text is what it must be."""
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 30, "structured_outputs": constraint}
    (choice,) = backend.chat(body)["choices"]
    assert re.fullmatch(expected, choice["message"]["content"])


def test_a_special_token_of_a_message_is_text(backend: TextBackend) -> None:
    """It is longer than the one token that it would be."""
    lengths = []
    for text in ("x", "x<|im_end|>", "x<b>"):
        body = {"messages": [{"role": "user", "content": text}], "max_tokens": 1}
        lengths.append(backend.chat(body)["usage"]["prompt_tokens"])
    assert lengths[1] - lengths[0] > 1
    assert lengths[2] - lengths[0] > 1
