"""The events of llama.cpp: their usage and errors."""

from __future__ import annotations

from polargrid_edge.backends import text_response
from polargrid_edge.backends.request_error import ContextLengthError
from polargrid_edge.backends.text_response import OnChunk
from polargrid_edge.backends.tool_plan import Json


class EventReceiver:
    """Receive the events of a choice. llama.cpp discards exceptions of its callback, so they are stored."""

    def __init__(self, receive: OnChunk) -> None:
        self._receive = receive
        self._last: Json = {}
        self.stopped = False
        self._usage: Json | None = None
        self._timings: Json | None = None
        self._error: Exception | None = None

    def receive(self, event: Json) -> bool:
        try:
            if "error" in event:
                raise _to_exception(event["error"])
            self._last = event
            self._usage = event.get("usage") or self._usage
            self._timings = event.get("timings") or self._timings
            self.stopped = self.stopped or self._receive(event)
        except Exception as error:  # noqa: BLE001
            self._error = error
        return self.stopped or self._error is not None

    def raise_error(self) -> None:
        if self._error is not None:
            raise self._error

    def last_choice(self) -> Json:
        choice: Json = self._last["choices"][0]
        return choice

    def read_usage(self) -> Json:
        """The usage of the choice; of one that ended early, from the timings so far."""
        return self._usage or text_response.usage_so_far(self._timings or {})


def _to_exception(error: Json) -> Exception:
    if error.get("type") == "exceed_context_size_error":
        return ContextLengthError(int(error["n_prompt_tokens"]), int(error["n_ctx"]))
    message = str(error.get("message"))
    return ValueError(message) if error.get("code") == 400 else RuntimeError(message)
