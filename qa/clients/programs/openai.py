"""openai-python, the newest and the newest 2.x. It finds the edge by OPENAI_BASE_URL and OPENAI_API_KEY."""

from __future__ import annotations

import json
import time
from io import BytesIO

import openai
from openai import AsyncOpenAI, OpenAI, pydantic_function_tool
from pydantic import BaseModel, Field

CLIENTS = {"openai": ("openai>=3",), "openai-2": ("openai>=2,<3",)}

MODEL = "llama-3.1-8b"
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
    answer = client.chat.completions.create(model=MODEL, messages=QUESTION, max_tokens=20, temperature=0, **optional)
    assert (answer.object, answer.model) == ("chat.completion", MODEL)
    assert abs(answer.created - time.time()) < 86_400
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens - answer.usage.prompt_tokens == answer.usage.completion_tokens <= 20
    assert answer._request_id


def stream():
    request = {"model": MODEL, "messages": QUESTION, "max_tokens": 20, "temperature": 0}
    events = client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True})
    *pieces, last = events
    assert {(piece.model, piece.id) for piece in pieces} == {(MODEL, last.id)}
    assert pieces[0].choices[0].delta.role == "assistant"
    assert not any(piece.choices[0].finish_reason for piece in pieces[:-1])
    assert pieces[-1].choices[0].finish_reason in ("stop", "length")
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces)
    assert not last.choices
    assert last.usage.completion_tokens <= 20


async def async_chat():
    request = {"model": MODEL, "messages": QUESTION, "max_completion_tokens": 5, "temperature": 0}
    async with AsyncOpenAI() as edge:
        answer = await edge.chat.completions.create(**request)
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 5


async def async_stream():
    request = {"model": MODEL, "messages": QUESTION, "max_tokens": 20, "temperature": 0}
    async with AsyncOpenAI() as edge:
        pieces = await edge.chat.completions.create(**request, stream=True)
        choices = [piece.choices[0] async for piece in pieces]
    assert "".join(choice.delta.content or "" for choice in choices)
    assert choices[-1].finish_reason in ("stop", "length")


def structured_output():
    answer = client.chat.completions.parse(model=MODEL, messages=QUESTION, response_format=Town, max_tokens=80)
    assert isinstance(answer.choices[0].message.parsed, Town)
    assert answer.choices[0].finish_reason == "stop"


def streamed_structured_output():
    with client.chat.completions.stream(model=MODEL, messages=QUESTION, response_format=Town, max_tokens=80) as events:
        kinds = [event.type for event in events]
        answer = events.get_final_completion()
    assert "content.delta" in kinds
    assert kinds[-1] == "content.done"
    assert isinstance(answer.choices[0].message.parsed, Town)


def json_object():
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "Describe Quebec in JSON."}],
        response_format={"type": "json_object"},
        max_tokens=80,
    )
    (choice,) = answer.choices
    assert choice.message.content.lstrip().startswith("{")
    assert choice.finish_reason == "length" or isinstance(json.loads(choice.message.content), dict)


def tools():
    messages = [{"role": "user", "content": "What is the weather in Gaspé?"}]
    tool = pydantic_function_tool(GetWeather, name="get_weather")
    asked = client.chat.completions.parse(model=MODEL, messages=messages, tools=[tool], tool_choice="required")
    assert asked.choices[0].finish_reason == "tool_calls"
    (call,) = asked.choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert isinstance(call.function.parsed_arguments, GetWeather)
    result = {"role": "tool", "tool_call_id": call.id, "content": json.dumps({"celsius": -4, "sky": "snow"})}
    messages += [asked.choices[0].message.model_dump(include={"role", "content", "tool_calls"}), result]
    answer = client.chat.completions.create(
        model=MODEL, messages=messages, tools=[tool], tool_choice="none", temperature=0
    )
    assert answer.choices[0].message.content
    assert not answer.choices[0].message.tool_calls


def streamed_tools():
    messages = [{"role": "user", "content": "What is the weather in Gaspé?"}]
    tool = pydantic_function_tool(GetWeather, name="get_weather")
    named = {"type": "function", "function": {"name": "get_weather"}}
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=[tool], tool_choice=named) as events:
        answer = events.get_final_completion()
    (call,) = answer.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, GetWeather)
    assert answer.choices[0].finish_reason == "tool_calls"


def picture():
    url = "data:image/png;base64,iVBORw0KGgo="
    parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
    try:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])
    except openai.BadRequestError as refused:
        assert "cannot see images" in refused.message
        return "The API takes images; the local edge's model cannot see, and says so (400)."


def choices_with_logprobs():
    answer = client.chat.completions.create(
        model=MODEL, messages=QUESTION, max_tokens=4, n=2, seed=1, logprobs=True, top_logprobs=2
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    tokens = [token for choice in answer.choices for token in choice.logprobs.content]
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)


def completion():
    answer = client.completions.create(model=MODEL, prompt="One, two, three,", max_tokens=8, temperature=0)
    assert answer.choices[0].text
    assert answer.usage.completion_tokens <= 8


def speech():
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input="Hello from the edge.", response_format="wav"
    ) as answer:
        pieces = list(answer.iter_bytes())
    assert pieces[0].startswith(b"RIFF")


def transcription():
    recording = _recording("Hello from the edge.")
    answer = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="verbose_json")
    assert "edge" in answer.text.lower()
    assert answer.segments[0].end > answer.segments[0].start
    recording.seek(0)
    subtitles = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="srt")
    assert subtitles.startswith("1\n00:00:00,000 --> ")


def streamed_transcription():
    try:
        events = client.audio.transcriptions.create(model="whisper-1", file=_recording("Hello."), stream=True)
        assert [event.type for event in events][-1] == "transcript.text.done"
    except openai.BadRequestError as refused:
        assert refused.code == "not_supported"
        return "The API makes transcripts whole; asked to stream one, the edge says so (400)."


def word_times():
    form = {"model": "whisper-1", "response_format": "verbose_json", "timestamp_granularities": ["word"]}
    answer = client.audio.transcriptions.create(file=_recording("Hello from the edge."), **form)
    assert answer.segments
    return (
        None if answer.words else "The API tells the times of segments; asked for those of words, it leaves them out."
    )


def translation():
    answer = client.audio.translations.create(model="whisper-1", file=_recording("Hello from the edge."))
    assert "edge" in answer.text.lower()


def models():
    assert {"chat", "speech-to-text", "text-to-speech"} <= {model.pg_model_type for model in client.models.list()}


def one_model():
    try:
        assert client.models.retrieve("whisper-base").id == "whisper-base"
    except openai.NotFoundError as refused:
        assert refused.code == "not_found"
        return "The API lists models, and has no path for one: /v1/models/{model} is 404."


def embeddings():
    try:
        assert client.embeddings.create(model=MODEL, input="Hello").data
    except openai.NotFoundError as refused:
        assert refused.code == "not_found"
        return "The API has no /v1/embeddings."


def responses():
    try:
        assert client.responses.create(model=MODEL, input="Hello").output_text
    except openai.NotFoundError as refused:
        assert refused.code == "not_found"
        return "The API has no /v1/responses; chat is at /v1/chat/completions."


def wrong_key():
    error = _refusal(openai.AuthenticationError, client.with_options(api_key="wrong").models.list)
    assert error.code == "invalid_api_key"
    assert error.request_id


def unknown_model():
    error = _refusal(openai.NotFoundError, client.chat.completions.create, model="gpt-9", messages=QUESTION)
    assert (error.code, error.param) == ("model_not_found", "model")


def invalid_request():
    error = _refusal(openai.BadRequestError, client.chat.completions.create, model=MODEL, messages=[])
    assert (error.type, error.param) == ("invalid_request_error", "messages")


def _recording(text):
    recording = BytesIO(client.audio.speech.create(model="tts-1", voice="alloy", input=text).content)
    recording.name = "recording.mp3"
    return recording


def _refusal(kind, call, **request):
    try:
        call(**request)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
