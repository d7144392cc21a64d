"""One call on its way: where it goes, how long it may take, and what its tries come to. No I/O, but for the log.

Both engines ask it everything that they decide.
"""

from __future__ import annotations

import logging
import os
import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from polargrid import errors, log, retry, wire
from polargrid.chunks import Chunks, EventChunks, kind_of
from polargrid.config import Settings
from polargrid.regions import Edge, Edges
from polargrid.transport import content
from polargrid.transport.patience import Patience
from polargrid_runtime.response import RawResponse
from polargrid_runtime.response import ResponseMeta as Meta

_EXCERPT = 64 * 1024  # bytes of an answer that is not what was asked for
_EXCERPT_SECONDS = 5.0


class Progress:
    """One call on its way."""

    def __init__(
        self,
        call: wire.Call,
        settings: Settings,
        *,
        patience: Patience,
        edges: Edges,
        budget: retry.RetryBudget,
    ) -> None:
        self.call, self.patience = call, patience
        self.headers = {"idempotency-key": _random_id(), **call.extra_headers}  # of all tries
        self.edge = edges.choose()
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._answered_after: float | None = None
        self._settings, self._edges, self._budget = settings, edges, budget
        self._tried: list[Edge] = []
        self._attempts = self._retries = 0

    @property
    def is_repeatable(self) -> bool:
        """Whether the request can be sent a second time."""
        return self.call.file is None or self.call.file.repeatable

    def try_again(self) -> None:
        """A try begins."""
        self._attempts += 1
        self._tried.append(self.edge)
        self._status, self._headers, self._answered_after = None, {}, None
        self.patience.try_again()
        self._tell_body(f"{self.call.method} {self.call.path}", self.call.content)

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of an answer came."""
        if status != 503:
            self._edges.served(self.edge)
        self._status, self._headers, self._answered_after = status, headers, self.patience.elapsed
        self.patience.heard(counts_silence=self.call.stream and self.call.operation.event is not None)
        self._tell(str(status))

    @property
    def meta(self) -> Meta:
        """How the call went so far; empty before its first try."""
        if not self._attempts:
            return Meta()
        after = self._answered_after
        return Meta(
            request_id=self._headers.get("x-request-id"),
            status_code=self._status,
            attempts=self._attempts,
            region=self.edge.region["id"] if self.edge.region else None,
            base_url=self.edge.base_url,
            elapsed=self.patience.elapsed if after is None or not self.call.stream else after,
            headers=dict(self._headers),
        )

    def accepts(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether the answer is a success, and of a kind that the operation promises."""
        if not 200 <= status < 300:
            return False
        operation = self.call.operation
        if self.call.stream:
            return kind_of(operation, headers) is not None
        return not operation.responses or wire.answer_kind(operation, headers) is not None

    def excerpt(self, encoding: str | None) -> content.Body:
        """What gathers the beginning of an answer that is not accepted."""
        self.patience.hurry(_EXCERPT_SECONDS)
        try:
            return content.Body(encoding, _EXCERPT)
        except errors.ServerError:  # it cannot be unpacked: the status says enough
            return content.Body(None, 0)

    def refusal(self, headers: Mapping[str, str], body: bytes) -> errors.PolarGridError:
        """The exception of an answer that is not accepted."""
        body = self._settings.api_key.hidden(body)
        self._tell_body("answer", body)
        status = self._status or 0
        if not 200 <= status < 300:
            return errors.from_answer(status, headers, body)
        asked = "a stream was asked for, not" if self.call.stream else "the answer is"
        media = headers.get("content-type") or "an answer of no type"
        what = f"{self.call.operation.name}: {asked} {media}{'' if self.call.stream else ', which it should not be'}"
        return errors.unexpected(what, body, status=status, request_id=headers.get("x-request-id"))

    def body(self, encoding: str | None) -> content.Body:
        """What gathers the answer whole."""
        return content.Body(encoding, self._settings.max_body_bytes)

    def answer(self, headers: Mapping[str, str], body: bytes) -> RawResponse[Any]:
        """The answer as the operation's type; the call is over."""
        self._tell_body("answer", body)
        meta = self.meta
        with suppress(errors.ServerError):
            answer = wire.decode(self.call.operation, headers, body, meta)
            self.succeeded()
            return RawResponse(answer, meta)
        body = self._settings.api_key.hidden(body)  # what cannot be read is quoted
        return RawResponse(wire.decode(self.call.operation, headers, body, meta), meta)

    def chunks(self, headers: Mapping[str, str]) -> Chunks:
        """What makes chunks of the answer's bytes."""
        kind = kind_of(self.call.operation, headers) or EventChunks
        return kind(self.call.operation, self.meta, self._settings.max_event_bytes, self._settings.api_key.hidden)

    def succeeded(self) -> None:
        """The call is over, and well."""
        self._budget.earn(self._retries)

    def __enter__(self) -> None:
        """The call is under way."""

    def __exit__(self, *_: object) -> None:
        """Nothing more will be sent or read: the call went well, failed, or was left."""
        if self._settings.on_meta is not None:
            self._settings.on_meta(self.meta)

    def failed(self, error: errors.PolarGridError, stream: Chunks | None = None) -> float:
        """Seconds until the next try; raises the error where there is none."""
        error.meta, error.request_id = self.meta, error.request_id or self._headers.get("x-request-id")
        if self._status is None:
            self._tell(type(error).__name__)
        if stream is not None and stream.begun:
            raise self._broken(stream, error)
        if retry.may_go_elsewhere(error) or isinstance(error, errors.TimeoutError):
            self._edges.failed(self.edge)
        if error.sent and not self.is_repeatable:
            raise error
        if retry.may_go_elsewhere(error) and (other := self._edges.another(self._tried)) is not None:
            log.logger.info("%s: going on to %s", error.message, other.base_url)
            self.edge = other
            return 0.0
        wait = self._settings.retry.delay(self._retries + 1, error, random.random())  # noqa: S311 - spreads load only
        if wait is None or not self.patience.outlasts(wait) or not self._budget.take():
            raise error
        self._retries += 1
        self._move_on(error)
        log.logger.info("%s: trying again in %.2f s", error.message, wait)
        return wait

    def _tell_body(self, what: str, content: bytes | None) -> None:
        if content and log.bodies.isEnabledFor(logging.DEBUG):
            log.body(what, self._settings.api_key.hidden(content))

    def _broken(self, stream: Chunks, error: errors.PolarGridError) -> errors.PolarGridError:
        """The exception of a stream that had begun: it is never tried again."""
        told = stream.broken(error)
        told.meta, told.__cause__ = error.meta, error.__cause__
        return told

    def _move_on(self, error: errors.PolarGridError) -> None:
        """Where the next try goes: all edges may be tried anew; after silence another one goes first."""
        self._tried = [self.edge] if isinstance(error, errors.TimeoutError) else []
        if retry.may_go_elsewhere(error) or self._tried:
            self.edge = self._edges.another(self._tried) or self._edges.choose()

    def _tell(self, outcome: str) -> None:
        if log.logger.isEnabledFor(logging.DEBUG):
            log.logger.debug(
                "%s %s %s in %d ms (attempt %d, request %s, %s)",
                self.call.method,
                self.call.path,
                outcome,
                self.patience.elapsed * 1000,
                self._attempts,
                self._headers.get("x-request-id") or "-",
                self.edge.region["id"] if self.edge.region else self.edge.base_url,
            )


def _random_id() -> str:
    """A UUID of version 4; the standard library's class takes thrice the time."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
