"""Contents as the messages of the conventions: `gen_ai.input.messages`, `gen_ai.output.messages`, tools; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from polargrid_otel.responses import fields_of
from polargrid_runtime.tool_call_deltas import InvalidCallError, ToolCallAccumulator

Message = dict[str, Any]
Part = dict[str, Any]


def input_messages(fields: Mapping[str, Any]) -> list[Message]:
    """Return the messages of a request: those of a chat, or its prompt or text."""
    if isinstance(messages := fields.get("messages"), list):
        return [_convert_message(message) for message in messages if isinstance(message, dict)]
    text = fields.get("prompt", fields.get("input"))
    texts = text if isinstance(text, list) else [text]
    return [_message("user", [_text(item)]) for item in texts if isinstance(item, str)]


def tool_definitions(fields: Mapping[str, Any]) -> list[Message]:
    """Return the functions that a request offers."""
    tools = fields.get("tools")
    functions = [tool.get("function") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    remaining = ("name", "description", "parameters")
    return [
        {"type": "function", **{name: function[name] for name in remaining if name in function}}
        for function in functions
        if isinstance(function, dict)
    ]


def output_messages(response: Any) -> list[Message]:
    """Return the message of each choice of a response, or its text."""
    fields = dump(response)
    if isinstance(fields, str):
        return [_message("assistant", [_text(fields)], "stop")]
    if not isinstance(fields, dict):
        return []
    if isinstance(choices := fields.get("choices"), list):
        return [_convert_choice(choice) for choice in choices if isinstance(choice, dict)]
    text = fields.get("text")
    return [_message("assistant", [_text(text)], "stop")] if isinstance(text, str) else []


def parse_json(text: Any) -> Any:
    """Return the value of JSON text, which the conventions prefer; anything else as it is."""
    with suppress(ValueError, TypeError, RecursionError):
        return json.loads(text)
    return text


def dump(value: Any) -> Any:
    """Return a model as a value of JSON."""
    return value.model_dump(mode="json", by_alias=True, exclude_unset=True) if isinstance(value, BaseModel) else value


def _message(role: str, parts: list[Part], finish_reason: str | None = None) -> Message:
    return {"role": role, "parts": parts, **({"finish_reason": finish_reason} if finish_reason else {})}


def _text(text: str) -> Part:
    return {"type": "text", "content": text}


def _convert_choice(choice: Mapping[str, Any]) -> Message:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {"role": "assistant", "content": choice.get("text")}
    return {**_convert_message(message), "finish_reason": choice.get("finish_reason") or "error"}


def _convert_message(message: Mapping[str, Any]) -> Message:
    role, content = str(message.get("role") or "assistant"), message.get("content")
    if role in ("tool", "function"):
        part = {"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content}
        return _message(role, [part])
    reasoning = message.get("reasoning_content")
    parts = [{"type": "reasoning", "content": reasoning}] if isinstance(reasoning, str) and reasoning else []
    parts += _iter_parts(content)
    if isinstance(refusal := message.get("refusal"), str):
        parts.append({"type": "refusal", "content": refusal})
    calls = message.get("tool_calls")
    parts += [_convert_call(call) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    if isinstance(name := message.get("name"), str):
        return {**_message(role, parts), "name": name}
    return _message(role, parts)


def _iter_parts(content: Any) -> Iterator[Part]:
    if isinstance(content, str):
        yield _text(content)
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict):
            yield _convert_part(part)


def _convert_part(part: Part) -> Part:
    kind = part.get("type")
    value = part.get(kind) if isinstance(kind, str) else None
    if kind == "text" and isinstance(value, str):
        return _text(value)
    if kind == "image_url" and isinstance(value, dict) and isinstance(url := value.get("url"), str):
        return _convert_url(url, "image")
    if kind == "input_audio" and isinstance(value, dict):
        media_type = f"audio/{value.get('format')}"
        return {"type": "blob", "modality": "audio", "mime_type": media_type, "content": value.get("data")}
    return {**part, "type": str(kind)}


def _convert_url(url: str, modality: str) -> Part:
    head, _, data = url.partition(",")
    if not head.startswith("data:"):
        return {"type": "uri", "modality": modality, "uri": url}
    media_type = head.removeprefix("data:").partition(";")[0] or None
    return {"type": "blob", "modality": modality, "mime_type": media_type, "content": data}


def _convert_call(call: Mapping[str, Any]) -> Part:
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    arguments = parse_json(function.get("arguments"))
    return {"type": "tool_call", "id": call.get("id"), "name": function.get("name"), "arguments": arguments}


class OutputAccumulator:
    """Collects the text and the tool calls of a stream, as far as it was read."""

    def __init__(self) -> None:
        self._choices: dict[int, _Choice] = {}
        self._text: list[str] = []
        self._final_text: str | None = None

    def add(self, chunk: Any) -> None:
        """Add a chunk of a stream."""
        fields = dump(chunk)
        if not isinstance(fields, dict):
            return
        for position, choice in enumerate(fields.get("choices") or ()):
            index = choice.get("index")
            self._choices.setdefault(index if type(index) is int else position, _Choice()).add(choice)
        if isinstance(delta := fields.get("delta"), str):  # of a transcript
            self._text.append(delta)
        if isinstance(text := fields.get("text"), str):  # the whole one
            self._final_text = text

    def build(self) -> dict[str, Any]:
        """Return the response, in the form of one that is not streamed."""
        if self._choices:
            return {"choices": [choice.build() for _, choice in sorted(self._choices.items())]}
        text = "".join(self._text) if self._final_text is None else self._final_text
        return {"text": text} if text else {}


class _Choice:
    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._calls = ToolCallAccumulator()
        self._finish_reason: str | None = None

    def add(self, choice: Mapping[str, Any]) -> None:
        delta = fields_of(choice.get("delta") or choice.get("message"))
        for name in ("content", "reasoning_content", "refusal"):
            text = delta.get(name, choice.get("text") if name == "content" else None)
            if isinstance(text, str):
                self._texts.setdefault(name, []).append(text)
        with suppress(InvalidCallError):  # the caller gets the exception
            for call in delta.get("tool_calls") or ():
                self._calls.add(call)
        self._finish_reason = choice.get("finish_reason") or self._finish_reason

    def build(self) -> dict[str, Any]:
        message: dict[str, Any] = {name: "".join(parts) for name, parts in self._texts.items() if any(parts)}
        message |= {"role": "assistant", "tool_calls": [call.build() for call in self._calls]}
        return {"message": message, "finish_reason": self._finish_reason}
