"""From the arguments of a user to rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

import httpx

from polargrid_testing.arguments import (
    check_delay,
    check_headers,
    check_list,
    check_number,
    check_status,
    check_texts,
    check_tool_calls,
    check_usage,
)
from polargrid_testing.fake.chat import ChatScript
from polargrid_testing.fake.completion import CompletionScript
from polargrid_testing.fake.document import load_operations
from polargrid_testing.fake.examples import build_example
from polargrid_testing.fake.families import JOB_CALLS, POLL_CALLS, Build, find_family, get_family, list_operations
from polargrid_testing.fake.jobs import JobStore
from polargrid_testing.fake.rules import Example, Rule
from polargrid_testing.fake.speech import SpeechScript
from polargrid_testing.fake.text import Delay, Json
from polargrid_testing.fake.transcript import TranscriptScript
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.samples import FILE
from polargrid_testing.steps import Answer

_NEEDS = ("h11", "jsonschema_rs", "yaml")


def require_extra() -> None:
    """Raise ModuleNotFoundError if the extra is not installed."""
    missing = next((name for name in _NEEDS if find_spec(name) is None), None)
    if missing is not None:
        message = f"polargrid_testing needs {missing}; install it with: pip install 'polargrid[testing]'"
        raise ModuleNotFoundError(message, name=missing)


def check_operation(operation: str) -> None:
    """Raise `ValueError` for an operation that openapi.yaml does not have."""
    names = load_operations()
    if not isinstance(operation, str):
        raise TypeError(f"expected the operationId of an operation, got {operation!r}")
    if operation not in names:
        close = get_close_matches(operation, names, n=1)
        expected = f"did you mean {close[0]!r}?" if close else f"expected one of: {', '.join(names)}"
        raise ValueError(f"unknown operation {operation!r}; {expected}")


def list_values(answer: Any) -> list[Any]:
    """Return the answers of a rule: a list is several."""
    return list(answer) if isinstance(answer, (list, tuple)) else [answer]


def choose_text(
    answer: Any, *, chunks: Sequence[str] | None = None, parsed: Any = None, has_more: bool = False
) -> list[Any]:
    """Return the answers of a rule of texts. Raises `TypeError` if there is none, or more than one source."""
    if parsed is not None:
        if answer is not None or chunks is not None:
            raise TypeError("expected a text or `parsed`, got both")
        return [parsed if hasattr(parsed, "model_dump_json") else json.dumps(parsed, ensure_ascii=False)]
    if answer is None and chunks is None and not has_more:
        raise TypeError("expected an answer, got none; pass a text, a list of texts, or a function of the request")
    if answer is not None and chunks is not None and answer != "".join(chunks):
        raise ValueError(f"the chunks together are {''.join(chunks)!r}, not the text {answer!r}; pass one of them")
    return list_values(answer)


def script_chat(
    *,
    chunks: Sequence[str] | None,
    delay: Delay,
    tool_calls: Sequence[Json],
    finish_reason: str | None,
    usage: Json | None,
    model: str | None,
) -> ChatScript:
    """Return the options of a chat. Raises `ValueError` or `TypeError` for an invalid one."""
    check_texts("chunks", chunks)
    check_delay(delay)
    check_tool_calls(tool_calls)
    check_usage(usage)
    return ChatScript(
        chunks=None if chunks is None else tuple(chunks),
        delay=delay,
        tool_calls=tuple(tool_calls),
        finish_reason=finish_reason,
        usage=usage,
        model=model,
    )


def script_completion(
    chunks: Sequence[str] | None, delay: Delay, finish_reason: str, usage: Json | None, model: str | None
) -> CompletionScript:
    """Return the options of a completion. Raises `ValueError` or `TypeError` for an invalid one."""
    check_texts("chunks", chunks)
    check_delay(delay)
    check_usage(usage)
    return CompletionScript(None if chunks is None else tuple(chunks), delay, finish_reason, usage, model)


def script_speech(seconds: float, chunks: Sequence[bytes] | None, delay: Delay) -> SpeechScript:
    """Return the options of speech. Raises `ValueError` or `TypeError` for an invalid one."""
    check_number("seconds", seconds, is_above_zero=True)
    check_list("chunks", chunks, bytes, "bytes")
    check_delay(delay)
    return SpeechScript(seconds, None if chunks is None else tuple(chunks), delay)


def script_transcript(
    *,
    language: str = "en",
    duration: float | None = None,
    segments: Sequence[str] | None = None,
    chunks: Sequence[str] | None = None,
    delay: Delay = 0.0,
    polls: int = 1,
) -> TranscriptScript:
    """Return the options of a transcript. Raises `ValueError` or `TypeError` for an invalid one."""
    if duration is not None:
        check_number("duration", duration)
    check_number("polls", polls, is_whole=True)
    check_texts("segments", segments)
    check_texts("chunks", chunks)
    check_delay(delay)
    return TranscriptScript("", language, duration, segments, chunks, delay, polls)


def build_rule(method: str, values: Sequence[Any], options: Any, **conditions: Any) -> Rule:
    """Return the rule of a method of the fake."""
    family = get_family(method)

    def build(value: Any, request: ReceivedRequest, number: int) -> Answer:
        return family.build(value, request, number, options)

    return Rule(list_operations(family.calls), values, build, **conditions)


def build_job_rules(
    values: Sequence[Any], script: TranscriptScript, store: JobStore, **conditions: Any
) -> tuple[Rule, Rule]:
    """Return the rule of transcripts and jobs, and the rule that answers for the state of jobs."""
    family = get_family("transcription")
    jobs, polls = list_operations(JOB_CALLS), list_operations(POLL_CALLS)

    def build(value: Any, request: ReceivedRequest, number: int) -> Answer:
        create = store.create if request.operation in jobs else family.build
        return create(value, request, number, script)

    return (
        Rule((*list_operations(family.calls), *jobs), values, build, **conditions),
        Rule(polls, [None], lambda _value, request, _number: store.answer(request)),
    )


def build_response_rule(
    operation: str, values: Sequence[Any], status: int | None, headers: Mapping[str, str] | None, **conditions: Any
) -> Rule:
    """Return the rule of an operation that is answered with JSON, or by its family."""
    if status is not None:
        check_status(status)
    if headers is not None:
        check_headers(headers)
    return Rule((operation,), values, _respond_with(operation, status, headers or {}), **conditions)


def _respond_with(operation: str, status: int | None, headers: Mapping[str, str]) -> Build:
    family, sample = find_family(operation), load_operations()[operation]

    def build(value: Any, request: ReceivedRequest, number: int) -> Answer:
        is_success = status is None or 200 <= status < 300
        if isinstance(value, Example):
            answer = build_example(request, number)
        elif family is not None and is_success:
            answer = family.build(value, request, number, family.options)
        else:
            answer = Answer.json(value, status=sample.status)
        return replace(answer, status=status or answer.status, headers={**answer.headers, **headers})

    return build


def check_rule(rule: Rule) -> None:
    """Check the answers that do not depend on a request. Raises `InvalidAnswerError` or `TypeError`."""
    jobs = list_operations(JOB_CALLS + POLL_CALLS)  # a check would create one
    rule.check([sample_request(operation) for operation in rule.operations if operation not in jobs])


def sample_request(operation: str) -> ReceivedRequest:
    """Return the request of the example of an operation."""
    sample = load_operations()[operation]
    files = {name or "file": ("recording.wav", FILE, "audio/wav") for name in sample.files}
    body: dict[str, Any] = {}
    if sample.request_type == "application/json":
        body["json"] = sample.request
    elif files:
        body.update(data=sample.request or {}, files=files)
    request = httpx.Request(sample.method, "http://127.0.0.1" + sample.url, params=sample.full_query, **body)
    target = request.url.raw_path.decode()
    return ReceivedRequest(sample.method, target, request.headers, request.read(), operation=operation)
