"""Progress of a run in a notebook: one output of the cell, which is replaced, and becomes the summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from polargrid_batch.progress import ProgressReader, RunState, format_progress
from polargrid_batch.summary import format_summary

_SECONDS = 1.0


class NotebookProgress:
    """Shows a line once a second; `display` is that of IPython."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._display, self._handle = display, None
        self._reader, self._shown_at = ProgressReader(), time.monotonic()

    def __call__(self, run: RunState) -> None:
        """Show the progress of a run; it is called a few times a second."""
        now = time.monotonic()
        facts = self._reader.read(run, now)
        if now - self._shown_at >= _SECONDS:
            self._shown_at = now
            self._show(format_progress(facts))

    def finish(self, run: RunState) -> None:
        """Show the summary of a run that sent something."""
        if run.engine is not None:
            self._show(format_summary(run.summary))

    def _show(self, text: str) -> None:
        data = {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def create_notebook_progress() -> NotebookProgress | None:
    """Return the progress of a program in a kernel of Jupyter; None elsewhere. It does not import IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if ipython is None or not hasattr(shell, "kernel"):  # IPython in a terminal has none
        return None
    return NotebookProgress(ipython.display.display)
