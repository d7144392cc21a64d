"""Progress of `polargrid batch run`, on stderr: on a terminal a line that changes, elsewhere a plain line a minute."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING, TextIO

from polargrid_batch.progress import ProgressReader, format_progress
from polargrid_cli.output import escape_controls

if TYPE_CHECKING:
    from polargrid_batch.files import FileRun

_PLAIN_SECONDS = 60.0


class ProgressPrinter:
    """Prints a line when it is time; it is called a few times a second."""

    def __init__(self, stream: TextIO | None = None, *, plain_seconds: float = _PLAIN_SECONDS) -> None:
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._reader, self._plain_seconds = ProgressReader(), plain_seconds
        self._printed_at = time.monotonic()
        self._width = 0

    def __call__(self, run: FileRun) -> None:
        """Print the progress of a run."""
        now = time.monotonic()
        facts = self._reader.read(run, now)
        if not self._is_terminal and now - self._printed_at < self._plain_seconds:
            return
        self._printed_at = now
        line = escape_controls(format_progress(facts))
        if not self._is_terminal:
            print(line, file=self._stream, flush=True)
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"\r{line:<{self._width}}")
        self._stream.flush()
        self._width = len(line)

    def finish(self) -> None:
        """End the line of a terminal."""
        if self._width:
            self._stream.write("\n")
            self._stream.flush()
            self._width = 0
