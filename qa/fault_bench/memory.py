"""What the edge answered, so that a model is asked the same only once: its bytes, and when they came."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import replace

from qa.fault_bench.messages import Answer, Asked, Headers

# What is about the state of the edge is never remembered.
_REMEMBERED = ("/v1/chat/completions", "/v1/completions", "/v1/audio/")
_ID = re.compile(rb'"id": ?"((?:chatcmpl|cmpl)-\w+)"')
_BUSY = (429, 500, 502, 503, 504)


class Memory:
    """Answers by request. `learning` asks the edge each time; the last answer stays.

    `timed`: what comes from here comes when it came from the edge, where a check could compare the times. Else it
    comes at once, of which no check can say anything.
    """

    def __init__(self) -> None:
        self.learning = False
        self.timed = True
        self.asked = 0
        """How many answers came from the edge."""
        self._answers: dict[object, Answer] = {}
        self._streamed: set[str] = set()
        self._left: set[object] = set()
        self._lock = threading.Lock()

    def recalled(self, asked: Asked) -> Answer | None:
        """The answer as it came, under an id of its own; at once where nobody compares its time."""
        with self._lock:
            answer = None if self.learning else self._answers.get(asked.identity)
            timed = self.timed and (asked.streamed or asked.essence in self._streamed)
        if answer is None:
            return None
        return _with_own_ids(answer if timed else replace(answer, parts=tuple((0.0, data) for _, data in answer.parts)))

    def keep(self, asked: Asked, answer: Answer) -> None:
        with self._lock:
            self.asked += 1
            if not asked.path.startswith(_REMEMBERED) or answer.status in _BUSY or answer.cut:
                return
            self._answers[asked.identity] = answer
            if asked.streamed and answer.good:
                self._streamed.add(asked.essence)

    def leave(self, asked: Asked) -> None:
        """The client left before the end: it will do so again, and has to meet the edge itself."""
        with self._lock:
            self._left.add(asked.identity)

    def was_left(self, asked: Asked) -> bool:
        with self._lock:
            return asked.identity in self._left


def _with_own_ids(answer: Answer) -> Answer:
    headers: Headers = tuple(
        (name, f"req_{secrets.token_hex(16)}" if name.lower() == "x-request-id" else value)
        for name, value in answer.headers
    )
    found = _ID.search(answer.body)
    if not found:
        return replace(answer, headers=headers)
    old = found.group(1)
    new = old.partition(b"-")[0] + b"-" + secrets.token_hex(12).encode()
    return replace(answer, headers=headers, parts=tuple((s, data.replace(old, new)) for s, data in answer.parts))
