"""openai-python, the newest version and the newest 2.x. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import json
import time
from io import BytesIO

import openai
from openai import AsyncOpenAI, OpenAI, pydantic_function_tool
from pydantic import BaseModel, Field

CLIENTS = {"openai": ("openai>=3",), "openai-2": ("openai>=2,<3",)}
KIND = "clients"

MODEL = "llama-3.1-8b"
EMBEDDING_MODEL = "text-embedding-3-small"
QUESTION = [{"role": "user", "content": "Name three towns in Quebec."}]


class Town(BaseModel):
    name: str = Field(max_length=30)
    inhabitants: int


class GetWeather(BaseModel):
    """The weather of a town."""

    town: str = Field(max_length=30)


client = OpenAI()


def chat():
    optional = {"metadata": {"page": "7"}, "service_tier": "auto", "extra_body": {"x_trace": "4bf92f"}}
    response = client.chat.completions.create(model=MODEL, messages=QUESTION, max_tokens=20, temperature=0, **optional)
    assert (response.object, response.model) == ("chat.completion", MODEL)
    assert abs(response.created - time.time()) < 86_400
    assert response.choices[0].message.content
    assert response.choices[0].finish_reason in ("stop", "length")
    assert response.usage.total_tokens - response.usage.prompt_tokens == response.usage.completion_tokens <= 20
    assert response._request_id


def stream():
    request = {"model": MODEL, "messages": QUESTION, "max_tokens": 20, "temperature": 0}
    events = client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True})
    *chunks, last = events
    assert {(chunk.model, chunk.id) for chunk in chunks} == {(MODEL, last.id)}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert not any(chunk.choices[0].finish_reason for chunk in chunks[:-1])
    assert chunks[-1].choices[0].finish_reason in ("stop", "length")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert not last.choices
    assert last.usage.completion_tokens <= 20


async def async_chat():
    request = {"model": MODEL, "messages": QUESTION, "max_completion_tokens": 5, "temperature": 0}
    async with AsyncOpenAI() as edge:
        response = await edge.chat.completions.create(**request)
    assert response.choices[0].message.content
    assert response.usage.completion_tokens <= 5


async def async_stream():
    request = {"model": MODEL, "messages": QUESTION, "max_tokens": 20, "temperature": 0}
    async with AsyncOpenAI() as edge:
        chunks = await edge.chat.completions.create(**request, stream=True)
        choices = [chunk.choices[0] async for chunk in chunks]
    assert "".join(choice.delta.content or "" for choice in choices)
    assert choices[-1].finish_reason in ("stop", "length")


def structured_output():
    response = client.chat.completions.parse(model=MODEL, messages=QUESTION, response_format=Town, max_tokens=80)
    assert isinstance(response.choices[0].message.parsed, Town)
    assert response.choices[0].finish_reason == "stop"


def streamed_structured_output():
    with client.chat.completions.stream(model=MODEL, messages=QUESTION, response_format=Town, max_tokens=80) as events:
        kinds = [event.type for event in events]
        response = events.get_final_completion()
    assert "content.delta" in kinds
    assert kinds[-1] == "content.done"
    assert isinstance(response.choices[0].message.parsed, Town)


def json_object():
    response = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Describe Quebec in JSON."}],
        response_format={"type": "json_object"},
        max_tokens=80,
    )
    (choice,) = response.choices
    assert choice.message.content.lstrip().startswith("{")
    assert choice.finish_reason == "length" or isinstance(json.loads(choice.message.content), dict)


def tools():
    messages = [{"role": "user", "content": "What is the weather in Gaspé?"}]
    tool = pydantic_function_tool(GetWeather, name="get_weather")
    first = client.chat.completions.parse(model=MODEL, messages=messages, tools=[tool], tool_choice="required")
    assert first.choices[0].finish_reason == "tool_calls"
    (call,) = first.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert isinstance(call.function.parsed_arguments, GetWeather)
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"celsius": -4, "sky": "snow"})}
    messages += [first.choices[0].message.model_dump(include={"role", "content", "tool_calls"}), result]
    response = client.chat.completions.create(
        model=MODEL, messages=messages, tools=[tool], tool_choice="none", temperature=0
    )
    assert response.choices[0].message.content
    assert not response.choices[0].message.tool_calls


def streamed_tools():
    messages = [{"role": "user", "content": "What is the weather in Gaspé?"}]
    tool = pydantic_function_tool(GetWeather, name="get_weather")
    tool_choice = {"type": "function", "function": {"name": "get_weather"}}
    request = {"model": MODEL, "messages": messages, "tools": [tool], "tool_choice": tool_choice}
    with client.chat.completions.stream(**request) as events:
        response = events.get_final_completion()
    (call,) = response.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, GetWeather)
    assert response.choices[0].finish_reason == "tool_calls"


def picture():
    url = "data:image/png;base64,iVBORw0KGgo="
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    try:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])
    except openai.BadRequestError as error:
        assert "image" in error.message
        return "The API has images; the local edge's model does not support them (400)."


def choices_with_logprobs():
    response = client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=4, n=2, seed=1, logprobs=True, top_logprobs=2
    )
    assert [choice.index for choice in response.choices] == [0, 1]
    tokens = [token for choice in response.choices for token in choice.logprobs.content]
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)


def completion():
    response = client.completions.create(model=MODEL, prompt="One, two, three,", max_tokens=8, temperature=0)
    assert response.choices[0].text
    assert response.usage.completion_tokens <= 8


def speech():
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello from the edge.", response_format="wav"
    ) as response:
        audio = b"".join(response.iter_bytes())
    assert audio.startswith(b"RIFF")


def transcription():
    recording = _recording("Hello from the edge.")
    response = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="verbose_json")
    assert response.text
    assert response.segments[0].end > response.segments[0].start
    recording.seek(0)
    subtitles = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="srt")
    assert subtitles.startswith("1\n00:00:00,000 --> ")


def streamed_transcription():
    events = list(client.audio.transcriptions.create(model="whisper-1", file=_recording("Hello."), stream=True))
    assert events[-1].type == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == events[-1].text


def word_times():
    form = {"model": "whisper-1", "response_format": "verbose_json", "timestamp_granularities": ["word"]}
    response = client.audio.transcriptions.create(file=_recording("Hello from the edge."), **form)
    assert response.segments
    assert all(word.start <= word.end for word in response.words)


def translation():
    response = client.audio.translations.create(model="whisper-1", file=_recording("Hello from the edge."))
    assert response.text


def models():
    assert {"chat", "speech-to-text", "text-to-speech"} <= {model.pg_model_type for model in client.models.list()}


def single_model():
    for name in ("whisper-base", "hexgrad/Kokoro-82M"):
        assert client.models.retrieve(name).id == name


def embeddings():
    response = client.embeddings.create(model=EMBEDDING_MODEL, input=["Hello", "Good morning"])  # requests base64
    assert [len(item.embedding) for item in response.data] == [384, 384]
    assert response.usage.total_tokens


def responses():
    try:
        assert client.responses.create(model=MODEL, input="Hello").output_text
    except openai.NotFoundError as error:
        assert error.code == "not_found"
        return "The API has no /v1/responses (404)."


def wrong_key():
    error = _expect_error(openai.AuthenticationError, client.with_options(api_key="wrong").models.list)
    assert error.code == "invalid_api_key"
    assert error.request_id


def unknown_model():
    error = _expect_error(openai.NotFoundError, client.chat.completions.create, model="gpt-9", messages=QUESTION)
    assert (error.code, error.param) == ("model_not_found", "model")


def invalid_request():
    error = _expect_error(openai.BadRequestError, client.chat.completions.create, model=MODEL, messages=[])
    assert (error.type, error.param) == ("invalid_request_error", "messages")


def _recording(text):
    recording = BytesIO(client.audio.speech.create(model="tts-1", voice="alloy", input=text).content)
    recording.name = "recording.mp3"
    return recording


def _expect_error(kind, call, **request):
    try:
        call(**request)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
