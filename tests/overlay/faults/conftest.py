"""What holds for every fault: the call ends, the exception is the SDK's own, and the key cannot be read anywhere."""

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
from polargrid import _logging, errors

TIME_LIMIT = 60.0  # seconds for one fault, with all its attempts
TESTS = str(Path(__file__).parent.parent)


class LogCollector(logging.Handler):
    """Collects every log line, at any level, with the arguments and exceptions that a handler can print."""

    def __init__(self) -> None:
        super().__init__(1)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.args!r}")
        if record.exc_info and record.exc_info[1]:
            self.lines.append("".join(_format_traceback(record.exc_info[1])))


def _format_traceback(error: BaseException) -> Iterator[str]:
    """Format an error and its causes with the local variables of all frames, except those of the tests."""
    pending = [traceback.TracebackException.from_exception(error, capture_locals=True)]
    while pending:
        current = pending.pop()
        yield from current.format_exception_only()
        for frame in current.stack:
            if not frame.filename.startswith(TESTS):
                yield f"{frame.filename}:{frame.lineno} {frame.locals}\n"
        causes = (current.__cause__, current.__context__, *(current.exceptions or ()))
        pending += [cause for cause in causes if cause]


def _format_error(error: BaseException) -> str:
    attributes = {name: value for name, value in vars(error).items() if name != "meta"}
    return "".join([*_format_traceback(error), repr(error), str(error), repr(attributes)])


#: The classes that OpenAI's SDK has for one status, and the classes of the list of faults that they are.
CLASSES_OF_ONE_STATUS: dict[type[BaseException], type[BaseException]] = {
    **dict.fromkeys((errors.BadRequestError, errors.UnprocessableEntityError), errors.ValidationError),
    **dict.fromkeys((errors.InternalServerError, errors.APIResponseValidationError), errors.ServerError),
    **dict.fromkeys((errors.LengthFinishReasonError, errors.ContentFilterFinishReasonError), errors.ServerError),
    **dict.fromkeys((errors.ConflictError, errors.APIStatusError, errors.APIConnectionError), errors.PolarGridError),
    errors.PermissionDeniedError: errors.AuthenticationError,
    errors.RequestTimeoutError: errors.TimeoutError,
}


@pytest.fixture
def raised_errors() -> list[BaseException]:
    """The exceptions of a test."""
    return []


@pytest.fixture(autouse=True)
def _check_every_fault(raised_errors, key, monkeypatch) -> Iterator[None]:
    """Check that the test ends in bounded time, with the key in no message, repr, log line or traceback."""
    collector = LogCollector()
    root = logging.getLogger()
    monkeypatch.setattr(_logging.bodies, "disabled", False)
    level, started_at = root.level, time.monotonic()
    root.addHandler(collector)
    root.setLevel(1)
    yield
    root.removeHandler(collector)
    root.setLevel(level)
    assert time.monotonic() - started_at < TIME_LIMIT
    assert key not in "".join(collector.lines)
    assert [key in _format_error(error) for error in raised_errors] == [False for _ in raised_errors]


@pytest.fixture
def expect_error(raised_errors) -> Callable[..., AbstractContextManager[Any]]:
    """`with expect_error(NetworkError, "cannot connect") as caught`: exactly this class, with these attributes.

    A class of one status is that of the fault: the others of its base are the same kind of failure.
    """

    @contextmanager
    def expect(kind: type[BaseException], match: str | None = None, **attributes: Any) -> Iterator[Any]:
        with pytest.raises(kind, match=match) as caught:
            yield caught
        raised_errors.append(caught.value)
        assert kind in (type(caught.value), CLASSES_OF_ONE_STATUS.get(type(caught.value)))
        assert {name: getattr(caught.value, name) for name in attributes} == attributes

    return expect


@pytest.fixture
def connect_to(connect, serve) -> Callable[..., Any]:
    """`connect_to(script, ...)`: a client whose server runs these scripts; retries have no delay."""

    def create(*scripts: Any, **options: Any) -> Any:
        server = serve(*scripts)
        client = connect(**{"base_url": server.url, "retry": polargrid.RetryPolicy(first_delay=0), **options})
        client.server = server
        return client

    return create


@pytest.fixture
def limit_memory() -> Callable[[int], AbstractContextManager[None]]:
    """`with limit_memory(size)`: the block never holds more bytes."""

    @contextmanager
    def limit(size: int) -> Iterator[None]:
        tracemalloc.start()
        try:
            yield
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < size

    return limit
