"""Faults that a stream has and the plain response has not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from qa.fault_bench.faults.seeded import (
    CHAT,
    DONE,
    STREAM_OPERATIONS,
    TEXT_OPERATIONS,
    change_events,
    choices_of,
    encode_event,
    fault,
    modify_chunks,
    parse_event,
    set_text,
    text_of,
)
from qa.fault_bench.messages import Chunk, Forward, Request, Response

_TRANSCRIPT = ("stream_transcription",)
_TRANSCRIPTS = (*_TRANSCRIPT, "transcribe")  # checks compare them
ModifyChunk = Callable[[dict[str, Any], int], Any]


def _chunks(name: str, description: str, modify: ModifyChunk, on: tuple[str, ...] = TEXT_OPERATIONS) -> None:
    fault(name, "streamed", description, on=on)(change_events(modify_chunks(modify), on))


def _request(
    name: str, description: str, modify: Callable[[Request], Request], on: tuple[str, ...] = TEXT_OPERATIONS
) -> None:
    """Modify only requests for a stream."""

    def apply(request: Request, forward: Forward) -> Response:
        return forward(modify(request) if request.is_stream and request.operation in on else request)

    fault(name, "streamed", description, on=on)(apply)


def _tool_calls(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    deltas = [choice.get("delta") or {} for choice in chunk.get("choices", [])]
    return [call for delta in deltas for call in delta.get("tool_calls") or []]


def _drop_call_id(chunk: dict[str, Any], _: int) -> None:
    for call in _tool_calls(chunk):
        call.pop("id", None)


def _renew_call_id(chunk: dict[str, Any], position: int) -> None:
    for call in _tool_calls(chunk):
        call["id"] = f"call_{position}"


def _use_one_call_id(chunk: dict[str, Any], _: int) -> None:
    for call in _tool_calls(chunk):
        if call.get("id"):
            call["id"] = "call_0"


def _change_call_index(chunk: dict[str, Any], position: int) -> None:
    """Count the deltas of a call instead of the calls."""
    for call in _tool_calls(chunk):
        call["index"] = call.get("index", 0) + (position > 2)


def _drop_function_name(chunk: dict[str, Any], _: int) -> None:
    for call in _tool_calls(chunk):
        call.get("function", {}).pop("name", None)


def _drop_last_arguments(_: Request, events: list[Chunk]) -> list[Chunk]:
    positions = [n for n, (_, event) in enumerate(events) if _tool_calls(parse_event(event) or {})]
    if positions:
        seconds, event = events[positions[-1]]
        chunk = parse_event(event) or {}
        for call in _tool_calls(chunk):
            function = call.get("function", {})
            function["arguments"] = (function.get("arguments") or "")[:-1]
        events[positions[-1]] = seconds, encode_event(chunk)
    return events


def _drop_logprobs(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk.get("choices", []):
        if choice.get("logprobs"):
            choice["logprobs"] = None


def _shift_logprobs(_: Request, events: list[Chunk]) -> list[Chunk]:
    """Send the log probabilities of each chunk with the next one."""
    previous: Any = None
    shifted = []
    for seconds, event in events:
        chunk = parse_event(event)
        if chunk is not None:
            for choice in chunk.get("choices", []):
                if choice.get("logprobs"):
                    previous, choice["logprobs"] = choice["logprobs"], previous
        shifted.append((seconds, event if chunk is None else encode_event(chunk)))
    return shifted


def _add_stop_sequence(request: Request, events: list[Chunk]) -> list[Chunk]:
    """Append the stop sequence to the last text of a stream that ended at it."""
    stop = request.json.get("stop")
    sequence = stop if isinstance(stop, str) else stop[0] if isinstance(stop, list) and stop else ""
    has_stopped = any(choice.get("finish_reason") == "stop" for _, event in events for choice in choices_of(event))
    texts = [n for n, (_, event) in enumerate(events) if any(text_of(choice) for choice in choices_of(event))]
    if sequence and has_stopped and texts:
        seconds, event = events[texts[-1]]
        chunk = parse_event(event) or {}
        for choice in chunk["choices"]:
            set_text(choice, text_of(choice) + sequence)
        events[texts[-1]] = seconds, encode_event(chunk)
    return events


def _use_index_zero(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk.get("choices", []):
        choice["index"] = 0


def _finish_with_stop(chunk: dict[str, Any], _: int) -> None:
    for choice in chunk.get("choices", []):
        if choice.get("finish_reason"):
            choice["finish_reason"] = "stop"


def _increase_total(chunk: dict[str, Any], _: int) -> None:
    if chunk.get("usage"):
        chunk["usage"]["total_tokens"] += 1


def _drop_prompt_tokens(chunk: dict[str, Any], _: int) -> None:
    if usage := chunk.get("usage"):
        usage["prompt_tokens"], usage["total_tokens"] = 0, usage["completion_tokens"]


def _count_characters(request: Request, events: list[Chunk]) -> list[Chunk]:
    """Count the characters of a stream as its tokens."""
    del request
    length = sum(len(text_of(choice)) for _, event in events for choice in choices_of(event))
    counted = []
    for seconds, event in events:
        chunk = parse_event(event)
        if chunk and chunk.get("usage"):
            usage = chunk["usage"]
            usage["completion_tokens"] = length
            usage["total_tokens"] = usage["prompt_tokens"] + length
            counted.append((seconds, encode_event(chunk)))
        else:
            counted.append((seconds, event))
    return counted


def _drop_usage(chunk: dict[str, Any], _: int) -> None:
    chunk.pop("usage", None)


def _drop_system_message(request: Request) -> Request:
    messages = request.json.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return request
    kept = [message for message in messages if message.get("role") != "system"]
    return request.with_fields(messages=kept or messages)


def _change_transcript(modify: Callable[[dict[str, Any]], None]) -> Callable[[Request, list[Chunk]], list[Chunk]]:
    def apply(_: Request, events: list[Chunk]) -> list[Chunk]:
        changed = []
        for seconds, event in events:
            head, separator, data = event.rpartition(b"data:")
            parsed = json.loads(data) if data.strip() != b"[DONE]" else None
            if isinstance(parsed, dict):
                modify(parsed)
                data = b" " + json.dumps(parsed).encode()
            changed.append((seconds, head + separator + data))
        return changed

    return apply


def _drop_word(event: dict[str, Any], name: str) -> None:
    words = str(event.get(name) or "").split(" ")
    if len(words) > 2:
        del words[-2]
        event[name] = " ".join(words)


def _drop_words(event: dict[str, Any]) -> None:
    _drop_word(event, "delta")
    _drop_word(event, "text")


_chunks("T01", "The usage of a stream does not add up.", _increase_total)
_chunks("T02", "The usage of a stream does not count the prompt.", _drop_prompt_tokens)
fault("T03", "streamed", "The usage of a stream counts characters.", on=STREAM_OPERATIONS)(
    change_events(_count_characters, STREAM_OPERATIONS)
)
_chunks("T04", "A streamed tool call has no id.", _drop_call_id, CHAT)
_chunks("T05", "Each delta of a tool call has another id.", _renew_call_id, CHAT)
_chunks("T06", "The tool calls of all streams have the same id.", _use_one_call_id, CHAT)
_chunks("T07", "The index of a streamed tool call changes.", _change_call_index, CHAT)
_chunks("T08", "A streamed tool call has no name.", _drop_function_name, CHAT)
fault("T09", "streamed", "The arguments of a streamed tool call lack their end.", on=CHAT)(
    change_events(_drop_last_arguments, CHAT)
)
_chunks("T10", "Streams have no log probabilities.", _drop_logprobs)
fault("T11", "streamed", "The log probabilities of a stream come a chunk late.", on=TEXT_OPERATIONS)(
    change_events(_shift_logprobs)
)
fault("T12", "streamed", "The stop sequence is in the text of streams.", on=TEXT_OPERATIONS)(
    change_events(_add_stop_sequence)
)
_chunks("T13", "All choices of a stream have the index 0.", _use_index_zero)
_chunks("T14", "The finish_reason of a stream is always stop.", _finish_with_stop)
_chunks("T15", "The usage of /completions/stream is missing.", _drop_usage, ("stream_completion",))
_request(
    "T16",
    "max_tokens is ignored in streams.",
    lambda request: request.with_fields(max_tokens=..., max_completion_tokens=...),
)
_request(
    "T17", "response_format is ignored in streams.", lambda request: request.with_fields(response_format=...), CHAT
)
_request("T18", "The system message is dropped in streams.", _drop_system_message, CHAT)
_request(
    "T19",
    "The seed is ignored in streams.",
    lambda request: request.with_fields(seed=request.number % 2) if type(request.json.get("seed")) is int else request,
)
_request("T20", "Tools are ignored in streams.", lambda request: request.with_fields(tools=..., tool_choice=...), CHAT)
fault("T21", "streamed", "The deltas of a transcript lack a word of its text.", on=_TRANSCRIPTS)(
    change_events(_change_transcript(lambda event: _drop_word(event, "delta")), _TRANSCRIPT)
)
fault("T22", "streamed", "A streamed transcript lacks a word of the plain one.", on=_TRANSCRIPTS)(
    change_events(_change_transcript(_drop_words), _TRANSCRIPT)
)


@fault("T23", "streamed", "The replay of a stream lacks its last delta.", on=CHAT)
def cut_replayed_stream(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if not response.is_stream or not response.header("idempotency-replayed"):
        return response
    return response.with_events([*response.events[:-3], *response.events[-2:]])


@fault("T24", "streamed", "A stream of a replay is sent without [DONE].", on=CHAT)
def replay_without_done(request: Request, forward: Forward) -> Response:
    response = forward(request)
    if not response.is_stream or not response.header("idempotency-replayed"):
        return response
    return response.with_events(event for event in response.events if event[1] != DONE)
