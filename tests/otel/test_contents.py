"""Contents are recorded when they are asked for, as messages of the conventions."""

from __future__ import annotations

import json

import httpx
import pytest

from polargrid.errors import APIResponseValidationError
from tests.otel.conftest import ASK, CHAT, respond, stream_events
from tests.overlay.conftest import KEY

VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
INPUT = [{"role": "user", "parts": [{"type": "text", "content": "a question"}]}]
OUTPUT = [{"role": "assistant", "parts": [{"type": "text", "content": "an answer"}], "finish_reason": "stop"}]


def read_contents(span) -> dict:
    """The contents of a span by the last part of the attribute."""
    names = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.definitions")
    return {name.split(".")[1]: json.loads(span.attributes[name]) for name in names if name in span.attributes}


def test_contents_are_not_recorded_by_default(recorded, connect):
    """Neither in spans nor in metrics nor in events."""
    connect(respond()).chat_completion(ASK)
    list(connect(stream_events("an ", "answer")).chat_completion_stream(ASK))
    assert "question" not in recorded.text
    assert "answer" not in recorded.text
    assert recorded.logs == []


@pytest.mark.parametrize("is_streamed", [False, True])
@pytest.mark.parametrize(
    "choices", [3, [1], [{"message": 3}], [{"message": {"tool_calls": 3}}], [{"message": {"tool_calls": [{"id": []}]}}]]
)
def test_a_response_of_any_shape_is_recorded(providers, connect, caplog, choices, is_streamed):
    """Which nothing has parsed: what it has of the documented ones."""
    providers.instrument(capture_content=True)
    client = connect(respond({**CHAT, "choices": choices}))
    if is_streamed:
        with client.chat.completions.with_streaming_response.create(**ASK) as response:
            response.read()
    else:
        client.post("/chat/completions", cast_to=dict, body=ASK)
    assert providers.span.attributes["gen_ai.usage.output_tokens"] == 5
    assert read_contents(providers.span)["input"] == INPUT
    assert caplog.messages == []


def test_contents_are_recorded_when_asked_for(providers, connect):
    """Of a response, and of a stream as far as it was read; the key is not."""
    providers.instrument(capture_content=True)
    client = connect(respond())
    client.chat_completion(ASK)
    client.chat_completion({**ASK, "messages": [{"role": "user", "content": f"key {KEY}"}]})
    list(connect(stream_events("an ", "answer")).chat_completion_stream(ASK))
    stream = connect(stream_events("an ", "answer")).chat_completion_stream(ASK)
    next(stream)
    stream.close()
    spans = providers.spans
    assert read_contents(spans[0]) == read_contents(spans[2]) == {"input": INPUT, "output": OUTPUT}
    part = [{"role": "assistant", "parts": [{"type": "text", "content": "an "}], "finish_reason": "error"}]
    assert read_contents(spans[3]) == {"input": INPUT, "output": part}
    assert KEY not in providers.text


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("", ()),
        ("no_content", ()),
        ("false", ()),
        ("SPAN_ONLY", ("span",)),
        ("true", ("span",)),
        ("EVENT_ONLY", ("event",)),
        ("SPAN_AND_EVENT", ("span", "event")),
    ],
)
def test_the_environment_says_where_contents_are_recorded(providers, connect, monkeypatch, value, places):
    """By the values of the conventions; an event has them as structures."""
    monkeypatch.setenv(VARIABLE, value)
    providers.instrument()
    connect(respond()).chat_completion(ASK)
    assert (read_contents(providers.span) != {}) == ("span" in places)
    assert len(providers.logs) == ("event" in places)
    for log in providers.logs:
        assert log.event_name == "gen_ai.client.inference.operation.details"
        assert log.span_id == providers.span.context.span_id
        assert log.attributes["gen_ai.request.model"] == "llama-3.1-8b"
        assert log.attributes["gen_ai.response.id"] == "chatcmpl-1"
        assert log.attributes["gen_ai.output.messages"][0]["parts"][0]["content"] == "an answer"


def test_an_error_has_no_contents_if_only_events_have_them(providers, connect, monkeypatch):
    """Its message quotes the response."""
    monkeypatch.setenv(VARIABLE, "EVENT_ONLY")
    providers.instrument()
    with pytest.raises(APIResponseValidationError, match="private"):
        connect(respond({"choices": "private"})).chat_completion(ASK)
    assert "private" not in providers.span.to_json()


def test_an_argument_takes_precedence_over_the_environment(providers, connect, monkeypatch):
    """Also if it says that nothing is recorded."""
    monkeypatch.setenv(VARIABLE, "SPAN_ONLY")
    providers.instrument(capture_content=False)
    connect(respond()).chat_completion(ASK)
    assert read_contents(providers.span) == {}


def test_an_unknown_value_is_named(providers, connect, monkeypatch, caplog):
    """And nothing is recorded."""
    monkeypatch.setenv(VARIABLE, "yes")
    providers.instrument()
    connect(respond()).chat_completion(ASK)
    assert read_contents(providers.span) == {}
    assert caplog.messages == [
        f"{VARIABLE}: unknown value 'yes'; expected one of: NO_CONTENT, SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT, TRUE, "
        "FALSE. No contents are recorded."
    ]


def test_all_parts_of_a_conversation_are_messages(providers, connect):
    """Images, audio, tools, their calls and results, refusals."""
    providers.instrument(capture_content=True)
    call = {"id": "call-1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    link = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    messages = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "what"}, image, link], "name": "Ada"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call-1", "content": "3"},
    ]
    function = {"name": "add", "parameters": {"type": "object"}}
    choice = {"index": 0, "message": {"role": "assistant", "content": None, "tool_calls": [call]}}
    response = {**CHAT, "choices": [{**choice, "finish_reason": "tool_calls"}]}
    tools = [{"type": "function", "function": function}]
    connect(respond(response)).chat_completion({**ASK, "messages": messages, "tools": tools})
    called = {"type": "tool_call", "id": "call-1", "name": "add", "arguments": {"a": 1}}
    images = [
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
        {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
    ]
    assert read_contents(providers.span) == {
        "input": [
            {"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
            {"role": "user", "parts": [{"type": "text", "content": "what"}, *images], "name": "Ada"},
            {"role": "assistant", "parts": [called]},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call-1", "response": "3"}]},
        ],
        "output": [{"role": "assistant", "parts": [called], "finish_reason": "tool_calls"}],
        "tool": [{"type": "function", **function}],
    }


def test_contents_of_audio_are_its_texts(providers, connect):
    """What is spoken, and what was said; not the audio."""
    providers.instrument(capture_content=True)
    audio = httpx.Response(200, content=b"RIFF", headers={"content-type": "audio/mpeg"})
    connect(audio).text_to_speech({"model": "kokoro-82m", "input": "Hello", "voice": "af_heart"})
    connect(respond({"text": "Hello"})).transcribe(b"RIFF", {"model": "whisper-large-v3-turbo"})
    speech, transcript = providers.spans
    assert read_contents(speech) == {"input": [{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}]}
    assert speech.attributes["gen_ai.output.type"] == "speech"
    said = [{"role": "assistant", "parts": [{"type": "text", "content": "Hello"}], "finish_reason": "stop"}]
    assert read_contents(transcript) == {"output": said}
