"""A chat server for runs: each response quotes the prompt; a script may answer otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from polargrid_testing.received import ReceivedRequest
from polargrid_testing.server import Handler, LoopbackServer
from polargrid_testing.steps import Answer, Close, Pause, Send, Step, render_head

Script = Callable[[str, int], Answer | Sequence[Step] | None]


class ChatHandler(Handler):
    """Counts the requests by prompt. `script(prompt, n)` returns what to send for its n-th request, or None."""

    def __init__(self, script: Script | None = None, delay: float = 0.0) -> None:
        self.script, self.delay = script, delay
        self.counts: Counter[str] = Counter()
        self.keys: dict[str, set[str]] = {}
        self.in_flight = self.most_in_flight = 0
        self.models: list[dict[str, Any]] = []
        self._lock = Lock()

    @property
    def requests(self) -> int:
        return self.counts.total()

    def respond(self, request: ReceivedRequest) -> Iterable[Step]:
        if request.method == "GET":
            return join_steps(Answer.json({"object": "list", "data": self.models}))
        prompt = json.loads(request.body)["messages"][-1]["content"]
        with self._lock:
            self.counts[prompt] += 1
            self.keys.setdefault(prompt, set()).add(request.headers.get("idempotency-key", ""))
            number = self.counts[prompt]
        scripted = self.script(prompt, number) if self.script else None
        if isinstance(scripted, Answer):
            return join_steps(scripted)
        if scripted is not None:
            return scripted
        return [*([Pause(self.delay)] if self.delay else []), *join_steps(chat_answer(prompt))]


def join_steps(answer: Answer) -> list[Step]:
    """The response in one write."""
    head = render_head(answer.status, [*answer.headers.items(), ("content-length", str(len(answer.content)))])
    return [Send(head + answer.content)]


def chat_answer(text: str) -> Answer:
    """A chat response."""
    message = {"role": "assistant", "content": f"re: {text}"}
    return Answer.json(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        }
    )


def error_answer(status: int, code: str = "error", **headers: str) -> Answer:
    """An error response."""
    return Answer.json({"error": {"message": f"it is {status}", "code": code}}, status=status, headers=headers)


def drop_connection() -> list[Step]:
    """Close without a response."""
    return [Close()]


def chat_row(prompt: str, custom_id: str | None = None, **body: Any) -> dict[str, Any]:
    """A line of OpenAI's Batch format."""
    messages = [{"role": "user", "content": prompt}]
    head = {"custom_id": custom_id or f"id-{prompt}", "method": "POST", "url": "/v1/chat/completions"}
    return {**head, "body": {"model": "m", "messages": messages, **body}}


def write_rows(path: Path, rows: Iterable[Any]) -> Path:
    """Write rows; a text is a line as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def read_results(path: Path) -> list[dict[str, Any]]:
    """Read an output file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


__all__ = ["ChatHandler", "LoopbackServer"]
