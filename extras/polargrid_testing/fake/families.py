"""Which operations are answered by a script, how, and the line of Python that scripts each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from polargrid_testing.fake.chat import ChatScript, build_chat
from polargrid_testing.fake.completion import CompletionScript, build_completion
from polargrid_testing.fake.document import load_operations
from polargrid_testing.fake.embedding import build_embedding
from polargrid_testing.fake.speech import SpeechScript, build_speech
from polargrid_testing.fake.transcript import TranscriptScript, build_transcript
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer

Build: TypeAlias = Callable[[Any, ReceivedRequest, int], Answer]
"""Builds the answer to a request from a value of a rule; the number is that of the request, for ids."""


class Family(NamedTuple):
    """Operations that one method of the fake scripts."""

    method: str
    build: Callable[[Any, ReceivedRequest, int, Any], Answer]
    options: Any
    """The script of a rule without options."""
    calls: tuple[str, ...]
    """The names of its operations on a client (`x-call`), or operationIds of those without."""


_FAMILIES = (
    Family("chat", build_chat, ChatScript(), ("chat.completions.create",)),
    Family("completion", build_completion, CompletionScript(), ("completions.create", "stream_completion")),
    Family("embedding", build_embedding, {}, ("embeddings.create",)),
    Family("speech", build_speech, SpeechScript(), ("audio.speech.create",)),
    Family(
        "transcription",
        build_transcript,
        TranscriptScript(),
        ("audio.transcriptions.create", "audio.transcriptions.create(stream=True)"),
    ),
    Family("translation", build_transcript, TranscriptScript(), ("audio.translations.create",)),
)
JOB_CALLS = ("audio.transcriptions.jobs.create",)
POLL_CALLS = ("audio.transcriptions.jobs.retrieve", "audio.transcriptions.jobs.list")


@cache
def list_operations(calls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the operationIds of calls that the document has."""
    samples = load_operations().values()
    return tuple(sample.name for sample in samples if (sample.call or sample.name) in calls)


@cache
def find_family(operation: str) -> Family | None:
    """Return the family of an operation; None for one that is answered with JSON as it is."""
    return next((family for family in _FAMILIES if operation in list_operations(family.calls)), None)


def get_family(method: str) -> Family:
    """Return the family that a method of the fake scripts."""
    return next(family for family in _FAMILIES if family.method == method)


def write_line(operation: str, name: str) -> str:
    """Return a line of Python that scripts an operation of the fake with this name."""
    family = find_family(operation)
    method = "transcription" if operation in list_operations(JOB_CALLS) else family and family.method
    match method:
        case "chat" | "completion":
            return f'{name}.{method}("Hello")'
        case "transcription" | "translation":
            return f'{name}.{method}("Hello from the edge.")'
        case "speech":
            return f"{name}.speech(seconds=1.0)"
        case "embedding":
            return f"{name}.embedding()"
        case _:
            return f'{name}.on("{operation}").respond()'
