"""A server in memory whose texts take time, on a virtual clock: it has slots, and a network lies before it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.contract.changes import Send
from tests.contract.openai_server import OpenAIServer
from tests.contract.recorded_edge import Chunk, VirtualClock, build_response, chunks_of

_PREFILL_SECONDS = 0.05
_HEALTH = b'{"status": "healthy", "backend": {"healthy": true}}'
_TEXT_PATHS = ("/v1/chat/completions", "/v1/completions")
Schedule = Callable[[list[float]], list[float]]
"""Changes when the events of a stream are sent."""


@dataclass
class TimedServer:
    """Generates a token at a time. The faults: another schedule of its streams, or clients whose leaving it ignores."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    tokens_per_second: float = 40.0
    slots: int = 1
    schedule: Schedule = list
    ignores_leaving_of: tuple[str, ...] = ()
    """Clients of these kinds of responses: `stream`, `plain`."""
    health_waits: bool = False
    """Whether the health waits until no text is generated."""
    _free_at: list[float] = field(default_factory=list)
    _server: OpenAIServer = field(default_factory=OpenAIServer)

    def send(self, request: httpx.Request) -> httpx.Response:
        """Return the response with the times of its chunks."""
        if request.url.path == "/health":
            waiting = max(0.0, max(self._free_at, default=0.0) - self.clock.now) if self.health_waits else 0.0
            return build_response(200, [("content-type", "application/json")], [Chunk(waiting, _HEALTH)])
        response = self._server.send(request)
        if request.url.path not in _TEXT_PATHS or response.status_code != 200:
            return response
        is_stream = response.headers["content-type"] == "text/event-stream"
        parts = _split_events(response.content) if is_stream else [response.content]
        counts = _count_tokens(parts) if is_stream else [response.json()["usage"]["completion_tokens"]]
        times = [_PREFILL_SECONDS + count / self.tokens_per_second for count in counts]
        waiting, on_close = self._occupy(times[-1], "stream" if is_stream else "plain")
        times = [waiting + seconds for seconds in (self.schedule(times) if is_stream else times)]
        chunks = [Chunk(seconds, part) for seconds, part in zip(times, parts, strict=True)]
        timed = build_response(200, response.headers.multi_items(), chunks)
        timed.extensions["on_close"] = on_close
        return timed

    def _occupy(self, seconds: float, kind: str) -> tuple[float, Callable[[], None]]:
        """Take the slot that is free first; return how long that takes, and what frees it early."""
        self._free_at = self._free_at or [0.0] * self.slots
        slot = min(range(self.slots), key=self._free_at.__getitem__)
        begin = max(self.clock.now, self._free_at[slot])
        end = self._free_at[slot] = begin + seconds

        def leave() -> None:
            if kind not in self.ignores_leaving_of and self._free_at[slot] == end:
                self._free_at[slot] = max(begin, min(end, self.clock.now + 1 / self.tokens_per_second))

        return begin - self.clock.now, leave


def put_network_before(send: Send, delay: float, jitter: float, seed: int = 1) -> Send:
    """Delay everything that a server sends, by a constant and a random part; the order of bytes stays."""
    source = random.Random(seed)  # noqa: S311 - of a test

    def apply(request: httpx.Request) -> httpx.Response:
        response, chunks, last = send(request), [], 0.0
        for seconds, data in chunks_of(response):
            last = max(last, seconds + delay + source.uniform(0, jitter))
            chunks.append(Chunk(last, data))
        delayed = build_response(response.status_code, response.headers.multi_items(), chunks)
        delayed.extensions["on_close"] = response.extensions.get("on_close")
        return delayed

    return apply


def _split_events(body: bytes) -> list[bytes]:
    return [event + b"\n\n" for event in body.split(b"\n\n") if event]


def _count_tokens(events: list[bytes]) -> list[int]:
    """How many tokens are generated when each event is sent: one for an event with text."""
    counts, count = [], 0
    for event in events:
        data = event.strip().removeprefix(b"data: ")
        choices = json.loads(data)["choices"] if data.startswith(b"{") else []
        count += any(choice.get("text") or choice.get("delta", {}).get("content") for choice in choices)
        counts.append(count)
    return counts
