"""The access log: a line for each request, as JSON or as text, without bodies, queries and keys."""

from __future__ import annotations

import json
import logging
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from polargrid_edge.errors import escape, shorten
from polargrid_edge.http.responses import timestamp

if TYPE_CHECKING:
    from polargrid_edge.http.request_record import RequestRecord

Style = Literal["json", "text", "off"]

_log = logging.getLogger("polargrid_edge")

STDOUT: Final = Path("-")
# A disk or a reader of a pipe that is slow must not stop the edge, and lines that wait must not fill its memory.
_MAX_WAITING: Final = 20_000
_CLOSE_SECONDS: Final = 5.0


def default_style() -> Style:
    """Text for a person at a terminal, JSON for a program that collects the log."""
    return "text" if sys.stderr.isatty() else "json"


def access_fields(record: RequestRecord) -> dict[str, Any]:
    """The fields of a line, those without a value omitted. Times are in milliseconds, sizes in bytes."""
    fields: dict[str, Any] = {
        "time": timestamp(datetime.fromtimestamp(record.time, UTC)),
        "request_id": record.request_id,
        "client": None if record.client is None else shorten(record.client),
        "method": record.method,
        "path": None if record.path is None else shorten(record.path),
        "operation": record.operation,
        "status": record.final_status,
        "duration_ms": _milliseconds(record.duration),
        "first_byte_ms": _milliseconds_since(record.started_at, record.first_byte_at),
        "first_token_ms": _milliseconds_since(record.started_at, record.first_token_at),
        "queued_ms": None if record.queued is None else _milliseconds(record.queued),
        "bytes_received": record.bytes_received,
        "bytes_sent": record.bytes_sent,
        "model": record.model,
        "input_tokens": record.input_tokens or None,
        "output_tokens": record.output_tokens or None,
        "key": record.key,
        "error": None if record.error is None else shorten(record.error),
        "client_left": record.client_left or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def to_json_line(record: RequestRecord) -> str:
    return json.dumps(access_fields(record), separators=(",", ":"))  # ASCII: a line stays a line in any encoding


def to_text_line(record: RequestRecord) -> str:
    """A line for people: time, status, what was asked, and the other facts as `name=value`."""
    fields = access_fields(record)
    head = [str(fields.pop(name, "-")) for name in ("time", "status", "method", "path", "duration_ms")]
    head[-1] += " ms"
    return escape(" ".join([*head, *(f"{name}={value}" for name, value in fields.items())]))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _milliseconds_since(start: float, end: float | None) -> float | None:
    return None if end is None else _milliseconds(end - start)


_FORMATS: Final[Mapping[str, Callable[[RequestRecord], str]]] = {"json": to_json_line, "text": to_text_line}


class AccessLog:
    """Writes lines on a thread. A file that a tool like logrotate moved away is opened again under its name.

    `lost` counts the lines that could not be written: the queue was full, or writing failed.
    """

    def __init__(self, style: Literal["json", "text"], path: Path | None = None) -> None:
        """`path` is a file, `-` the standard output, None the standard error. Raises `OSError`."""
        self._format = _FORMATS[style]
        self._handler = _open_handler(path)
        self._records: queue.Queue[RequestRecord | None] = queue.Queue(_MAX_WAITING)
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="edge-access-log", daemon=True)
        self._thread.start()

    def __call__(self, record: RequestRecord) -> None:
        """Write the line of a request, without waiting for it."""
        try:
            self._records.put_nowait(record)
        except queue.Full:
            self._lose("the access log is slower than the requests")

    def close(self) -> None:
        """Write what is left, for some seconds at most."""
        try:
            self._records.put(None, timeout=_CLOSE_SECONDS)
        except queue.Full:
            return
        self._thread.join(_CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._handler.close()

    def _run(self) -> None:
        while (record := self._records.get()) is not None:
            try:
                self._write(self._format(record) + "\n")
            except (OSError, ValueError) as error:  # ValueError: the stream is closed
                self._lose(str(error))

    def _write(self, line: str) -> None:
        if isinstance(self._handler, WatchedFileHandler):
            self._handler.reopenIfNeeded()
        stream: Any = self._handler.stream
        stream.write(line)
        stream.flush()

    def _lose(self, reason: str) -> None:
        self.lost += 1
        if self.lost == 1:  # once, and not for each request; /metrics has the number
            _log.warning("Lines of the access log are lost: %s", reason)


def _open_handler(path: Path | None) -> Any:
    """A handler for its stream; the standard streams are not closed with it."""
    if path is None or path == STDOUT:
        return logging.StreamHandler(sys.stderr if path is None else sys.stdout)
    return WatchedFileHandler(path, encoding="utf-8")
