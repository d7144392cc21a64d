"""Convert OpenAI's messages to those that a chat template takes. Pure.

The older form of a call (`function_call`, and a result with the role `function`) becomes the newer one.
"""

from __future__ import annotations

from typing import Any, Final

from polargrid_edge.backends.request_error import InvalidFieldError

Json = dict[str, Any]

_ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_ADVICE: Final = {
    "image_url": "describe the image in a text part, or call a model that reads images",
    "input_audio": "transcribe the recording with /v1/audio/transcriptions, and send its text",
    "file": "send the text of the file in a text part",
}


def convert_messages(messages: object, *, reads_text_only: bool = True) -> list[Json]:
    """The messages for llama.cpp. Raises `ValueError`, also for images and recordings if it reads text only."""
    if not isinstance(messages, list) or not messages:
        raise InvalidFieldError("messages", "expected a list of at least one message")
    converter = _Converter(reads_text_only=reads_text_only)
    return [converter.convert(f"messages[{index}]", message) for index, message in enumerate(messages)]


class _Converter:
    """Gives the calls of the older form the ids by which their results refer to them."""

    def __init__(self, *, reads_text_only: bool) -> None:
        self._calls = 0
        self._reads_text_only = reads_text_only

    def convert(self, at: str, message: Json) -> Json:
        role = message.get("role")
        if role not in _ROLES:
            raise InvalidFieldError(at, f"a message's role must be one of {', '.join(_ROLES)}, not {role!r}")
        if message.get("audio") and message.get("content") is None:
            raise InvalidFieldError(f"{at}.audio", "this server keeps no audio; send the transcript as the content")
        calls = self._convert_calls(message)
        content = _convert_content(at, message, reads_text_only=self._reads_text_only)
        if content is None and not calls:
            content = message.get("refusal") or ""  # the API allows null in any message; chat templates do not
        converted: Json = {"role": role, "content": content}
        converted |= {name: message[name] for name in ("name", "tool_call_id") if message.get(name) is not None}
        if role == "developer":
            converted["role"] = "system"
        if role == "function":
            converted |= {"role": "tool", "tool_call_id": self._last_id()}
        return converted | ({"tool_calls": calls} if calls else {})

    def _convert_calls(self, message: Json) -> list[Json]:
        calls = [{**call, "type": "function"} for call in message.get("tool_calls") or ()]
        function = message.get("function_call")
        if function and not calls:
            self._calls += 1
            calls = [{"id": self._last_id(), "type": "function", "function": function}]
        return calls

    def _last_id(self) -> str:
        return f"function_{self._calls}"


def _convert_content(at: str, message: Json, *, reads_text_only: bool) -> str | list[Json] | None:
    content: str | list[Json] | None = message.get("content")
    if not isinstance(content, list):
        return content
    return [
        _convert_part(f"{at}.content[{index}]", part, reads_text_only=reads_text_only)
        for index, part in enumerate(content)
    ]


def _convert_part(at: str, part: Json, *, reads_text_only: bool) -> Json:
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "image_url" | "input_audio" | "file"} if not reads_text_only:
            return part
        case {"type": "image_url" | "input_audio" | "file" as kind}:
            raise InvalidFieldError(at, f"unsupported part {kind!r}: this model reads text only; {_ADVICE[kind]}")
        case _:
            raise InvalidFieldError(at, f"unsupported part {part.get('type')!r}; expected 'text'")
