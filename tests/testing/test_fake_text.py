"""Answers of chats and completions: streamed and not, from the same rule."""

import pydantic
import pytest

from polargrid_testing.steps import Piece

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Say hello"}]}


class Person(pydantic.BaseModel):
    name: str
    age: int


def stream(client, **options):
    return list(client.chat.completions.create(**{**CHAT, **options}, stream=True))


def texts(chunks):
    return [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]


def test_one_rule_answers_both(client, fake):
    """The text of a stream is that of the response."""
    fake.chat("Hello, wide  world!\n")
    assert client.chat.completions.create(**CHAT).choices[0].message.content == "Hello, wide  world!\n"
    assert texts(stream(client)) == ["Hello,", " wide", "  world!\n"]


def test_chunks(client, fake):
    """A stream has the chunks of the script, the role in the first and the finish reason in the last."""
    fake.chat(chunks=["Hel", "lo"])
    chunks = stream(client)
    assert texts(chunks) == ["Hel", "lo"]
    assert [chunk.choices[0].delta.role for chunk in chunks] == ["assistant", None, None]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, "stop"]
    assert client.chat.completions.create(**CHAT).choices[0].message.content == "Hello"


def test_empty_text(client, fake):
    """It is a text, and not null."""
    fake.chat("")
    assert client.chat.completions.create(**CHAT).choices[0].message.content == ""
    assert stream(client)[-1].choices[0].finish_reason == "stop"


@pytest.mark.parametrize(
    ("delay", "delays"), [(0.25, [0.0, 0.25, 0.25, 0.0, 0.0]), ([1, 2], [1, 2, 0, 0, 0]), ([3], [3, 0, 0, 0, 0])]
)
def test_delays(fake, delay, delays):
    """A number is the time between chunks, a list the time before each; a response takes as long as a stream."""
    fake.chat(chunks=["a", "b", "c"], delay=delay)
    (rule,) = fake._handler.rules
    request = sample("chat_completion", stream=True)
    answer = rule.answer(request, 1)
    assert all(isinstance(piece, Piece) for piece in answer.body)
    assert [piece.delay for piece in answer.body] == delays
    assert rule.answer(sample("chat_completion"), 2).delay == sum(delays)


def sample(operation, **fields):
    import json
    from dataclasses import replace

    from polargrid_testing.fake.scripting import sample_request

    request = sample_request(operation)
    return replace(request, body=json.dumps({**request.json, **fields}).encode())


def test_usage(client, fake):
    """It is counted from the request and the answer; a stream has it in a last chunk if the request wants it."""
    fake.chat("one two three")
    usage = client.chat.completions.create(**CHAT).usage
    assert usage.completion_tokens == 3
    assert usage.total_tokens == usage.prompt_tokens + 3
    assert stream(client)[-1].usage is None
    last = stream(client, stream_options={"include_usage": True})[-1]
    assert (last.choices, last.usage) == ([], usage)


def test_usage_of_the_script(client, fake):
    """A script has its own usage, finish reason and model."""
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    fake.chat("cut", usage=usage, finish_reason="length", model="other")
    response = client.chat.completions.create(**CHAT)
    assert (response.usage.total_tokens, response.choices[0].finish_reason, response.model) == (3, "length", "other")
    assert stream(client)[-1].choices[0].finish_reason == "length"


def test_several_choices(client, fake):
    """Each of `n` choices has the text."""
    fake.chat("Hi there")
    response = client.chat.completions.create(**CHAT, n=2)
    assert [(choice.index, choice.message.content) for choice in response.choices] == [(0, "Hi there"), (1, "Hi there")]
    chunks = stream(client, n=2)
    for index in (0, 1):
        parts = [chunk.choices[0] for chunk in chunks if chunk.choices[0].index == index]
        assert "".join(part.delta.content or "" for part in parts) == "Hi there"


def test_log_probabilities(client, fake):
    """A request that wants them gets them."""
    fake.chat("Hi there")
    choice = client.chat.completions.create(**CHAT, logprobs=True, top_logprobs=1).choices[0]
    assert [token.token for token in choice.logprobs.content] == ["Hi", " there"]


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    "call",
    [
        {"name": "f", "arguments": {"city": "Montréal"}},
        {"id": "call_x", "type": "function", "function": {"name": "f", "arguments": '{"city": "Montréal"}'}},
    ],
)
def test_tool_calls(client, fake, call):
    """A message has the calls; a stream has them in parts, with ids and indices."""
    fake.chat(tool_calls=[call, {"name": "g"}])
    choice = client.chat.completions.create(**CHAT, tools=[TOOL]).choices[0]
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    own = call.get("id", "call_1_1")
    expected = [(own, "f", '{"city": "Montréal"}'), ("call_1_2", "g", "{}")]
    calls = choice.message.tool_calls
    assert [(item.id, item.function.name, item.function.arguments) for item in calls] == expected
    chunks = stream(client, tools=[TOOL])
    parts = [part for chunk in chunks for part in chunk.choices[0].delta.tool_calls or ()]
    assert [part.id for part in parts if part.id] == [call.get("id", "call_2_1"), "call_2_2"]
    assert "".join(part.function.arguments for part in parts if part.index == 0) == '{"city": "Montréal"}'
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def test_tool_runner(client, fake):
    """A conversation with tools is a list of answers."""

    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    fake.chat([{"tool_calls": [{"name": "add", "arguments": {"a": 1, "b": 2}}]}, "It is 3."])
    result = client.chat.completions.run_tools(**CHAT, tools=[add])
    assert result.text == "It is 3."
    assert fake.requests[-1].json["messages"][-1]["content"] == "3"


@pytest.mark.parametrize("parsed", [Person(name="Ada", age=36), {"name": "Ada", "age": 36}])
def test_parsed_object(client, fake, parsed):
    """It is the JSON of the text."""
    fake.chat(parsed=parsed)
    response = client.chat.completions.parse(**CHAT, response_format=Person)
    assert response.parsed == Person(name="Ada", age=36)


def test_whole_response(client, fake):
    """A response with choices is sent as it is, also as a stream."""
    body = {
        "id": "chatcmpl-x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "As is"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    fake.chat(body)
    assert client.chat.completions.create(**CHAT).model_dump(exclude_unset=True) == body
    chunks = stream(client)
    assert (texts(chunks), {chunk.id for chunk in chunks}) == (["As", " is"], {"chatcmpl-x"})


def test_example_of_required_tool(client, fake):
    """The example of a request that requires a call, or JSON, is one."""
    fake.use_examples()
    function = {"name": "f", "parameters": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}}
    function["parameters"] |= {"required": ["n"], "$defs": {"n": {"type": "integer", "minimum": 3}}}
    tools = [{"type": "function", "function": function}]
    choice = client.chat.completions.create(**CHAT, tools=tools, tool_choice="required").choices[0]
    assert choice.message.tool_calls[0].function.arguments == '{"n": 3}'
    assert client.chat.completions.parse(**CHAT, response_format=Person).parsed == Person(name="text", age=1)


def test_completion(client, fake):
    """Each prompt has the text; a stream has the chunks of the script, after the prompt that is echoed."""
    fake.completion(chunks=[" Pa", "ris."])
    response = client.completions.create(model="m", prompt=["A", "B"], n=2, logprobs=1)
    assert [choice.text for choice in response.choices] == [" Paris."] * 4
    chunks = list(client.completions.create(model="m", prompt="A", echo=True, stream=True))
    assert [chunk.choices[0].text for chunk in chunks] == ["A", " Pa", "ris."]
    chunks = list(client.stream_completion({"model": "m", "prompt": "A", "stream_options": {"include_usage": True}}))
    assert [chunk.choices[0].text for chunk in chunks if chunk.choices] == [" Pa", "ris."]
    assert chunks[-1].usage.completion_tokens == 2


def test_embeddings(client, fake):
    """Equal texts have equal vectors of length 1; a script has its own for all inputs, or for each."""
    fake.embedding()
    first, second, third = client.embeddings.create(model="m", input=["a", "b", "a"], dimensions=5).data
    assert first.embedding == third.embedding != second.embedding
    assert sum(number**2 for number in first.embedding) == pytest.approx(1, abs=1e-4)
    fake.embedding([0.5, -0.5])
    assert client.embeddings.create(model="m", input="a").data[0].embedding == [0.5, -0.5]
    fake.embedding([[1.0], [2.0]])
    assert [item.embedding for item in client.embeddings.create(model="m", input=["a", "b"]).data] == [[1.0], [2.0]]
    with pytest.raises(Exception, match="2 vectors are scripted for 1 inputs"):
        client.embeddings.create(model="m", input="a")
