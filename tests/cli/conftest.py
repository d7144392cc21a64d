"""The command in a process of its own, in a terminal, or by click's runner where no process is the point."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner, Result

from polargrid_cli.commands import polargrid as root
from tests.overlay.conftest import RawEdge

COMMAND = [sys.executable, "-W", "error", "-m", "polargrid_cli"]
PATIENCE = 30  # seconds until a test that would hang fails
KEY = "pg_test_0123456789abcdef"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """No test sees the settings, the proxies or the terminal of the machine that it runs on."""
    for name in list(os.environ):
        if name.startswith("POLARGRID_") or name.lower().endswith("_proxy") or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture
def serve() -> Iterator[Callable[..., RawEdge]]:
    """Starts raw edges: `serve(script, ...)`, each script a function of a connection."""
    edges: list[RawEdge] = []

    def start(*scripts: Callable[[Any], object]) -> RawEdge:
        edges.append(RawEdge(scripts))
        return edges[-1]

    yield start
    for edge in edges:
        edge.join()


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Runs the command in this process: `invoke("models", "--json", url=...)`."""

    def run(*words: str, url: str | None = None, stdin: str | bytes = b"", **environ: str) -> Result:
        return CliRunner().invoke(root, words, input=stdin, env=_environ(url, environ))

    return run


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs the command in a process of its own, to its end."""

    def run(
        *words: str, url: str | None = None, stdin: bytes = b"", cwd: Path | None = None, **environ: str
    ) -> subprocess.CompletedProcess[bytes]:
        surroundings = {**os.environ, **_environ(url, environ)}
        words = (*COMMAND, *words)
        return subprocess.run(
            words, input=stdin, env=surroundings, cwd=cwd, capture_output=True, check=False, timeout=PATIENCE
        )

    return run


@pytest.fixture
def started(serve) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts the command with pipes; what a test leaves running is killed, before its edges are joined."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*words: str, url: str, **environ: str) -> subprocess.Popen[bytes]:
        surroundings = {**os.environ, **_environ(url, environ)}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        processes.append(subprocess.Popen([*COMMAND, *words], env=surroundings, **pipes))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


class Terminal:
    """The command in a terminal: what is typed, and all that the screen was sent."""

    def __init__(self, words: tuple[str, ...], environ: Mapping[str, str], stdout: IO[bytes] | None) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            env={**os.environ, **environ},
            stdin=slave,
            stdout=stdout or slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.screen = ""
        self._looked_at = 0

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, text: str) -> str:
        """What comes until the text does, with it; what was looked at before does not count."""
        begin = self._looked_at
        while (found := self.screen.find(text, begin)) < 0:
            assert self._read(), f"{text!r} did not come: {self.screen!r}"
        self._looked_at = found + len(text)
        return self.screen[begin : self._looked_at]

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """The exit status, when the command has ended."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self) -> str:
        if not select.select([self._master], [], [], PATIENCE)[0]:
            return ""
        try:
            piece = os.read(self._master, 65536).decode()
        except OSError:  # nobody writes any more
            return ""
        self.screen += piece
        return piece

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(serve) -> Iterator[Callable[..., Terminal]]:
    """Starts the command in a terminal of its own; what a test leaves open is closed, before its edges are joined."""
    opened: list[Terminal] = []

    def start(*words: str, url: str, stdout: IO[bytes] | None = None, **environ: str) -> Terminal:
        opened.append(Terminal(words, _environ(url, environ), stdout))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def _environ(url: str | None, environ: Mapping[str, str]) -> dict[str, str]:
    return {**({"POLARGRID_BASE_URL": url} if url else {}), **environ}
