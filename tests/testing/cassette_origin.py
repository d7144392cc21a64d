"""A scripted server that cassettes record: a chat, speech and a transcript, as the API describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import polargrid
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, Piece, Step, render_event

KEY = "pg_test_0123456789abcdef"
SPEECH = [bytes(range(start, start + 50)) * 3 for start in range(0, 200, 50)]


class Origin:
    """The handler of the server; `on` replaces what it answers to a path."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []
        self.answers: dict[str, Callable[[ReceivedRequest], Answer]] = {}
        self.url = ""
        self._ids = count(1)

    def on(self, path: str, answer: Callable[[ReceivedRequest], Answer]) -> None:
        """Answer the requests of a path."""
        self.answers[path] = answer

    def on_connect(self) -> None:
        """Read requests."""

    def on_head(self, request: ReceivedRequest) -> None:
        """Read the body."""

    def respond(self, request: ReceivedRequest) -> Iterator[Step]:
        """Answer in the way of the API, with other ids each time."""
        self.requests.append(request)
        answers = {
            "/v1/chat/completions": self._chat,
            "/v1/audio/speech": lambda _: Answer(200, {"content-type": "audio/mpeg"}, tuple(map(Piece, SPEECH))),
            "/v1/audio/transcriptions": lambda _: Answer.json({"text": "Hello, world."}),
            "/v1/models": lambda _: Answer.json({"object": "list", "data": []}),
            **self.answers,
        }
        return answers[request.path](request).steps()

    def _chat(self, request: ReceivedRequest) -> Answer:
        number = next(self._ids)
        text = f"You said {request.json['messages'][-1]['content']}"
        common = {"id": f"chatcmpl-{number:012x}", "created": 1_790_000_000 + number, "model": "m"}
        headers = {"x-request-id": f"req-{number:012d}", "server": "scripted"}
        if not request.json.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
            body = {**common, "object": "chat.completion", "choices": [choice], "usage": usage}
            return Answer.json(body, headers=headers)
        events = []
        for part in [*text.split(" "), None]:
            choice = {"index": 0, "delta": {"content": part or ""}, "finish_reason": None if part else "stop"}
            events.append(json.dumps({**common, "object": "chat.completion.chunk", "choices": [choice]}))
        pieces = [Piece(render_event(event)) for event in [*events, "[DONE]"]]
        return Answer(200, {**headers, "content-type": "text/event-stream"}, tuple(pieces))


@contextmanager
def serve_origin(**options: Any) -> Iterator[Origin]:
    """Start the server."""
    origin = Origin()
    with LoopbackServer(origin, **options) as server:
        origin.url = server.url
        yield origin


def run_program(url: str, *, name: str = "Ada", **options: Any) -> list[Any]:
    """Stream a chat and speech, and upload a file; return what a program sees."""
    with polargrid.PolarGridSync(base_url=url, api_key=KEY, max_retries=0, **options) as client:
        messages: Any = [{"role": "user", "content": name}]
        chat = [
            chunk.model_dump() for chunk in client.chat.completions.create(model="m", messages=messages, stream=True)
        ]
        with client.audio.speech.with_streaming_response.create(model="m", input="Hi", voice="v") as response:
            speech = b"".join(response.iter_bytes())
        transcript = client.audio.transcriptions.create(model="m", file=b"RIFF the bytes of a file")
        return [chat, speech, transcript.text]


async def run_program_async(url: str, *, name: str = "Ada", **options: Any) -> list[Any]:
    """The same with the async client."""
    async with polargrid.PolarGrid(base_url=url, api_key=KEY, max_retries=0, **options) as client:
        messages: Any = [{"role": "user", "content": name}]
        stream = await client.chat.completions.create(model="m", messages=messages, stream=True)
        chat = [chunk.model_dump() async for chunk in stream]
        async with client.audio.speech.with_streaming_response.create(model="m", input="Hi", voice="v") as response:
            speech = b"".join([data async for data in response.iter_bytes()])
        transcript = await client.audio.transcriptions.create(model="m", file=b"RIFF the bytes of a file")
        return [chat, speech, transcript.text]
