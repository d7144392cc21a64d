"""What holds of every fault: it ends in time, its exception is the SDK's own, and the key is nowhere to be read."""

from __future__ import annotations

import logging
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

import polargrid
from polargrid import log
from tests.overlay.faults.edges import calm

SECONDS = 10.0  # that a fault may take, with all its tries
TESTS = str(Path(__file__).parent.parent)


class Told(logging.Handler):
    """Every log line, at any level, as anybody might print it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.args!r}")
        if record.exc_info and record.exc_info[1]:
            self.lines.append("".join(_shown(record.exc_info[1])))


def _shown(error: BaseException) -> Iterator[str]:
    """All that a traceback can show of an error and its causes, local variables too, but for the tests' own."""
    waiting = [traceback.TracebackException.from_exception(error, capture_locals=True)]
    while waiting:
        told = waiting.pop()
        yield from told.format_exception_only()
        for frame in told.stack:
            if not frame.filename.startswith(TESTS):
                yield f"{frame.filename}:{frame.lineno} {frame.locals}\n"
        waiting += [each for each in (told.__cause__, told.__context__, *(told.exceptions or ())) if each]


def _told(error: BaseException) -> str:
    facts = {name: value for name, value in vars(error).items() if name != "meta"}
    return "".join([*_shown(error), repr(error), str(error), repr(facts)])


@pytest.fixture
def errors() -> list[BaseException]:
    """The exceptions that the test saw."""
    return []


@pytest.fixture(autouse=True)
def _survived(errors, key, monkeypatch) -> Iterator[None]:
    """In bounded time, with the key in no message, repr, log line or traceback."""
    told = Told()
    root = logging.getLogger()
    monkeypatch.setattr(log.bodies, "disabled", False)
    level, started = root.level, time.monotonic()
    root.addHandler(told)
    root.setLevel(1)
    yield
    root.removeHandler(told)
    root.setLevel(level)
    assert time.monotonic() - started < SECONDS
    assert key not in "".join(told.lines)
    assert [key in _told(error) for error in errors] == [False for _ in errors]


@pytest.fixture
def fails(errors) -> Callable[..., AbstractContextManager[Any]]:
    """`with fails(NetworkError, "refused") as caught`: this class and no other, with these facts."""

    @contextmanager
    def expect(kind: type[BaseException], match: str | None = None, **facts: Any) -> Iterator[Any]:
        with pytest.raises(kind, match=match) as caught:
            yield caught
        errors.append(caught.value)
        assert type(caught.value) is kind
        assert {name: getattr(caught.value, name) for name in facts} == facts

    return expect


@pytest.fixture
def against(connect, serve) -> Iterator[Callable[..., Any]]:
    """`against(script, ...)`: a client whose edge runs these scripts; it waits for nothing between tries."""

    def make(*scripts: Any, **options: Any) -> Any:
        edge = serve(*map(calm, scripts))
        client = connect(**{"base_url": edge.url, "retry": polargrid.RetryPolicy(first_delay=0), **options})
        client.edge = edge
        return client

    yield make
    connect.close()  # an edge may wait for the client to leave


@pytest.fixture
def within() -> Callable[[float], AbstractContextManager[None]]:
    """`with within(seconds)`: what is inside takes no longer."""

    @contextmanager
    def bound(seconds: float) -> Iterator[None]:
        started = time.monotonic()
        yield
        assert time.monotonic() - started < seconds

    return bound


@pytest.fixture
def memory() -> Callable[[int], AbstractContextManager[None]]:
    """`with memory(size)`: what is inside never holds more bytes."""

    @contextmanager
    def bound(size: int) -> Iterator[None]:
        tracemalloc.start()
        try:
            yield
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < size

    return bound
