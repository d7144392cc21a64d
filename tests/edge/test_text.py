"""What the text backend answers, with the real SmolLM2, and what it decides of tools."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from polargrid_edge import sources
from polargrid_edge.backends import tools
from polargrid_edge.backends.text import ContextLengthError, TextBackend
from polargrid_edge.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"$ref": "#/$defs/City"}},
            "required": ["city"],
            "$defs": {"City": {"enum": ["Oslo", "Lima"]}},
        },
    },
}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer", "maximum": 99}, "b": {"type": "integer", "maximum": 99}},
            "required": ["a", "b"],
        },
    },
}


@pytest.fixture(scope="module")
def model_path() -> Path:
    """The file of SmolLM2, taken when it is not here yet."""
    return next(iter(sources.ensure(Catalog().resolve("smollm2-135m").files).values()))


@pytest.fixture(scope="module")
def backend(model_path: Path) -> Iterator[TextBackend]:
    """One model in memory for all tests of this file."""
    backend = TextBackend(model_path, context=1024, threads=1)
    yield backend
    backend.close()


def ask(text: str = "Say hello to the sea.", **fields: Any) -> Json:
    return {
        "messages": [{"role": "user", "content": text}],
        "max_tokens": 12,
        "temperature": 0,
        "seed": 1,
        **fields,
    }


def streamed(backend: TextBackend, body: Json) -> list[Json]:
    chunks: list[Json] = []

    def keep(chunk: Json) -> bool:
        chunks.append(chunk)
        return False

    backend.chat_stream(body, keep)
    return chunks


def text_of(chunks: list[Json]) -> str:
    return "".join(part["delta"].get("content", "") for chunk in chunks for part in chunk["choices"])


def test_shape(backend: TextBackend) -> None:
    """An answer has OpenAI's shape, and its usage adds up."""
    answer = backend.chat({**ask(), "model": "m"})
    choice = answer["choices"][0]
    assert (answer["object"], answer["model"]) == ("chat.completion", "m")
    assert (choice["index"], choice["message"]["role"], choice["finish_reason"]) == (0, "assistant", "length")
    assert choice["message"]["content"]
    usage = answer["usage"]
    assert usage["completion_tokens"] == 12
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_stream_shape(backend: TextBackend) -> None:
    """A stream has one id, a role first, one finish_reason at its end, and usage only when asked for."""
    chunks = streamed(backend, ask())
    parts = [part for chunk in chunks for part in chunk["choices"]]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert [part["delta"].get("role") for part in parts][:2] == ["assistant", None]
    assert [part["finish_reason"] for part in parts if part["finish_reason"]] == ["length"]
    assert parts[-1]["finish_reason"] == "length"
    assert not any("usage" in chunk for chunk in chunks)


def test_stream_usage(backend: TextBackend) -> None:
    """With include_usage the last chunk has no choices, and the usage of the plain answer."""
    last = streamed(backend, ask(stream_options={"include_usage": True}))[-1]
    assert last["choices"] == []
    assert last["usage"] == backend.chat(ask())["usage"]


def test_stream_is_answer(backend: TextBackend) -> None:
    """At temperature 0 with a seed, a stream and a plain answer have the same text."""
    assert text_of(streamed(backend, ask())) == backend.chat(ask())["choices"][0]["message"]["content"]


def test_repeatable(backend: TextBackend) -> None:
    """Temperature 0 with a seed gives the same tokens and probabilities whatever was asked between."""
    body = ask("Write a haiku about the sea.", logprobs=True)
    first = backend.chat(body)["choices"]
    backend.chat(ask("Write a haiku about the sun."))
    assert backend.chat(body)["choices"] == first


def test_seed_at_temperature(backend: TextBackend) -> None:
    """A seed repeats an answer at any temperature, and another seed gives another."""
    first, again, other = (
        backend.chat(ask(temperature=1.2, seed=seed))["choices"][0]["message"]["content"] for seed in (5, 5, 6)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", [-1, 2**32 - 1, 2**70])
def test_any_seed(backend: TextBackend, seed: int) -> None:
    """A seed beyond 32 bits, or the one llama.cpp takes for random, is still repeatable."""
    body = ask(temperature=1.5, seed=seed, max_tokens=6)
    assert backend.chat(body)["choices"] == backend.chat(body)["choices"]


def test_choices(backend: TextBackend) -> None:
    """Several choices differ, have their indices, and their tokens are all counted."""
    answer = backend.chat(ask(n=3, temperature=1.5, max_tokens=5))
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert len({choice["message"]["content"] for choice in answer["choices"]}) > 1
    assert answer["usage"]["completion_tokens"] == 15


def test_stop(backend: TextBackend) -> None:
    """A stop string ends the text before itself, and neither answer nor stream has any of it."""
    whole = backend.chat(ask())["choices"][0]["message"]["content"]
    stop = whole[8:13]
    for stops in (stop, [stop], ["", stop]):
        choice = backend.chat(ask(stop=stops))["choices"][0]
        assert (choice["message"]["content"], choice["finish_reason"]) == (whole[: whole.index(stop)], "stop")
    assert text_of(streamed(backend, ask(stop=stop))) == whole[: whole.index(stop)]


def test_emit_stops(backend: TextBackend) -> None:
    """An emit that returns True gets no further chunk, of any choice."""
    seen: list[Json] = []

    def enough(chunk: Json) -> bool:
        seen.append(chunk)
        return len(seen) == 3

    backend.chat_stream(ask(max_tokens=500, n=2), enough)
    assert len(seen) == 3


def test_stopped_answer(backend: TextBackend) -> None:
    """A whole answer that nobody waits for ends early, and the backend is free for the next."""
    asked = iter(range(100))
    with pytest.raises(RuntimeError, match="nobody waits"):
        backend.chat(ask("Count from one to one hundred.", max_tokens=64), lambda: next(asked) >= 3)
    assert next(asked) < 8
    assert backend.chat(ask(max_tokens=4))["choices"]


def test_emit_raises(backend: TextBackend) -> None:
    """What emit raises comes out of the call."""

    def broken(chunk: Json) -> bool:
        raise KeyError(chunk["object"])

    with pytest.raises(KeyError, match=r"chat\.completion\.chunk"):
        backend.chat_stream(ask(), broken)


def test_characters_are_whole(backend: TextBackend) -> None:
    """A character whose bytes are several tokens comes out whole, and a half one at the end not at all."""
    wanted = "😀漢字𓀀ñ"
    form = {"type": "json_schema", "json_schema": {"name": "text", "schema": {"const": wanted}}}
    chunks = streamed(backend, ask(response_format=form, max_tokens=60))
    assert json.loads(text_of(chunks)) == wanted
    for tokens in range(1, 12):
        body = ask(response_format=form, max_tokens=tokens)
        assert "\ufffd" not in backend.chat(body)["choices"][0]["message"]["content"]


def test_json_object(backend: TextBackend) -> None:
    """A schema is kept to, and json_object begins an object at once."""
    schema = {
        "type": "object",
        "properties": {"a": {"enum": [1, 2]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}}
    answer = backend.chat(ask("Give me JSON", max_tokens=40, response_format=form))
    assert json.loads(answer["choices"][0]["message"]["content"])["a"] in (1, 2)
    answer = backend.chat(ask("Give me JSON", max_tokens=8, response_format={"type": "json_object"}))
    assert answer["choices"][0]["message"]["content"].startswith("{")


def test_logprobs(backend: TextBackend) -> None:
    """Log probabilities come one a token, with as many alternatives as were asked for."""
    entries = backend.chat(ask(logprobs=True, top_logprobs=2))["choices"][0]["logprobs"]["content"]
    assert [len(entry["top_logprobs"]) for entry in entries] == [2] * 12
    entries = backend.chat(ask(logprobs=True))["choices"][0]["logprobs"]["content"]
    assert all(entry["top_logprobs"] == [] and entry["logprob"] <= 0 for entry in entries)


def test_cap(model_path: Path) -> None:
    """A cap on output tokens shortens an answer, which says so."""
    backend = TextBackend(model_path, context=256, parallel=1, threads=1, max_output_tokens=4)
    answer = backend.chat(ask(max_completion_tokens=50))
    assert answer["usage"]["completion_tokens"] == 4
    assert answer["choices"][0]["finish_reason"] == "length"
    backend.close()
    with pytest.raises(RuntimeError, match="unloaded"):
        backend.chat(ask())


def test_context(backend: TextBackend) -> None:
    """A prompt that is too long is refused with figures, before the first chunk."""
    chunks: list[Json] = []
    with pytest.raises(ContextLengthError) as caught:
        backend.chat_stream(ask("x " * 3000), lambda chunk: bool(chunks.append(chunk)))  # type: ignore[func-returns-value]
    assert caught.value.context == 1024
    assert caught.value.prompt_tokens > 3000
    assert chunks == []


def test_context_end(backend: TextBackend) -> None:
    """An answer that reaches the end of the context ends with "length"."""
    answer = backend.chat(ask("Tell a story. " + "x " * 960, max_tokens=400, logit_bias={"2": -100}))
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["total_tokens"] == 1024


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "role must be one of"),
        ({"messages": [{"role": "user", "content": "a\ud800b"}]}, "not valid JSON"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
            "cannot see images",
        ),
        ({"temperature": float("nan")}, "not valid JSON"),
        ({"temperature": "hot"}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"n": 0}, "n must be"),
        ({"response_format": {"type": "poem"}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"$ref": "#/no"}}}}, "ref"),
        ({"tools": [ADD], "tool_choice": {"type": "function", "function": {"name": "sub"}}}, "'sub'"),
        ({"tool_choice": "required"}, "tools is empty"),
        ({"tools": [{"type": "function"}]}, "a tool must be"),
    ],
)
def test_refused(backend: TextBackend, fields: Json, says: str) -> None:
    """A request that cannot be served raises ValueError and says why."""
    with pytest.raises(ValueError, match=says):
        backend.chat(ask(**fields))


def test_parts_and_roles(backend: TextBackend) -> None:
    """Text parts, the developer role, a tool's result and fields nobody knows are taken."""
    call = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    messages: list[Json] = [
        {"role": "developer", "content": "Be short."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "What is"}, {"type": "text", "text": "1 + 2?"}],
        },
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
    ]
    body = {
        "messages": messages,
        "max_tokens": 2,
        "enable_thinking": True,
        "user": "u",
        "grammar": "nonsense",
    }
    assert backend.chat(body)["usage"]["completion_tokens"] == 2


def test_body_unchanged(backend: TextBackend) -> None:
    """The caller's request is not changed."""
    body = ask(tools=[WEATHER], tool_choice="required", stop="x")
    before = json.dumps(body)
    backend.chat(body)
    assert json.dumps(body) == before


def test_complete(backend: TextBackend) -> None:
    """Each prompt of a list has n choices, indexed prompt by prompt, and a prompt is counted once."""
    body = {"prompt": ["Once upon", "The sky"], "n": 2, "max_tokens": 4, "temperature": 0, "seed": 1}
    answer = backend.complete(body)
    texts = [choice["text"] for choice in answer["choices"]]
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    assert texts[0] == texts[1] != texts[2] == texts[3]
    single = backend.complete({**body, "prompt": "Once upon", "n": 1})
    assert single["choices"][0]["text"] == texts[0]
    assert answer["usage"]["prompt_tokens"] == 2 * single["usage"]["prompt_tokens"]
    assert answer["usage"]["completion_tokens"] == 16


def test_complete_stream(backend: TextBackend) -> None:
    """A streamed completion adds up to the plain one, with its older form of logprobs."""
    body = {"prompt": "Once upon", "max_tokens": 4, "temperature": 0, "logprobs": 1}
    chunks: list[Json] = []

    def keep(chunk: Json) -> bool:
        chunks.append(chunk)
        return False

    backend.complete_stream(body, keep)
    choice = backend.complete(body)["choices"][0]
    parts = [part for chunk in chunks for part in chunk["choices"]]
    assert "".join(part["text"] for part in parts) == choice["text"] == "".join(choice["logprobs"]["tokens"])
    assert choice["logprobs"]["text_offset"][:2] == [0, len(choice["logprobs"]["tokens"][0])]
    assert parts[-1]["finish_reason"] == choice["finish_reason"] == "length"


def test_empty_prompt(backend: TextBackend) -> None:
    """An empty prompt begins a new text."""
    assert backend.complete({"prompt": "", "max_tokens": 3, "seed": 1})["usage"]["completion_tokens"] == 3


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_demanded_call(backend: TextBackend, choice: object) -> None:
    """A demanded call is made, of a tool that was offered, with arguments of its schema."""
    body = ask("Weather in Oslo?", tools=[ADD, WEATHER], tool_choice=choice, max_tokens=80)
    made = backend.chat(body)["choices"][0]
    call = made["message"]["tool_calls"][0]
    arguments = json.loads(call["function"]["arguments"])
    assert made["finish_reason"] == "tool_calls"
    assert made["message"]["content"] is None
    assert call["id"].startswith("call_")
    if call["function"]["name"] == "get_weather":
        assert arguments["city"] in ("Oslo", "Lima")
    else:
        assert choice == "required"
        assert arguments.keys() == {"a", "b"}


def test_demanded_call_streamed(backend: TextBackend) -> None:
    """A streamed call comes as one delta with its index, and no content."""
    chunks = streamed(backend, ask(tools=[WEATHER], tool_choice="required", max_tokens=80))
    deltas = [part["delta"] for chunk in chunks for part in chunk["choices"]]
    assert text_of(chunks) == ""
    assert [delta["tool_calls"][0]["index"] for delta in deltas if "tool_calls" in delta] == [0]
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_demanded_call_cut(backend: TextBackend) -> None:
    """A call cut short by max_tokens is not a call, and its pieces are not content."""
    made = backend.chat(ask(tools=[WEATHER], tool_choice="required", max_tokens=3))["choices"][0]
    assert made["finish_reason"] == "length"
    assert made["message"] == {"role": "assistant", "content": ""}


def test_auto_streams_text(backend: TextBackend) -> None:
    """With tools offered, an answer that is no call still comes piece by piece."""
    chunks = streamed(backend, ask(tools=[WEATHER]))
    assert len(chunks) > 8
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"


def test_requests_at_once(backend: TextBackend) -> None:
    """Requests from several threads are each answered as they are alone."""
    questions = [f"Count to {number}." for number in (3, 4, 5)]
    alone = [backend.chat(ask(question))["choices"][0]["message"] for question in questions]
    together: dict[int, Json] = {}

    def work(number: int) -> None:
        together[number] = backend.chat(ask(questions[number]))["choices"][0]["message"]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number] for number in range(3)] == alone


CALL = '{"name": "add", "arguments": {"a": 1, "b": 2}}'


@pytest.mark.parametrize(
    ("written", "count", "rest"),
    [
        (CALL, 1, ""),
        (f"```json\n{CALL}\n```", 1, ""),
        (f"```\n{CALL}\n```\nThat adds them.", 1, "That adds them."),
        (f"<tool_call>\n{CALL}\n</tool_call>", 1, ""),
        (f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL}\n</tool_call>", 2, ""),
        (f"{CALL}\n{CALL}", 2, ""),
        (f"{CALL}\n{CALL[:20]}", 1, ""),
        (f"<tool_call>\n{CALL}\n</tool_call>\n<tool_call>\n{CALL[:9]}", 1, ""),
        (f'{CALL}\n{{"name": "sub", "arguments": {{}}}}', 1, '{"name": "sub", "arguments": {}}'),
        ('{"name": "add", "parameters": {}}', 1, ""),
        ('{"name": "sub", "arguments": {}}', 0, '{"name": "sub", "arguments": {}}'),
        ('{"a": 1}', 0, '{"a": 1}'),
        (CALL[:20], 0, CALL[:20]),
        (f"Sure: {CALL}", 0, f"Sure: {CALL}"),
        ("```python\nprint()\n```", 0, "```python\nprint()\n```"),
        ("", 0, ""),
    ],
)
def test_parse_calls(written: str, count: int, rest: str) -> None:
    """Calls are read from the beginning of a text in each form models write; all else stays text."""
    calls, left = tools.parse_calls(written, ["add"])
    assert (len(calls), left) == (count, rest)


@pytest.mark.parametrize("written", [CALL, f"```json\n{CALL}", f"<tool_call>\n{CALL}", f"\n```\n{CALL}"])
def test_held_back(written: str) -> None:
    """Every beginning of a call is held back."""
    assert all(tools.may_be_call(written[:end]) for end in range(len(written)))


@pytest.mark.parametrize("written", ["Hello", "```python", '{"city"', "{x", "<b>", "`a`", "[1"])
def test_not_held_back(written: str) -> None:
    """What can no longer become a call is not held back."""
    assert not tools.may_be_call(written)


def test_no_tools() -> None:
    """With tool_choice none, the model is shown no tools."""
    assert tools.plan({"tools": [ADD], "tool_choice": "none"}) == tools.ToolPlan()


def test_schema_keeps_references() -> None:
    """References inside a tool's parameters still lead there once they are part of a bigger schema."""
    schema = tools.call_schema(tools.plan({"tools": [ADD, WEATHER], "tool_choice": "required"}))
    assert schema["$defs"]["1"]["properties"]["city"] == {"$ref": "#/$defs/1/$defs/City"}


def test_deep_schema() -> None:
    """A schema nested deeper than can be walked is refused."""
    deep: Json = {"type": "string"}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    tool = {"type": "function", "function": {"name": "deep", "parameters": deep}}
    with pytest.raises(ValueError, match="too deeply"):
        tools.call_schema(tools.plan({"tools": [tool], "tool_choice": "required"}))
