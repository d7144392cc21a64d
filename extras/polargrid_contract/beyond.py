"""Rules that a schema cannot state: which requests a server may refuse with 400 though the schema allows them; pure.

Each rule is a sentence and a test of the body. A refusal for another reason is a broken contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Body = Mapping[str, Any]


def reason_to_refuse(operation: str, body: Any) -> str | None:
    """The rule that forbids this body, or None where it has to be accepted."""
    if not isinstance(body, Mapping):
        return None
    return next((reason for reason, applies in _RULES.get(operation, ()) if applies(body)), None)


def _holds_image(body: Body) -> bool:
    contents = [message.get("content") for message in body.get("messages", [])]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(part.get("type") == "image_url" for part in parts)


def _holds_silent_message(body: Body) -> bool:
    """OpenAI's API wants content in every message but an assistant's that calls tools."""
    return any(
        message.get("content") is None and not (message.get("role") == "assistant" and message.get("tool_calls"))
        for message in body.get("messages", [])
    )


def _tool_names(body: Body) -> set[str]:
    return {tool["function"]["name"] for tool in body.get("tools") or []}


def _demands_missing_tool(body: Body) -> bool:
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping):
        return choice["function"]["name"] not in _tool_names(body)
    return choice == "required" and not _tool_names(body)


def _holds_schema(body: Body) -> bool:
    """A generated object is hardly ever a JSON Schema that a model can be held to."""
    wanted = body.get("response_format") or {}
    parameters = any(tool["function"].get("parameters") for tool in body.get("tools") or [])
    return wanted.get("type") == "json_schema" or (parameters and body.get("tool_choice") not in (None, "auto", "none"))


def _wants_top_logprobs_alone(body: Body) -> bool:
    return body.get("top_logprobs") is not None and not body.get("logprobs")


def _holds_file(body: Body) -> bool:
    return "file" in body


_RULES: dict[str, tuple[tuple[str, Callable[[Body], bool]], ...]] = {
    "chat_completion": (
        ("a model that does not see takes no images", _holds_image),
        ("a message may have to say something", _holds_silent_message),
        ("a tool that must be called must be among the tools", _demands_missing_tool),
        ("an answer can only be held to what is a JSON Schema", _holds_schema),
        ("top_logprobs needs logprobs", _wants_top_logprobs_alone),
    ),
    "transcribe": (("bytes that are no audio cannot be heard", _holds_file),),
    "translate": (("bytes that are no audio cannot be heard", _holds_file),),
}
