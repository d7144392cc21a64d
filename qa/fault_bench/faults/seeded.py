"""Registry of faults, and the changes that most of them are built from; pure.

@fault("S01", "streams", "A stream has no [DONE].", on=TEXT_OPERATIONS)
def drop_done(request: Request, forward: Forward) -> Response: ...
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from polargrid_contract.results import Profile
from qa.fault_bench.messages import Change, Chunk, Forward, Request, Response
from qa.fault_bench.network import Network

Kind = Literal[
    "http",
    "json",
    "streams",
    "audio",
    "lifecycle",
    "dialects",
    "streamed",
    "concurrency",
    "equality",
    "wire",
    "models",
    "timing",
    "profile",
]
ModifyBody = Callable[[Request, Any], Any]
ModifyEvents = Callable[[Request, list[Chunk]], list[Chunk]]

TEXT_OPERATIONS = ("chat_completion", "completion")
CHAT = ("chat_completion",)
STREAM_OPERATIONS = (*TEXT_OPERATIONS, "stream_completion")
SPEECH = ("text_to_speech",)
READING_OPERATIONS = ("list_models", "get_model_status", "health")
UPLOAD_OPERATIONS = ("transcribe", "translate")
DONE = b"data: [DONE]"


@dataclass(frozen=True)
class Fault:
    """One deviation from the contract. `on` are the operations that show it; `timed` if it is about arrival times.

    `profile` is the profile with which the server is checked, `network` what is between it and its clients.
    """

    id: str
    kind: Kind
    description: str
    on: tuple[str, ...]
    apply: Change
    timed: bool = False
    profile: Profile = "polargrid"
    network: Network | None = None


FAULTS: dict[str, Fault] = {}


def fault(
    name: str,
    kind: Kind,
    description: str,
    *,
    on: tuple[str, ...],
    timed: bool = False,
    profile: Profile = "polargrid",
    network: Network | None = None,
) -> Callable[[Change], Change]:
    """Register a change as a fault."""

    def register(change: Change) -> Change:
        if name in FAULTS:
            raise ValueError(f"duplicate fault id {name!r}; choose another")
        FAULTS[name] = Fault(name, kind, description, on, change, timed, profile, network)
        return change

    return register


def change_request(on: tuple[str, ...], modify: Callable[[Request], Request]) -> Change:
    """Modify requests before they reach the edge."""

    def apply(request: Request, forward: Forward) -> Response:
        return forward(modify(request) if request.operation in on else request)

    return apply


def change_json(on: tuple[str, ...], modify: ModifyBody) -> Change:
    """Modify successful JSON responses, in place or by the return value of `modify`."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        body = response.json if response.is_success and request.operation in on else None
        if body is None:
            return response
        modified = modify(request, body)
        return response.with_json(body if modified is None else modified)

    return apply


def change_events(modify: ModifyEvents, on: tuple[str, ...] = TEXT_OPERATIONS) -> Change:
    """Modify the events of streams."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        if not response.is_stream or request.operation not in on:
            return response
        return response.with_events(modify(request, response.events))

    return apply


def change_speech(modify: Callable[[Request, Response], Response]) -> Change:
    """Modify speech."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        return modify(request, response) if response.is_success and request.operation in SPEECH else response

    return apply


def change_transcript(response_format: str, modify: Callable[[str], str]) -> Change:
    """Modify transcripts of one format."""

    def apply(request: Request, forward: Forward) -> Response:
        response = forward(request)
        is_transcript = response.is_success and request.operation in UPLOAD_OPERATIONS
        if is_transcript and request.form_field("response_format") == response_format:
            return response.with_body(modify(response.body.decode()).encode())
        return response

    return apply


def modify_chunks(modify: Callable[[dict[str, Any], int], Any]) -> ModifyEvents:
    """Modify every chunk in place; `modify` gets its position as well."""

    def apply(_: Request, events: list[Chunk]) -> list[Chunk]:
        modified = []
        for position, (seconds, event) in enumerate(events):
            chunk = parse_event(event)
            if chunk is not None:
                modify(chunk, position)
            modified.append((seconds, event if chunk is None else encode_event(chunk)))
        return modified

    return apply


def parse_event(event: bytes) -> dict[str, Any] | None:
    """Parse the JSON of an event; None for [DONE] and comments."""
    try:
        parsed = json.loads(event.removeprefix(b"data:"))
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def encode_event(chunk: Any) -> bytes:
    """Encode a chunk as an event."""
    return b"data: " + json.dumps(chunk).encode()


def choices_of(event: bytes) -> list[dict[str, Any]]:
    """The choices in an event; empty if it has none."""
    choices: list[dict[str, Any]] = (parse_event(event) or {}).get("choices", [])
    return choices


def has_text(event: bytes) -> bool:
    """Whether an event has text."""
    return any(text_of(choice) for choice in choices_of(event))


def text_of(choice: dict[str, Any]) -> str:
    """The text of a choice in a chunk."""
    return str((choice.get("delta") or {}).get("content") or choice.get("text") or "")


def set_text(choice: dict[str, Any], text: str) -> None:
    """Replace the text of a choice in a chunk."""
    if "delta" in choice:
        choice["delta"]["content"] = text
    else:
        choice["text"] = text
