"""The operations of the stress by either client: each returns its text, and whether the text is to be the whole."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

from polargrid import PolarGridError
from qa.stress.payloads import CALL
from qa.stress.plans import Plan

_ENDED = "a stream that failed ends without an error when it is read again"


def call_sync(client: Any, plan: Plan, options: dict[str, Any]) -> tuple[str, bool]:
    """Make the call of a plan with a PolarGridSync."""
    match plan.operation:
        case "chat":
            return client.chat_completion(plan.request, **options).choices[0].message.content, True
        case "speech":
            return client.text_to_speech(plan.request, **options).decode("utf-8", "replace"), True
        case "transcript":
            return client.transcribe(("a.wav", plan.content, "audio/wav"), plan.request, **options).text, True
    with _open_stream(client, plan, options) as stream:
        if plan.operation == "tools" and plan.action == "finish":
            return _parts_of(stream.final), True
        return _read_sync(stream, plan), plan.action == "finish"


def _read_sync(stream: Any, plan: Plan) -> str:
    closer = _Closer(stream, plan.seconds)
    if plan.action == "close":
        closer.start()
    parts = []
    try:
        for number, chunk in enumerate(stream, 1):
            parts.append(_text_of(chunk))
            if plan.action == "leave" and number == plan.chunks:
                break
    except PolarGridError:
        if plan.action == "finish" and next(stream, None) is None:
            raise AssertionError(_ENDED) from None
        raise
    finally:
        if plan.action == "close":
            closer.finish()
    return "".join(parts)


class _Closer(threading.Timer):
    """Closes a stream in another thread."""

    def __init__(self, stream: Any, seconds: float) -> None:
        super().__init__(seconds, self._close)
        self._stream = stream
        self._error: Exception | None = None

    def _close(self) -> None:
        try:
            self._stream.close()
        except PolarGridError:
            pass
        except Exception as error:  # noqa: BLE001 - raised by the reader
            self._error = error

    def finish(self) -> None:
        """Wait for the end of the thread, and raise what it raised."""
        self.cancel()
        self.join()
        if self._error is not None:
            raise self._error


async def call_async(client: Any, plan: Plan, options: dict[str, Any]) -> tuple[str, bool]:
    """Make the call of a plan with a PolarGrid."""
    match plan.operation:
        case "chat":
            return (await client.chat_completion(plan.request, **options)).choices[0].message.content, True
        case "speech":
            return (await client.text_to_speech(plan.request, **options)).decode("utf-8", "replace"), True
        case "transcript":
            file = ("a.wav", plan.content, "audio/wav")
            return (await client.transcribe(file, plan.request, **options)).text, True
    async with _open_stream(client, plan, options) as stream:
        if plan.operation == "tools" and plan.action == "finish":
            return _parts_of(await stream.get_final_completion()), True
        return await _read_async(stream, plan), plan.action == "finish"


async def _read_async(stream: Any, plan: Plan) -> str:
    closing = asyncio.ensure_future(_close_later(stream, plan.seconds)) if plan.action == "close" else None
    parts = []
    try:
        async for chunk in stream:
            parts.append(_text_of(chunk))
            if plan.action == "leave" and len(parts) == plan.chunks:
                break
    except PolarGridError:
        if plan.action == "finish" and await anext(stream, None) is None:
            raise AssertionError(_ENDED) from None
        raise
    finally:
        if closing is not None:
            if not closing.done():
                closing.cancel()
            with suppress(asyncio.CancelledError):
                await closing
    return "".join(parts)


async def _close_later(stream: Any, seconds: float) -> None:
    await asyncio.sleep(seconds)
    with suppress(PolarGridError):
        await stream.aclose()


def _open_stream(client: Any, plan: Plan, options: dict[str, Any]) -> Any:
    if plan.operation == "tools":
        return client.chat.completions.stream(**plan.request, **options)
    method = client.text_to_speech_stream if plan.operation == "audio" else client.chat_completion_stream
    return method(plan.request, **options)


def _text_of(chunk: Any) -> str:
    """The text of a chunk or an event; a mark before the arguments of each tool call."""
    if isinstance(chunk, bytes):
        return chunk.decode("utf-8", "replace")
    if hasattr(chunk, "choices"):
        return "".join(choice.delta.content or "" for choice in chunk.choices)
    if hasattr(chunk, "arguments_delta"):
        return f"{CALL if chunk.arguments == chunk.arguments_delta else ''}{chunk.arguments_delta}"
    return getattr(chunk, "delta", "")


def _parts_of(response: Any) -> str:
    """The same of a whole response."""
    messages = [choice.message for choice in response.choices]
    calls = [call for message in messages for call in message.tool_calls or ()]
    return "".join(
        [*(message.content or "" for message in messages), *(CALL + call.function.arguments for call in calls)]
    )
