"""A streamed text with what it comes to: the answer as if it had not been streamed, and the events on the way."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polargrid import PolarGridError, ServerError, StreamInterruptedError
from polargrid.types import ChatCompletionChunk, ChatCompletionResponse, CompletionChunk, CompletionResponse
from polargrid_runtime.text_events import ChunkEvent, TextAccumulator

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def chunk(*choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chunk of a chat."""
    return {**HEAD, "choices": list(choices), **more}


def piece(index: int = 0, finish_reason: str | None = None, logprobs: Any = None, **delta: Any) -> dict[str, Any]:
    """What a chunk adds to one answer."""
    return {"index": index, "delta": delta, "finish_reason": finish_reason, "logprobs": logprobs}


def call(index: int = 0, arguments: str | None = None, name: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of a tool call."""
    function = {key: value for key, value in {"name": name, "arguments": arguments}.items() if value is not None}
    return {"index": index, "function": function, **more}


def assembled(*chunks: dict[str, Any]) -> ChatCompletionResponse:
    """What chunks of a chat come to."""
    assembly: TextAccumulator[ChatCompletionChunk, ChatCompletionResponse] = TextAccumulator(ChatCompletionResponse)
    for each in chunks:
        list(assembly.add(ChatCompletionChunk.model_validate(each)))
    return assembly.build_response()


def message(*chunks: dict[str, Any]) -> dict[str, Any]:
    """The message of the first answer, without what nobody said."""
    return assembled(*chunks).choices[0].message.model_dump(exclude_none=True)


def events(*chunks: dict[str, Any], done: bytes = b"data: [DONE]\n\n") -> bytes:
    """The chunks as an event stream."""
    return b"".join(f"data: {json.dumps(each)}\n\n".encode() for each in chunks) + done


def stream(*chunks: dict[str, Any], done: bytes = b"data: [DONE]\n\n") -> httpx.Response:
    headers = {"content-type": "text/event-stream", "x-request-id": "req_1"}
    return httpx.Response(200, headers=headers, content=events(*chunks, done=done))


HELLO = [
    chunk(piece(role="assistant", content="")),
    chunk(piece(content="Hel")),
    chunk(piece(content="lo")),
    chunk(piece(finish_reason="stop")),
    chunk(usage=USAGE),
]


# What chunks come to


def test_text():
    """Pieces of text become one; who speaks, why it ended and the usage are as they were told."""
    answer = assembled(*HELLO)
    assert answer == ChatCompletionResponse.model_validate(
        {
            **HEAD,
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": "Hello"},
                    "finish_reason": "stop",
                    "logprobs": None,
                }
            ],
            "usage": USAGE,
        }
    )


def test_several_answers():
    """Pieces of several answers may come in any order; each answer has its own, in the order of their indexes."""
    answer = assembled(
        chunk(piece(1, content="b")),
        chunk(piece(0, content="a"), piece(1, content="B")),
        chunk(piece(1, "length"), piece(0, "stop", content="A")),
    )
    assert [(each.index, each.message.content, each.finish_reason) for each in answer.choices] == [
        (0, "aA", "stop"),
        (1, "bB", "length"),
    ]


def test_no_role():
    """Some servers never say who speaks: it is the assistant, and its text is a message all the same."""
    assert message(chunk(piece(content="a")), chunk(piece(finish_reason="stop"))) == {
        "role": "assistant",
        "content": "a",
    }


def test_an_answer_without_text():
    """It is an empty text, as where it was not streamed."""
    assert message(chunk(piece()), chunk(piece(finish_reason="stop"))) == {"role": "assistant", "content": ""}


def test_repeated_role_and_id():
    """What is said again with each chunk is not said twice in the end."""
    both = [{"role": "assistant", "content": text, "name": "x"} for text in "ab"]
    assert message(*[chunk(piece(**each)) for each in both]) == {"role": "assistant", "content": "ab", "name": "x"}
    assert assembled(chunk(piece(content="a")), chunk(piece(content="b"))).id == "chatcmpl-1"


def test_a_call_in_pieces():
    """Arguments come letter by letter; id, type and name with the first piece, with every piece, or empty later."""
    whole = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    first = call(0, "", "add", id="call_1", type="function")
    rest = ['{"a"', ": 1", "}"]
    once = [first, *[call(0, part) for part in rest]]
    always = [first, *[call(0, part, "add", id="call_1", type="function") for part in rest]]
    emptied = [first, *[call(0, part, "", id="", type=None) for part in rest]]
    for pieces in (once, always, emptied):
        assert message(*[chunk(piece(tool_calls=[each])) for each in pieces])["tool_calls"] == [whole]


def test_calls_side_by_side():
    """Pieces of several calls go to theirs by the index, and the calls stand in its order."""
    said = message(
        chunk(piece(tool_calls=[call(1, '{"b', "two", id="b", type="function")])),
        chunk(piece(tool_calls=[call(0, "{", "one", id="a", type="function"), call(1, '": 2}')])),
        chunk(piece(0, "tool_calls", tool_calls=[call(0, "}")])),
    )
    calls = [(each["id"], each["function"]["arguments"]) for each in said["tool_calls"]]
    assert calls == [("a", "{}"), ("b", '{"b": 2}')]
    assert "index" not in said["tool_calls"][0]
    assert "content" not in said  # null, as where it was not streamed


def test_a_call_without_arguments():
    """A function that takes nothing may be called without a word: that is an empty text, not null."""
    said = message(chunk(piece(tool_calls=[{"index": 0, "id": "a", "function": {"name": "now", "arguments": None}}])))
    assert said["tool_calls"] == [{"id": "a", "type": "function", "function": {"name": "now", "arguments": ""}}]


def test_text_and_call():
    """An answer may say something and call."""
    said = message(chunk(piece(content="Wait.")), chunk(piece(tool_calls=[call(0, "{}", "now", id="a")])))
    assert (said["content"], len(said["tool_calls"])) == ("Wait.", 1)


def test_fields_that_this_version_does_not_know():
    """They are kept: thoughts and refusals come in pieces, lists grow, of anything else the last word counts."""
    said = message(
        chunk(piece(reasoning_content="Let me ", notes=[1], mood={"joy": 1, "words": ["a"]}, rank=1)),
        chunk(piece(reasoning_content="think.", notes=[2], mood={"joy": 2, "words": ["b"]}, rank=2, refusal="N")),
        chunk(piece(refusal="o.")),
    )
    assert said["reasoning_content"] == "Let me think."
    assert (said["notes"], said["mood"], said["rank"]) == ([1, 2], {"joy": 2, "words": ["a", "b"]}, 2)
    assert said["refusal"] == "No."
    answer = assembled(chunk(piece(content="a"), system_fingerprint="fp"), chunk(usage=USAGE))
    assert answer.model_extra == {"system_fingerprint": "fp"}


def test_logprobs():
    """Those of each token stand one after the other."""
    tokens = [{"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": []} for text in "abc"]
    answer = assembled(
        chunk(piece(content="ab", logprobs={"content": tokens[:2]})),
        chunk(piece(content="c", logprobs={"content": tokens[2:]})),
        chunk(piece(finish_reason="stop")),
    )
    assert [each.token for each in answer.choices[0].logprobs.content] == ["a", "b", "c"]
    assert type(answer.choices[0].logprobs.content[0]).__name__ == "TokenLogprob"


@pytest.mark.parametrize("null", [{}, {"usage": None}])
def test_usage(null):
    """It comes last, with no choices; before, it is null or not there."""
    assert assembled(*[{**each, **null} for each in HELLO[:-1]], HELLO[-1]).usage.total_tokens == 5


def test_usage_that_grows():
    """Some servers tell it with each chunk: the last word counts, whole."""
    growing = [chunk(piece(content="a"), usage={**USAGE, "completion_tokens": count}) for count in (1, 2)]
    assert assembled(*growing).usage.completion_tokens == 2


def test_no_usage():
    """Where the edge counts nothing, there is None and no made-up zeros; the answer can be dumped and compared."""
    answer = assembled(*HELLO[:-1])
    assert answer.usage is None
    assert json.loads(answer.model_dump_json())["usage"] is None
    assert answer == copy.deepcopy(answer)


def test_no_finish_reason():
    """An edge that ends with [DONE] alone told no reason: the text is there, and the reason is None."""
    (choice,) = assembled(*HELLO[:3]).choices
    assert (choice.message.content, choice.finish_reason) == ("Hello", None)


def test_a_chunk_stays_as_it_is():
    """Putting it in changes nothing of it."""
    first = ChatCompletionChunk.model_validate(chunk(piece(content="a", notes=[1], mood={"words": ["a"]})))
    before = copy.deepcopy(first)
    assembly = TextAccumulator(ChatCompletionResponse)
    list(assembly.add(first))
    list(assembly.add(ChatCompletionChunk.model_validate(chunk(piece(notes=[2], mood={"words": ["b"]})))))
    assembly.build_response()
    assert first == before


def test_a_completion():
    """The continuations of texts are put together as well, with their log probabilities."""
    head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    pieces = [
        {"index": 0, "text": "Pa", "finish_reason": None, "logprobs": {"tokens": ["Pa"], "token_logprobs": [-1.0]}},
        {"index": 1, "text": "", "finish_reason": "length", "logprobs": None},
        {"index": 0, "text": "ris", "finish_reason": "stop", "logprobs": {"tokens": ["ris"], "token_logprobs": [-2.0]}},
    ]
    assembly: TextAccumulator[CompletionChunk, CompletionResponse] = TextAccumulator(CompletionResponse)
    for each in pieces:
        list(assembly.add(CompletionChunk.model_validate({**head, "choices": [each]})))
    list(assembly.add(CompletionChunk.model_validate({**head, "choices": [], "usage": USAGE})))
    answer = assembly.build_response()
    assert [(each.text, each.finish_reason) for each in answer.choices] == [("Paris", "stop"), ("", "length")]
    assert answer.choices[0].logprobs == {"tokens": ["Pa", "ris"], "token_logprobs": [-1.0, -2.0]}
    assert (answer.object, answer.usage.total_tokens) == ("text_completion", 5)


TEXT = st.text(max_size=12)
CALLS = st.lists(st.tuples(TEXT.filter(bool), st.dictionaries(TEXT, TEXT, max_size=2)), max_size=2)


@st.composite
def split(draw: st.DrawFn, text: str) -> list[str]:
    """A text in pieces, some of them empty."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[tuple[str, list[tuple[str, str]], str]]]:
    """Chunks of several answers, the pieces of each in their order and those of all mixed; and what they come to."""
    queues, expected = [], []
    for index, (text, calls) in enumerate(draw(st.lists(st.tuples(TEXT, CALLS), min_size=1, max_size=3))):
        written = [(name, json.dumps(arguments)) for name, arguments in calls]
        queues.append([piece(index, content=part) for part in draw(split(text))])
        for number, (name, arguments) in enumerate(written):
            first = [piece(index, tool_calls=[call(number, "", name, id=f"c{number}", type="function")])]
            rest = [piece(index, tool_calls=[call(number, part)]) for part in draw(split(arguments))]
            queues.append(first + rest)
        expected.append((text, written, draw(st.sampled_from(["stop", "length"]))))
    order = draw(st.permutations([number for number, queue in enumerate(queues) for _ in queue]))
    mixed = [queues[number].pop(0) for number in order]
    ends = [piece(index, reason) for index, (_, _, reason) in enumerate(expected)]
    chunks, rest = [], [*mixed, *ends]
    while rest:
        count = draw(st.integers(1, 3))
        chunks, rest = [*chunks, chunk(*rest[:count])], rest[count:]
    return chunks, expected


@given(streams())
def test_any_split_comes_to_the_answer(made):
    """However an answer is cut into chunks, and however the pieces of several are mixed, it is that answer."""
    chunks, expected = made
    answer = assembled(*chunks)
    assert [
        (
            each.message.content or "",
            [(made.function.name, made.function.arguments) for made in each.message.tool_calls or ()],
            each.finish_reason,
        )
        for each in answer.choices
    ] == expected


@given(streams())
def test_events_come_to_the_answer(made):
    """The pieces that events tell are the answer's, and each snapshot is what the pieces before it come to."""
    chunks, expected = made
    assembly, texts = TextAccumulator(ChatCompletionResponse), {}
    told = [event for each in chunks for event in assembly.add(ChatCompletionChunk.model_validate(each))]
    for event in told:
        if event.type == "content.delta":
            texts[event.index] = texts.get(event.index, "") + event.delta
            assert event.snapshot == texts[event.index]
    assert texts == {index: text for index, (text, _, _) in enumerate(expected) if text}
    done = list(assembly.finish())
    assert {event.index: event.content for event in done if event.type == "content.done"} == texts
    calls = [event.arguments for event in done if event.type == "tool_calls.function.arguments.done"]
    assert calls == [arguments for _, written, _ in expected for _, arguments in written]


# Events


def test_the_order_of_events(connect):
    """A chunk comes before what it brought; what is complete comes last, texts before calls."""
    client = connect(
        stream(
            chunk(piece(role="assistant", content="Hel")),
            chunk(piece(content="lo"), piece(1, tool_calls=[call(0, "{", "now", id="a", type="function")])),
            chunk(piece(1, "tool_calls", tool_calls=[call(0, "}")])),
        )
    )
    told = list(client.chat.completions.stream(**CHAT))
    assert [event.type for event in told] == [
        "chunk",
        "content.delta",
        "chunk",
        "content.delta",
        "tool_calls.function.arguments.delta",
        "chunk",
        "tool_calls.function.arguments.delta",
        "content.done",
        "tool_calls.function.arguments.done",
    ]
    assert isinstance(told[0], ChunkEvent)
    assert told[0].chunk.meta.request_id == "req_1"
    assert [told[1].snapshot, told[3].snapshot, told[7].content] == ["Hel", "Hello", "Hello"]
    assert (told[6].name, told[6].arguments_delta, told[6].arguments) == ("now", "}", "{}")
    assert (told[8].name, told[8].arguments, told[8].index) == ("now", "{}", 0)


def test_an_event_prints_what_it_brought():
    """Not the text so far: a log of events would grow with the square of the answer."""
    assembly = TextAccumulator(ChatCompletionResponse)
    told = [event for each in HELLO for event in assembly.add(ChatCompletionChunk.model_validate(each))]
    assert repr([event for event in told if event.type == "content.delta"][1]) == (
        "ContentDelta(delta='lo', index=0, type='content.delta')"
    )


def test_events_and_iteration_are_one(connect):
    """What one has read the other does not read again."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    first = next(iter(reading))
    rest = list(reading.events)
    assert [first.type, *[event.type for event in rest]].count("chunk") == len(HELLO)


# The answer of a stream


def test_final(connect):
    """After the last event it is the whole answer, and says how its call went."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    assert reading.meta.request_id is None
    assert "".join(reading.text_stream) == "Hello"
    answer = reading.final
    assert isinstance(answer, ChatCompletionResponse)
    assert (answer.choices[0].message.content, answer.usage.total_tokens) == ("Hello", 5)
    assert answer.meta.request_id == reading.meta.request_id == "req_1"


def test_final_of_a_completion(connect):
    """A continued text has one as well; its text comes in pieces."""
    data = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    texts = [{**data, "choices": [{"index": 0, "text": text, "finish_reason": None}]} for text in ("Pa", "ris")]
    reading = connect(stream(*texts)).completions.stream(model="m", prompt="The capital")
    assert list(reading.text_stream) == ["Pa", "ris"]
    assert isinstance(reading.final, CompletionResponse)
    assert reading.final.choices[0].text == "Paris"


def test_final_before_the_end(connect):
    """Without async the rest is read first; with it, the error says what to await."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    next(iter(reading))
    if connect.name == "async":
        with pytest.raises(RuntimeError, match=r"await get_final_completion\(\)"):
            _ = reading.final
    else:
        assert reading.final.choices[0].message.content == "Hello"


def test_get_final_completion(connect):
    """It reads what is left, on both clients."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    next(iter(reading))
    assert reading.get_final_completion().choices[0].message.content == "Hello"
    assert reading.get_final_completion().usage.total_tokens == 5


def test_until_done(connect):
    """It reads what is left and gives the stream."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    assert reading.until_done().final.choices[0].message.content == "Hello"


def test_text_stream_that_is_left(connect):
    """The text may be left early: the rest is still there, and so is the whole answer."""
    reading = connect(stream(*HELLO)).chat.completions.stream(**CHAT)
    assert next(iter(reading.text_stream)) == "Hel"
    assert list(reading.text_stream) == ["lo"]
    assert reading.get_final_completion().choices[0].message.content == "Hello"


def test_text_of_the_first_answer(connect):
    """`text_stream` does not mix answers."""
    mixed = [chunk(piece(0, content="a"), piece(1, content="b")), chunk(piece(0, "stop"), piece(1, "stop"))]
    assert list(connect(stream(*mixed)).chat.completions.stream(**CHAT, n=2).text_stream) == ["a"]


# What goes wrong


def test_leaving_early_closes_the_connection(connect, serve):
    """The edge sees it, and stops; afterwards there is no whole answer."""
    left = []

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(events(*HELLO[:2], done=b""))
        left.append(connection.left())

    edge = serve(script)
    with connect(base_url=edge.url).chat.completions.stream(**CHAT) as reading:
        assert next(iter(reading.text_stream)) == "Hel"
    edge.join()
    assert left == [True]
    with pytest.raises(RuntimeError, match="closed before its end"):
        reading.get_final_completion()


def test_an_interrupted_stream(connect, serve):
    """It is told with the text so far: to who reads it, and to who asks for the whole answer, then or later."""

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(events(*HELLO[:3], done=b""))

    client = connect(base_url=serve(script).url)
    reading = client.chat.completions.stream(**CHAT)
    with pytest.raises(StreamInterruptedError) as told:
        list(reading)
    assert told.value.partial == "Hello"
    for ask in (lambda: reading.final, reading.get_final_completion):
        with pytest.raises(StreamInterruptedError) as again:
            ask()
        assert again.value.partial == "Hello"
    with pytest.raises(StreamInterruptedError):
        client.chat.completions.stream(**CHAT).get_final_completion()


def test_an_error_in_the_stream(connect):
    """So is an error that the edge reports, by its kind."""
    failed = b'event: error\ndata: {"error": {"message": "out of memory", "type": "server_error"}}\n\n'
    reading = connect(stream(*HELLO[:2], done=failed)).chat.completions.stream(**CHAT)
    with pytest.raises(ServerError, match="out of memory") as told:
        reading.until_done()
    assert told.value.partial == "Hel"
    with pytest.raises(ServerError, match="out of memory"):
        _ = reading.final


def test_a_refused_stream(connect):
    """An answer that is an error is raised with the first event."""
    refused = httpx.Response(404, json={"error": {"message": "no such model", "code": "model_not_found"}})
    with (
        connect(refused).chat.completions.stream(**CHAT) as reading,
        pytest.raises(PolarGridError, match="no such model"),
    ):
        next(iter(reading))


def test_a_stream_is_tried_again_before_its_first_chunk(connect):
    """As every call is."""
    busy = httpx.Response(503, headers={"retry-after-ms": "0"})
    reading = connect(busy, stream(*HELLO), max_retries=1).chat.completions.stream(**CHAT)
    assert reading.get_final_completion().meta.attempts == 2
