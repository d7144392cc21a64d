"""From a request to its answer: the key, the rules, the faults. It records what it received."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

import httpx

from polargrid_edge.errors import EdgeError
from polargrid_testing.cassettes.headers import ORIGIN_HEADER, ROUTE_HEADER
from polargrid_testing.fake.active_faults import ActiveFault
from polargrid_testing.fake.examples import build_example
from polargrid_testing.fake.jobs import JobStore
from polargrid_testing.fake.requests import find_error, find_operation, render_error
from polargrid_testing.fake.rules import Rule
from polargrid_testing.fake.unscripted import STATUS, build_error, describe
from polargrid_testing.received import ReceivedRequest
from polargrid_testing.steps import Answer, Reset, Step


class FakeHandler:
    """The state of a fake, under a lock: servers and clients call it on several threads."""

    def __init__(
        self,
        api_key: str | None,
        name: str,
        on_unscripted: Callable[[str], object] | None = None,
        *,
        is_recording: bool = True,
    ) -> None:
        self.lock = threading.RLock()
        self._is_recording = is_recording
        self.api_key, self.name, self._on_unscripted = api_key, name, on_unscripted
        self.rules: list[Rule] = []
        self.faults: list[ActiveFault] = []
        """In the order in which they were asked for."""
        self.requests: list[ReceivedRequest] = []
        self.unscripted: list[tuple[ReceivedRequest, str]] = []
        self.errors: list[BaseException] = []
        self.jobs = JobStore()
        self.uses_examples = False
        self._count = 0
        self._heads: list[httpx.Headers] = []

    def clear(self) -> None:
        """Forget all rules and requests."""
        with self.lock:
            self.rules, self.requests, self.unscripted, self.errors, self._heads = [], [], [], [], []
            self.jobs, self.uses_examples, self._count = JobStore(), False, 0

    def on_connect(self) -> Iterable[Step] | None:
        """Return the steps of a fault of a connection."""
        with self.lock:
            return self._run_fault("connect", None, lambda bound: bound.on_connect())

    def on_head(self, request: ReceivedRequest) -> Iterable[Step] | None:
        """Return the steps of a fault that happens before the body is read."""
        request = _identify(request)
        with self.lock:
            steps = self._run_fault("head", request, lambda bound: bound.on_head(request))
            if steps is None:
                return None
            if self._is_recording:
                self.requests.append(request)
                self._heads.append(request.headers)  # `respond` replaces it, if the steps lead there
            return steps

    def needs_thread(self, request: ReceivedRequest) -> bool:
        """Whether `respond` may call functions of the script, which may block, or use the fake themselves."""
        operation = find_operation(request.method, request.target)
        with self.lock:
            return any(rule.has_functions for rule in self.rules if operation in rule.operations)

    def respond(self, request: ReceivedRequest) -> Iterable[Step]:
        """Return the steps of the answer, or of a fault that changes it."""
        request = _identify(request)
        with self.lock:
            self._count += 1
            number = self._count
            self._record(request)
        try:
            steps = self._respond(request, number)
        except Exception as failure:  # noqa: BLE001 - a fault, or the kit itself; it must not end the server
            steps = self._explain(failure).steps(has_body=request.method != "HEAD")
        return steps

    def _respond(self, request: ReceivedRequest, number: int) -> Iterable[Step]:
        answer = self._answer(request, number)
        with self.lock:
            if answer is None and any(active.applies("response", request) for active in self.faults):
                example = _with_id(self._run(lambda: build_example(request, number)), number)
                steps = self._run_fault("response", request, lambda bound: bound.respond(request, example))
                if steps is not None:
                    return steps
            answer = _with_id(self._reject(request) if answer is None else answer, number)
            steps = self._run_fault("response", request, lambda bound: bound.respond(request, answer))
            return _frame(answer, request).steps(has_body=request.method != "HEAD") if steps is None else steps

    def _guard(self, steps: Iterable[Step], stage: str) -> Generator[Step, Any, None]:
        """Yield the steps of a fault. One that fails ends the connection, and is for `check`."""
        try:
            yield from steps
        except Exception as failure:  # noqa: BLE001 - its options may make no sense together
            failure.add_note(stage)
            self._note(failure)
            yield Reset()

    def find_fault_of_server(self) -> str | None:
        """Return a fault that makes the server unreachable, for clients that need no socket."""
        with self.lock:
            return next((str(active.bound) for active in self.faults if active.bound.phase == "server"), None)

    def _record(self, request: ReceivedRequest) -> None:
        """Record a request; its head may be recorded already."""
        if not self._is_recording:
            return
        if any(headers is request.headers for headers in self._heads):
            self._heads = [headers for headers in self._heads if headers is not request.headers]
            self.requests = [request if item.headers is request.headers else item for item in self.requests]
        else:
            self.requests.append(request)

    def _run_fault(self, phase: str, request: ReceivedRequest | None, run: Any) -> Iterable[Step] | None:
        """Return the steps of the newest fault that applies; a fault that returns None was not used."""
        for active in reversed(self.faults):
            if active.applies(phase, request):
                steps: Iterable[Step] | None = run(active.bound)
                if steps is not None:
                    active.uses += 1
                    return self._guard(steps, f"in the fault {active.bound}")
        return None

    def _answer(self, request: ReceivedRequest, number: int) -> Answer | None:
        """Return the answer to a request; None if no rule has one. Functions of the script run without the lock."""
        error = find_error(request, self.api_key)
        if error is not None:
            return render_error(error)
        with self.lock:
            rules = list(reversed(self.rules))
        for rule in rules:
            if self._matches(rule, request):
                with self.lock:
                    if rule.is_used_up:  # by another request, meanwhile
                        continue
                    value = rule.take(request, is_recorded=self._is_recording)
                return self._run(functools.partial(rule.build, value, request, number))
        return self._run(lambda: build_example(request, number)) if self.uses_examples else None

    def _matches(self, rule: Rule, request: ReceivedRequest) -> bool:
        try:
            return rule.matches(request)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # noqa: BLE001 - as in `_run`
            self._note(failure)
            return False

    def _run(self, build: Callable[[], Answer]) -> Answer:
        """Build an answer; what a function of the script raises is for `check`."""
        try:
            return build()
        except EdgeError as error:  # of the request
            return render_error(error)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # noqa: BLE001 - also `pytest.fail`, and `sys.exit`
            return self._explain(failure)

    def _explain(self, failure: BaseException) -> Answer:
        self._note(failure)
        message = f"the script of this test failed: {type(failure).__name__}: {failure}"
        return render_error(EdgeError(STATUS, message, "invalid_script"))

    def _note(self, failure: BaseException) -> None:
        if self._is_recording:
            with self.lock:
                self.errors.append(failure)
        else:
            self._notify(f"the script failed: {type(failure).__name__}: {failure}")

    def _reject(self, request: ReceivedRequest) -> Answer:
        text = describe(request, self.rules, self.name)
        if self._is_recording:
            self.unscripted.append((request, text))
        self._notify(text)
        return render_error(build_error(text))

    def _notify(self, text: str) -> None:
        if self._on_unscripted is not None:
            self._on_unscripted(text)


def _identify(request: ReceivedRequest) -> ReceivedRequest:
    """Return a request with its operation, and without the headers of this package."""
    for name in (ORIGIN_HEADER, ROUTE_HEADER):
        request.headers.pop(name, None)
    return replace(request, operation=find_operation(request.method, request.target))


def _with_id(answer: Answer, number: int) -> Answer:
    has_id = any(name.lower() == "x-request-id" for name in answer.headers)
    return answer if has_id else replace(answer, headers={**answer.headers, "x-request-id": f"req_{number}"})


def _frame(answer: Answer, request: ReceivedRequest) -> Answer:
    """Return an answer that the client can read: HTTP/1.0 has no chunks, so it gets the body at once."""
    is_chunked = not isinstance(answer.body, bytes)
    return replace(answer, body=answer.content) if is_chunked and request.http_version == "1.0" else answer
