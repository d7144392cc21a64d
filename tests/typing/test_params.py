"""User code with the objects of requests: TypedDicts, models, mappings. Type checkers read it; it never runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openai.types.chat import ChatCompletionMessage
from pydantic import BaseModel

from polargrid import PolarGrid, PolarGridSync
from polargrid.tools import function_tool
from polargrid.types import (
    AudioFormat,
    ChatCompletionRequest,
    ChatCompletionRequestParam,
    ChatMessage,
    ChatTool,
    ChatToolParam,
    ContentPartParam,
    FunctionDefinition,
    Message,
    MessageParam,
    ParsedChatCompletion,
    ResponseFormatParam,
    TextContentPart,
    ToolCallParam,
    TTSVoice,
)


class City(BaseModel):
    name: str


@dataclass
class Turn:
    role: str
    content: str


QUESTION: MessageParam = {"role": "user", "content": "Hello"}
TOOL: ChatToolParam = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
FORMAT: ResponseFormatParam = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
PART: ContentPartParam = {"type": "image_url", "image_url": {"url": "https://example.org/a.png", "detail": "low"}}
CALL: ToolCallParam = {"id": "1", "function": {"name": "weather", "arguments": "{}"}}
REQUEST: ChatCompletionRequestParam = {"model": "llama-3.1-8b", "messages": [QUESTION], "tools": [TOOL]}


async def literals(client: PolarGrid) -> None:
    create = client.chat.completions.create
    await create(model="m", messages=[{"role": "user", "content": "Hello"}])
    await create(model="m", messages=[{"role": "user", "content": [{"type": "text", "text": "Hello"}, PART]}])
    await create(model="m", messages=[QUESTION, {"role": "assistant", "tool_calls": [CALL]}], tools=[TOOL])
    await create(model="m", messages=[QUESTION], response_format={"type": "json_object"}, logit_bias={"5": 1})
    await create(model="m", messages=[QUESTION], tool_choice={"type": "function", "function": {"name": "weather"}})
    await create(model="m", messages=[QUESTION], response_format=FORMAT, metadata={"a": "b"}, stop=("a", "b"))
    await client.chat_completion(REQUEST)
    await client.text_to_speech({"model": "m", "input": "Hi", "voice": TTSVoice.ALLOY, "response_format": "wav"})
    await client.text_to_speech(
        {"model": "m", "input": "Hi", "voice": {"id": "v"}, "response_format": AudioFormat.WAV, "speed": 1}
    )
    await client.transcribe(b"RIFF", {"model": "whisper-1", "timestamp_granularities": ["word"], "language": None})


def conversation(client: PolarGridSync, parsed: ParsedChatCompletion[City]) -> None:
    messages: list[MessageParam | ChatMessage] = [{"role": "user", "content": "Hello"}]
    response = client.chat.completions.create(model="m", messages=messages)
    message = response.choices[0].message
    messages.append(message)
    client.chat.completions.create(model="m", messages=messages)
    client.chat.completions.create(model="m", messages=[*messages, message, parsed.choices[0].message])
    client.chat.completions.create(model="m", messages=[{"role": "assistant", "tool_calls": message.tool_calls}])
    client.chat.completions.parse(model="m", messages=[QUESTION, message], response_format=City)
    client.chat.completions.run_tools(model="m", messages=[QUESTION, message], tools=[])
    with client.chat.completions.stream(model="m", messages=[message]) as stream:
        messages.append(stream.get_final_completion().choices[0].message)
    client.chat_completion({"model": "m", "messages": messages})
    client.chat_completion_stream({"model": "m", "messages": [QUESTION, message]})


def objects(client: PolarGridSync, other: ChatCompletionMessage, turns: Iterator[Turn]) -> None:
    create = client.chat.completions.create
    create(model="m", messages=[other, Message(role="user", content="Hi"), City(name="a"), Turn("user", "Hi")])
    create(model="m", messages=turns)
    create(model="m", messages=(QUESTION for _ in range(2)))
    create(model="m", messages=[{"role": "assistant", "tool_calls": other.tool_calls}])
    create(model="m", messages=[{"role": "user", "content": [TextContentPart(type="text", text="Hi"), PART]}])
    tool = ChatTool(type="function", function=FunctionDefinition(name="f"))
    create(model="m", messages=[QUESTION], tools=[tool, TOOL, function_tool(print).definition()])
    client.chat_completion(ChatCompletionRequest(model="m", messages=[Message(role="user")]))
    client.chat_completion(City(name="a"))


def unchecked(client: PolarGridSync, fields: dict[str, Any], mapping: Mapping[str, Any], value: Any) -> None:
    # What has no types is checked when it is sent.
    client.chat.completions.create(model="m", messages=[fields, mapping, value], tools=[fields], response_format=fields)
    client.chat.completions.create(model="m", messages=value, tool_choice=value)
    client.chat_completion(fields)
    client.chat_completion(mapping)
    client.chat_completion({"model": "m", "messages": [fields, value, {"role": "user", "content": value}]})


def names(client: PolarGridSync, name: str) -> None:
    client.chat.completions.create(model=name, messages=[QUESTION])
    client.completions.create(model=name, prompt="Hi")
    client.embeddings.create(model=name, input="Hi")
    client.audio.speech.create(model=name, input="Hi", voice=name)
    client.audio.transcriptions.create(model=name, file=b"RIFF")
    client.audio.translations.create(model=name, file=b"RIFF")


def mistakes(client: PolarGridSync, texts: dict[str, str], value: Any) -> None:
    # Each line is an error: both type checkers report an ignore comment that is unused.
    chat = client.chat.completions
    chat.stream(model="m", messages=[{"role": "usr", "content": "Hello"}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[{"role": "usr", "content": value}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[{"rle": "user"}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[{"role": "user", "text": "Hello"}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[{"role": "user", "content": [{"type": "txt", "text": "Hello"}]}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[{"role": "user", "content": [{"type": "text", "url": "Hello"}]}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[texts])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=["Hello"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[QUESTION], tools=[{"type": "function", "function": {"nme": "f"}}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[QUESTION], response_format={"type": "json"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.stream(model="m", messages=[QUESTION], tool_choice={"type": "function"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    chat.create(model="m", messages=[{"role": "usr", "content": "Hello"}])  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    client.chat_completion({"model": "m", "messages": [{"role": "usr"}]})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    client.chat_completion({"model": "m"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    client.text_to_speech({"model": "m", "input": "Hi", "voice": "alloy", "response_format": "wave"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    client.load_model({"model": "m"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
