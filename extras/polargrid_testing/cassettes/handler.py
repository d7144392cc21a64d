"""What the server of a cassette does with a request: it replays, records, or refuses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from polargrid_testing.cassettes.exchange import Exchange
from polargrid_testing.cassettes.headers import ORIGIN_HEADER
from polargrid_testing.cassettes.recording import Interaction
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.cassettes.replay import refusal_steps, replay_steps
from polargrid_testing.cassettes.requests import describe_received
from polargrid_testing.cassettes.tape import Tape
from polargrid_testing.cassettes.upstream import Upstream
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Step
from polargrid_transport.environment import is_loopback

_LOCAL_KEY = "Bearer pg_local"


class CassetteHandler:
    """The handler of a LoopbackServer."""

    def __init__(self, tape: Tape, upstream: Upstream, redactor: Redactor, origin: str, *, times: bool) -> None:
        """`origin` is the server of requests that name none: those of other processes."""
        self._tape, self._upstream, self._redactor, self._origin = tape, upstream, redactor, origin
        self._times = times
        self._exchanges: list[Exchange] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def on_connect(self) -> None:
        """Read requests."""

    def on_head(self, request: ReceivedRequest) -> None:
        """Read the body."""

    async def respond(self, request: ReceivedRequest) -> AsyncGenerator[Step, None]:
        """Yield the steps of a response."""
        self._loop = asyncio.get_running_loop()
        origin = request.headers.get(ORIGIN_HEADER, self._origin)
        try:
            steps = self._select_steps(request, origin)
        except Exception as error:  # noqa: BLE001 - a program that waits for a response is not told why
            steps = refusal_steps(self._tape.fail(error), "cassette_failed")
        if steps is not None:
            for step in steps:
                yield step
            return
        exchange = Exchange(self._upstream, request, origin)
        self._exchanges.append(exchange)
        async with aclosing(exchange.steps()) as received:
            async for step in received:
                yield step

    def _select_steps(self, request: ReceivedRequest, origin: str) -> Iterable[Step] | None:
        """Return the steps of a response that is replayed, or refuses the request; None to record it."""
        self._redactor.note_headers(request.headers.multi_items())
        recorded = describe_received(request, origin, self._redactor)
        interaction = self._tape.take(recorded)
        if interaction is not None:
            return replay_steps(interaction.response, times=self._times, has_body=request.method != "HEAD")
        if not self._tape.is_recording:
            return refusal_steps(self._tape.refuse(recorded), "request_not_recorded")
        if request.headers.get("authorization") == _LOCAL_KEY and not is_loopback(origin):
            message = f"recording sends requests to {origin}, which needs an API key: set POLARGRID_API_KEY"
            return refusal_steps(message, "missing_api_key", status=401)
        return None

    def finish(self) -> list[Interaction]:
        """Wait for the ends of responses that are recorded, in another thread; return what was recorded, in order."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result()
        for exchange in self._exchanges:
            self._redactor.note_headers(exchange.cookies)
        return [exchange.build_interaction(self._redactor) for exchange in self._exchanges]

    async def _finish(self) -> None:
        await asyncio.gather(*(exchange.finish() for exchange in self._exchanges))
        await self._upstream.aclose()
