"""A worker process and the requests to it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, cast

from polargrid_edge.workers.child import DATA, END, FRAME, OUT_OF_MEMORY, REJECTED, REQUEST

_START_SECONDS: Final = 60.0
_EXIT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05
# The edge ends a late worker; the worker itself, only where the edge is gone.
_MARGIN_SECONDS: Final = 1.0
_KILLED: Final = -9  # by SIGKILL, which the system sends when it is out of memory


_Reason = Literal["memory", "time", "crash", "killed"]


class RejectedError(ValueError):
    """The worker rejected the request; the message is for the client."""


class WorkerError(Exception):
    """The worker ended before its response: at the bound of `memory` or `time`, by a `crash`, or `killed` by others."""

    def __init__(self, reason: _Reason) -> None:
        super().__init__(f"the worker ended: {reason}")
        self.reason = reason


class WorkerProcess:
    """A process that serves one request at a time, started by the first and again after a failure. Thread-safe.

    A request that reaches a bound ends the process, never the edge; the memory is then free again.
    """

    def __init__(self, task: str, *, memory_bytes: int) -> None:
        self._task = task
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def call(
        self,
        options: Any,
        content: bytes | BinaryIO,
        on_data: Callable[[bytes], None],
        *,
        max_seconds: float,
        is_late: Callable[[float], bool] = lambda _: False,
    ) -> None:
        """Send a request, and call `on_data` with each part of the response. Blocks.

        The worker ends after `max_seconds`, and earlier if `is_late`, which is called every few hundredths of a second
        with the seconds since the request was sent, returns True.
        Raises `RejectedError` or `WorkerError`, and `RuntimeError` if no worker can be started, or if it is killed,
        which is not the fault of the request.
        """
        with self._lock:
            process = self._start()
            try:
                with _watch(process, lambda seconds: self._closed or seconds > max_seconds or is_late(seconds)):
                    _send(process, max_seconds + _MARGIN_SECONDS, json.dumps(options).encode(), content)
                    _receive(process, on_data)
            except RejectedError:
                raise
            except BaseException as error:
                self._discard()
                if isinstance(error, WorkerError) and error.reason == "killed" and not self._closed:
                    raise RuntimeError(f"the {self._task} worker was killed; the system may lack memory") from error
                raise

    def close(self) -> None:
        """End the process; an active request raises `WorkerError`."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()
        with self._lock:
            self._discard()

    def _start(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise RuntimeError("the worker is closed")
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._discard()
        process = self._process = _spawn(self._task, self._memory_bytes)
        try:
            with _watch(process, lambda seconds: self._closed or seconds > _START_SECONDS):
                _read_frame(process)
        except WorkerError as error:
            self._discard()
            raise RuntimeError(f"the {self._task} worker did not start; its error is on stderr") from error
        return process

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for file in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # closing flushes what the worker did not read
                    cast("BinaryIO", file).close()


def _spawn(task: str, memory_bytes: int) -> subprocess.Popen[bytes]:
    # The worker imports what this process imports, and never a module of the current directory by accident (-P).
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    # More threads cost memory, and a response is small.
    environment = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "polargrid_edge.workers.child", task, str(memory_bytes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # Ctrl+C in a terminal reaches the edge, which ends the worker
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


@contextlib.contextmanager
def _watch(process: subprocess.Popen[bytes], is_late: Callable[[float], bool]) -> Iterator[None]:
    """Kill the process once it is late. Raises `WorkerError` where the process ends in the context."""
    done = threading.Event()
    is_over = False

    def watch() -> None:
        nonlocal is_over
        started = time.monotonic()
        while not is_over and not done.wait(_POLL_SECONDS):
            is_over = is_late(time.monotonic() - started)
        if is_over:
            process.kill()

    watcher = threading.Thread(target=watch, name="edge-worker-watch", daemon=True)
    watcher.start()
    try:
        yield
    except (OSError, EOFError):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_EXIT_SECONDS)
        reasons: dict[int, _Reason] = {OUT_OF_MEMORY: "memory", _KILLED: "killed"}
        raise WorkerError("time" if is_over else reasons.get(process.returncode, "crash")) from None
    finally:
        done.set()
        watcher.join()
        if is_over:
            process.wait()


def _send(process: subprocess.Popen[bytes], seconds: float, options: bytes, content: bytes | BinaryIO) -> None:
    stdin = cast("BinaryIO", process.stdin)
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    stdin.write(REQUEST.pack(seconds, len(options), size) + options)
    shutil.copyfileobj(file, stdin)
    stdin.flush()


def _receive(process: subprocess.Popen[bytes], on_data: Callable[[bytes], None]) -> None:
    while True:
        kind, data = _read_frame(process)
        if kind == END:
            return
        if kind == REJECTED:
            raise RejectedError(data.decode())
        if kind == DATA:
            on_data(data)


def _read_frame(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    stdout = cast("BinaryIO", process.stdout)
    kind, size = FRAME.unpack(_read_exactly(stdout, FRAME.size))
    return kind, _read_exactly(stdout, size)


def _read_exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data
