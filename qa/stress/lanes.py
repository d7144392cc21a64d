"""A lane: one client, with its transport and its event loop, shared by several threads or tasks."""

from __future__ import annotations

import asyncio
import itertools
import os
import ssl
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from polargrid import PolarGrid, PolarGridSync, RetryPolicy
from polargrid.config import TRANSPORTS
from qa.stress.operations import call_async, call_sync
from qa.stress.payloads import HEADER
from qa.stress.plans import Plan, make_plans
from qa.stress.server import CERTIFICATES
from qa.stress.tally import Tally
from qa.stress.verdicts import HANG, KEY, MAX_SECONDS, CallResult

_WORKERS: Final = 10
_CONNECTIONS: Final = 8  # fewer than workers, so that calls also wait for one
_POLL: Final = 0.5
_RETRY: Final = RetryPolicy(first_delay=0.001, max_delay=0.01, budget=float("inf"))
_LIMITS: Final[dict[str, int]] = {"max_body_bytes": 4_000_000, "max_event_bytes": 1_000_000}


@dataclass(frozen=True)
class Lane:
    """A kind of client, and how it connects."""

    client: str
    transport: str
    loop: str
    scheme: str

    def __str__(self) -> str:
        return " ".join(filter(None, [self.client, self.transport, self.scheme, self.loop]))


LANES: Final = tuple(
    Lane(client, transport, loop, scheme)
    for client, loop in (("sync", ""), ("async", "asyncio"), ("async", "uvloop"))
    for transport in TRANSPORTS
    for scheme in ("http", "https")
)


def run_lane(lane: Lane, urls: Mapping[str, str], seed: str, calls: int) -> Tally:
    """Make the calls of a lane with one client, and close it."""
    tally, plans = Tally(str(lane)), make_plans(seed, calls, can_cancel=lane.client == "async")
    context = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem") if lane.scheme == "https" else None
    options: dict[str, Any] = {"transport": lane.transport, "ssl_context": context, "retry": _RETRY, **_LIMITS}
    options |= {"api_key": KEY, "base_url": urls[""], "max_connections": _CONNECTIONS}
    with _watch_exceptions(tally):
        if lane.client == "sync":
            _SyncRun(tally, urls, plans).run(PolarGridSync(**options))
        else:
            with asyncio.Runner(loop_factory=_loop_factory(lane.loop)) as runner:
                runner.run(_AsyncRun(tally, urls, plans).run(PolarGrid(**options)))
    return tally


def _loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if name == "asyncio":
        return asyncio.new_event_loop
    import uvloop

    return uvloop.new_event_loop


@contextmanager
def _watch_exceptions(tally: Tally) -> Iterator[None]:
    """Count what is raised where no caller can catch it."""

    def report(unraisable: Any) -> None:
        text = "".join(traceback.format_exception(unraisable.exc_value))
        tally.problems.append(f"{unraisable.err_msg or 'ignored'} {unraisable.object!r}: {text}")

    previous, sys.unraisablehook = sys.unraisablehook, report
    try:
        yield
    finally:
        sys.unraisablehook = previous


def _current() -> Any:
    """The worker that runs: a task, or a thread."""
    with suppress(RuntimeError):
        if (task := asyncio.current_task()) is not None:
            return task
    return threading.current_thread()


class _Run:
    """The workers of a lane take the plans one after another."""

    def __init__(self, tally: Tally, urls: Mapping[str, str], plans: Iterator[Plan]) -> None:
        self._tally, self._urls, self._plans = tally, urls, plans
        self._copies: dict[str, Any] = {}  # of the client, by address
        self._pending: dict[Any, tuple[Plan, float]] = {}  # by thread or task

    def _start(self, plan: Plan) -> list[Any]:
        """Start a call; the list is for its metadata."""
        self._pending[_current()] = plan, time.monotonic()
        return []

    def _select_client(self, client: Any, address: str) -> Any:
        if address not in self._copies:
            self._copies[address] = client.with_options(base_url=self._urls[address]) if address else client
        return self._copies[address]

    def _add(self, plan: Plan, outcome: tuple[str, bool] | BaseException, metas: Sequence[Any]) -> None:
        """End a call; `metas` has its metadata, unless nothing was sent."""
        seconds = time.monotonic() - self._pending.pop(_current())[1]
        attempts, origin = (metas[-1].attempts, metas[-1].headers.get(HEADER, "")) if metas else (0, "")
        if len(metas) > 1:
            self._tally.problems.append(f"on_meta was called {len(metas)} times: {plan}")
        self._tally.add(CallResult(plan, outcome, attempts, origin, seconds))

    def _find_hanging(self) -> list[Any]:
        now = time.monotonic()
        return [worker for worker, (_, started_at) in self._pending.copy().items() if now - started_at > MAX_SECONDS]


class _SyncRun(_Run):
    def run(self, client: PolarGridSync) -> None:
        """Run the workers, and close the client while the last calls are made."""
        self._lock, self._taken = threading.Lock(), threading.Event()
        threads = [threading.Thread(target=self._work, args=(client,), daemon=True) for _ in range(_WORKERS)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if self._taken.wait(_POLL):
                client.close()
                for thread in threads:
                    thread.join(_POLL)
            for thread in self._find_hanging():
                self._give_up(thread)

    def _take(self) -> Plan | None:
        with self._lock:
            plan = next(self._plans, None)
        if plan is None:
            self._taken.set()
        return plan

    def _work(self, client: PolarGridSync) -> None:
        while (plan := self._take()) is not None:
            metas = self._start(plan)
            try:
                copy = self._select_client(client, plan.address)
                result: Any = call_sync(copy, plan, {**plan.options, "on_meta": metas.append})
            except BaseException as error:  # noqa: BLE001 - judged
                result = error
            self._add(plan, result, metas)

    def _give_up(self, thread: threading.Thread) -> None:
        """A thread that hangs cannot be ended: neither can the run."""
        frame = sys._current_frames().get(thread.ident or 0)
        plan = self._pending[thread][0]
        print(f"{HANG}: {plan}\n{''.join(traceback.format_stack(frame))}", flush=True)
        os._exit(1)


class _AsyncRun(_Run):
    async def run(self, client: PolarGrid) -> None:
        """Run the workers, and close the client while the last calls are made."""
        asyncio.get_running_loop().set_exception_handler(self._on_exception)
        self._taken, self._calls = asyncio.Event(), dict[Any, asyncio.Task[Any]]()
        workers = [asyncio.ensure_future(self._work(client)) for _ in range(_WORKERS)]
        watching = asyncio.ensure_future(self._watch())
        await self._taken.wait()
        await client.close()
        await asyncio.wait(workers)
        watching.cancel()
        await asyncio.wait([watching])
        others = asyncio.all_tasks() - {asyncio.current_task()}
        self._tally.problems += [f"a task is left: {task!r}" for task in others]
        for worker in workers:
            worker.result()

    def _on_exception(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        text = "".join(traceback.format_exception(error)) if error else ""
        self._tally.problems.append(f"{context['message']}: {text or context}")

    async def _work(self, client: PolarGrid) -> None:
        for plan in self._plans:
            metas = self._start(plan)
            copy = self._select_client(client, plan.address)
            call = asyncio.ensure_future(call_async(copy, plan, {**plan.options, "on_meta": metas.append}))
            self._calls[_current()] = call
            await asyncio.wait([call], timeout=plan.seconds if plan.action == "cancel" else None)
            if not call.done():
                call.cancel()
                await asyncio.wait([call])
            result: Any = asyncio.CancelledError() if call.cancelled() else call.exception() or call.result()
            self._add(plan, result, metas)
        self._taken.set()

    async def _watch(self) -> None:
        for _ in itertools.count():
            await asyncio.sleep(_POLL)
            for worker in self._find_hanging():
                print(f"{HANG}: {self._pending[worker][0]}", flush=True)
                self._calls[worker].print_stack()
                self._calls[worker].cancel()
