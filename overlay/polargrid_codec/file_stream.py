"""Files that can be read once: pipes, devices, and objects that cannot seek. Reading them never blocks."""

from __future__ import annotations

import inspect
import io
import os
import socket
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

from polargrid_runtime.errors import ValidationError

CHUNK_SIZE = 64 * 1024


class FileStream:
    """A file to read once; it is opened when it is first waited for."""

    def __init__(self, source: Any, param: str = "file") -> None:
        self._source, self._param = source, param  # a path, or the caller's file; the argument, for errors
        self._file: io.FileIO | socket.socket | None = None
        self._receive: Callable[[int], bytes | None] = bytes
        self._failures: list[ValidationError] = []
        self.head: bytes | None = None
        """The first bytes, once they are read."""

    def fileno(self) -> int:
        """The file descriptor to wait for. Raises ValidationError if the file cannot be opened."""
        try:
            return (self._file or self._open()).fileno()
        except (OSError, RuntimeError) as error:  # RuntimeError: no more threads
            self.close()
            raise ValidationError(f"{self._param}: cannot read it: {error}", param=self._param) from error

    def _open(self) -> io.FileIO | socket.socket:
        if isinstance(self._source, str):
            file = self._file = io.FileIO(self._source, opener=open_nonblocking)
            self._receive = file.read
            return file
        reader, writer = socket.socketpair()
        self._file, self._receive = reader, reader.recv
        reader.setblocking(False)
        try:
            Thread(target=_pump, args=(self._source, writer, self._failures, self._param), daemon=True).start()
        except RuntimeError:
            writer.close()
            raise
        return reader

    def read(self) -> bytes | None:
        """Return what has arrived: None if nothing has, no bytes at the end. Raises ValidationError if it fails."""
        try:
            data = self._receive(CHUNK_SIZE)
        except BlockingIOError:
            return None
        except OSError as error:
            raise ValidationError(f"{self._param}: cannot read it: {error}", param=self._param) from error
        if data == b"" and self._failures:
            raise self._failures[0]
        return data

    def close(self) -> None:
        """Close what was opened; a file of the caller's stays open."""
        if self._file is not None:
            self._file.close()


def open_nonblocking(path: str, flags: int) -> int:
    """Open a file for `open(opener=...)`: a pipe does not wait for its writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_bytes(file: Any, size: int, param: str) -> bytes:
    """Read from a file of the caller's. Raises ValidationError if it raises anything, or returns anything but bytes."""
    try:
        data = file.read(size)
    except ValidationError:
        raise
    except Exception as error:
        raise ValidationError(f"{param}: cannot read it: {error or type(error).__name__}", param=param) from error
    if not isinstance(data, bytes | bytearray | memoryview):
        if inspect.iscoroutine(data):
            data.close()  # it would warn that it was never awaited
        message = f"{param}: its `read` returns {type(data).__name__}, not bytes; open it with mode 'rb'"
        raise ValidationError(message, param=param)
    return bytes(data)


def iter_chunks(file: Any) -> Iterator[bytes]:
    """Read a file to its end."""
    while data := file.read(CHUNK_SIZE):
        yield data


def _pump(file: Any, writer: socket.socket, failures: list[ValidationError], param: str) -> None:
    """Copy a file of the caller's, in a thread: its reads may block."""
    with writer:
        while True:
            try:
                data = read_bytes(file, CHUNK_SIZE, param)
            except ValidationError as error:
                failures.append(error)
                return
            try:
                writer.sendall(data)
            except OSError:  # the call has ended
                return
            if not data:
                return
