"""Responses of OpenAI-compatible servers that omit fields, or send null or another type."""

import json

import pytest

from polargrid import ServerError
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import CHAT, COMPLETION, DONE, chunk, response, send, stream

TEXT = {"model": "m", "prompt": "The capital of France is"}
MESSAGE = {"role": "assistant", "content": "Hi"}


def without(fields, *names):
    """Return a copy of a response without these fields."""
    return {name: value for name, value in fields.items() if name not in names}


def event(choice=None, **fields):
    """An event of a streamed chat with a choice and fields."""
    data = {"choices": [choice]} if choice is not None else {}
    return f"data: {json.dumps({**data, **fields})}\n\n".encode()


@pytest.mark.parametrize(
    "fields",
    [
        *({name: None} for name in ("id", "object", "created", "model", "usage", "pg_metadata")),
        *({"created": 1.5}, {"id": 7}, {"usage": {}}, {"usage": {"prompt_tokens": 3, "details": None}}),
        {"usage": {"prompt_tokens": None, "completion_tokens": 1.0, "total_tokens": None}},
        {"choices": [{"message": {"content": "Hi"}}]},
        {"choices": [{"index": None, "finish_reason": None, "logprobs": None, "message": {**MESSAGE, "role": None}}]},
        {"choices": [{"message": MESSAGE, "logprobs": {"content": [{"token": None, "logprob": None, "bytes": None}]}}]},
        {"choices": [{"message": {**MESSAGE, "tool_calls": None, "function_call": None, "refusal": None}}]},
    ],
    ids=json.dumps,
)
@fault(
    "response",
    "Metadata is null or another type of number: id, created, model, usage, finish_reason, index, role, logprobs",
    result="the response; the field is `None`, or what the document says it always is",
    line='fake.fault("field", path="usage", value=None)',
)
def test_null(connect_to, fields):
    client = connect_to(send(response({**COMPLETION, **fields})))
    assert client.chat_completion(CHAT).choices[0].message.content == "Hi"


@pytest.mark.parametrize("name", ["id", "object", "created", "model", "usage"])
@fault(
    "response",
    "Metadata is missing: id, object, created, model, usage",
    result="the response; the same",
    line='fake.fault("field", path="id", missing=True)',
)
def test_missing(connect_to, name):
    client = connect_to(send(response(without(COMPLETION, name))))
    completion = client.chat_completion(CHAT)
    assert completion.choices[0].message.content == "Hi"
    assert getattr(completion, name) == ("chat.completion" if name == "object" else None)


@pytest.mark.parametrize("fields", [["id", "created", "model", "usage"], ["usage"]], ids=str)
@fault(
    "response",
    "Metadata is missing, and you call `generate` or `parse`",
    result="the text, or the object",
    line='fake.fault("field", path="usage", missing=True)',
)
def test_helpers(connect_to, fields):
    choice = {"message": {"content": '{"a": 1}'}}
    client = connect_to(send(response({**without(COMPLETION, *fields), "choices": [choice]})))
    assert client.generate({"model": "m", "prompt": "Hi"}).content == '{"a": 1}'
    client = connect_to(send(response({**without(COMPLETION, *fields), "choices": [choice]})))
    assert client.chat.completions.parse(**CHAT, response_format=dict[str, int]).parsed == {"a": 1}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"function": {"name": "f"}}, (None, "function", "")),
        ({"id": None, "type": None, "function": {"name": "f", "arguments": None}}, (None, "function", "")),
        ({"id": 7, "function": {"name": "f", "arguments": {"a": 1}}}, ("7", "function", '{"a": 1}')),
    ],
    ids=["missing", "null", "object"],
)
@fault(
    "response",
    "A tool call has no id or type; its arguments are missing, null or an object",
    result="the call; the arguments are text",
    line='fake.fault("tool-call", problem="object")',
)
def test_tool_call(connect_to, call, expected):
    choice = {"message": {"role": "assistant", "content": None, "tool_calls": [call]}}
    client = connect_to(send(response({**COMPLETION, "choices": [choice]})))
    (item,) = client.chat_completion(CHAT).choices[0].message.tool_calls
    assert (item.id, item.type, item.function.arguments) == expected


@fault(
    "response",
    "The entries of a list of models have an id only",
    result="the list",
    line='fake.fault("field", path="data", value=[{"id": "m"}])',
)
def test_models(connect_to):
    client = connect_to(send(response({"data": [{"id": "m"}, {"id": "n", "created": None}]})))
    assert [model.id for model in client.list_models()] == ["m", "n"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"choices": None}, "choices: Input should be a valid array, not None"),
        ({"choices": []}, "choices: List should have at least 1 item"),
        ({"choices": [{"index": 0}]}, r"choices\.0\.message: Field required"),
        ({"choices": [{"message": {"content": [7]}}]}, r"choices\.0\.message\.content: .*, not list"),
        ({"choices": [{"message": {"tool_calls": [{}]}}]}, r"choices\.0\.message\.tool_calls\.0\.function: Field"),
        ({"usage": "none"}, "usage: Input should be an object, not 'none'"),
        ({"created": "today"}, "created: Input should be a valid integer, .*, not 'today'"),
    ],
    ids=json.dumps,
)
@fault(
    "response",
    "Its content is missing or null, or a field has another type",
    result="`ServerError` with the path of the field, what it should be, and its value",
    line='fake.fault("field", path="choices.0.message", missing=True)',
)
def test_invalid_field(connect_to, expect_error, fields, message):
    with expect_error(ServerError, rf"chat_completion: response does not match ChatCompletionResponse \({message}"):
        connect_to(send(response({**COMPLETION, **fields}))).chat_completion(CHAT)


@pytest.mark.parametrize(
    "first",
    [
        *(event(id="1"), event(choices=None), event(choices=[], usage=None), event({"index": 0, "delta": None})),
        *(event({"index": None}), event({}, created=1.5, id=None, model=None, object=None, usage={})),
        event({"delta": {"role": None, "content": None, "tool_calls": None}, "logprobs": {"content": None}}),
    ],
    ids=str,
)
@fault(
    "stream",
    "Fields of a chunk are missing or null: id, created, model, choices, delta, index, usage",
    result="the chunk; its choices are a list, and its delta is an object",
    line='fake.fault("field", path="choices.0.delta", value=None, event=0)',
)
def test_chunk(connect_to, first):
    last = event({"delta": {"content": "a"}, "finish_reason": "stop"})
    chunks = list(connect_to(stream(first, last)).chat_completion_stream(CHAT))
    texts = [choice.delta.content for item in chunks for choice in item.choices]
    assert (len(chunks), texts[-1], set(texts[:-1])) == (2, "a", set(texts[:-1]) & {None})
    final = connect_to(stream(first, last)).chat.completions.stream(**CHAT).get_final_completion()
    assert (final.object, final.choices[0].index, final.choices[0].message.content) == ("chat.completion", 0, "a")


@fault(
    "stream",
    "A chunk of a completion has no text, index or finish_reason",
    result="the chunk",
    line='fake.fault("field", path="choices.0.index", missing=True)',
)
def test_completion_chunk(connect_to):
    client = connect_to(stream(event({"text": "Pa"}), event({"text": None}), event({}), event({"text": "ris"}), DONE))
    assert client.completions.stream(**TEXT).get_final_completion().choices[0].text == "Paris"


@pytest.mark.parametrize(
    "keep_alive",
    [
        *(b"event: ping\ndata: {}\n\n", b"event: ping\ndata: \n\n", b"event: ping\ndata: now\n\n", b"event: ping\n\n"),
        *(b'event: ping\ndata: {"type": "ping"}\n\n', b"event: heartbeat\ndata: null\n\n", b"event: x\ndata: 1\n\n"),
        *(b"data:\n\n", b"data: \n\n", b"data:   \n\n", b"data\n\n", b"data:\ndata:\n\n", b": ping\n\n", b"\n\n\n"),
    ],
    ids=str,
)
@fault(
    "stream",
    "Events of another name, or without data, keep it alive",
    result="the complete stream without them",
    line='fake.fault("stream-event", data="{}", name="ping")',
)
def test_keep_alive(connect_to, keep_alive):
    client = connect_to(stream(keep_alive, chunk("a"), keep_alive, chunk("b", "stop"), keep_alive, DONE))
    assert [item.choices[0].delta.content for item in client.chat_completion_stream(CHAT)] == ["a", "b"]


@pytest.mark.parametrize(
    "done", [b"data:  [DONE]\n\n", b"data: [DONE] \n\n", b"event: done\ndata: [DONE]\n\n"], ids=str
)
@fault(
    "stream",
    "`[DONE]` has white space around it, or a name",
    result="the end of the stream",
    line='fake.fault("stream-end", problem="spaces")',
)
def test_done(connect_to, done):
    client = connect_to(stream(chunk("a"), done, b"data: junk\n\n"))
    assert [item.choices[0].delta.content for item in client.chat_completion_stream(CHAT)] == ["a"]


@fault(
    "stream",
    "Chunks are events of another name",
    result="the complete stream",
    line='fake.fault("stream-format", name="chunk")',
)
def test_named_chunks(connect_to):
    client = connect_to(stream(b"event: chunk\n" + chunk("a"), b"event: chunk\n" + chunk("b"), DONE))
    assert [item.choices[0].delta.content for item in client.chat_completion_stream(CHAT)] == ["a", "b"]


@fault(
    "stream",
    "A chunk in an event of another name is invalid",
    result="`ServerError`; it is not skipped",
    line=r"""fake.fault("stream-event", data='{"choices": 7}', name="chunk")""",
)
def test_invalid_named_chunk(connect_to, expect_error):
    broken = b"event: chunk\n" + chunk("b").replace(b"]}\n\n", b"]\n\n")
    with expect_error(ServerError, "event does not match", partial="a"):
        list(connect_to(stream(chunk("a"), broken, DONE)).chat_completion_stream(CHAT))


@fault(
    "stream",
    "An event is an error by its `object`, as some servers send it",
    result="its exception",
    line='fake.fault("stream-error", shape="object")',
)
def test_error_object(connect_to, expect_error):
    error = b'data: {"object": "error", "message": "no memory", "code": 500}\n\n'
    with expect_error(ServerError, "no memory", partial="a", code="500"):
        list(connect_to(stream(chunk("a"), error, DONE)).chat_completion_stream(CHAT))


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"delta": "a"}, r"choices\.0\.delta: Input should be an object, not 'a'"),
        ({"delta": {"content": 1.5, "tool_calls": 7}}, r"choices\.0\.delta\.tool_calls: .*, not 7"),
        ({"index": "first"}, r"choices\.0\.index: .*, not 'first'"),
    ],
    ids=json.dumps,
)
@fault(
    "stream",
    "A field of a chunk has another type",
    result="`ServerError` with its path, and what it should be",
    line='fake.fault("field", path="choices.0.delta", value="a", event=1)',
)
def test_invalid_field_of_a_chunk(connect_to, expect_error, choice, message):
    with expect_error(ServerError, rf"event does not match ChatCompletionChunk \({message}", partial="a"):
        list(connect_to(stream(chunk("a"), event(choice), DONE)).chat_completion_stream(CHAT))
