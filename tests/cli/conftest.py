"""Three ways to run the command: in this process, in a process of its own, in a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner, Result

from polargrid_cli.commands import polargrid
from tests.cli.servers import Script, ScriptedServer

COMMAND = [sys.executable, "-W", "error", "-m", "polargrid_cli"]
TIMEOUT = 60  # seconds until a test that hangs fails


@pytest.fixture(autouse=True)
def set_terminal(monkeypatch, tmp_path_factory):
    """Hide the terminal and the saved chats of the machine that runs the tests."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")  # nothing answers where the cursor is
    monkeypatch.setenv("POLARGRID_STATE", str(tmp_path_factory.mktemp("state")))


@contextmanager
def default_sigint() -> Iterator[None]:
    """Start children with the default SIGINT: a child inherits an ignored one, as in a shell's background job."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


@pytest.fixture
def start_server() -> Iterator[Callable[..., ScriptedServer]]:
    """Start scripted servers: `start_server(script, ...)`, where the n-th connection runs the n-th script."""
    servers: list[ScriptedServer] = []

    def start(*scripts: Script) -> ScriptedServer:
        servers.append(ScriptedServer(scripts))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def closed_url() -> Iterator[str]:
    """The URL of a port that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run the command in this process: `invoke("models", "--json", url=...)`."""

    def run(*words: str, url: str | None = None, stdin: str | bytes = b"", **variables: str) -> Result:
        return CliRunner().invoke(polargrid, words, input=stdin, env=_environment(url, variables))

    return run


@pytest.fixture
def run_process() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run the command in a process of its own until it exits."""

    def run(*words: str, url: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[bytes]:
        environ = {**os.environ, **_environment(url, variables)}
        with default_sigint():
            return subprocess.run(
                (*COMMAND, *words), input=b"", env=environ, cwd=cwd, capture_output=True, check=False, timeout=TIMEOUT
            )

    return run


@pytest.fixture
def start_process(start_server) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the command with pipes; a process that still runs is killed before the servers stop."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*words: str, url: str | None = None, **variables: str) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **_environment(url, variables)}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with default_sigint():
            processes.append(subprocess.Popen([*COMMAND, *words], env=environ, **pipes))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


class Terminal:
    """The command in a terminal: keyboard and screen."""

    def __init__(self, words: tuple[str, ...], variables: Mapping[str, str], stdout: IO[bytes] | None) -> None:
        self._master, slave = pty.openpty()
        with default_sigint():
            self.process = subprocess.Popen(
                [*COMMAND, *words],
                env={**os.environ, **variables},
                stdin=slave,
                stdout=stdout or slave,
                stderr=slave,
                start_new_session=True,
            )
        os.close(slave)
        self.screen = ""
        self._position = 0

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._master, text.encode())

    def read_until(self, text: str) -> str:
        """Return the output up to and including the text, from the end of the previous read."""
        start = self._position
        while (index := self.screen.find(text, start)) < 0:
            assert self._read(), f"{text!r} is not on the screen: {self.screen!r}"
        self._position = index + len(text)
        return self.screen[start : self._position]

    def interrupt(self) -> None:
        """Send SIGINT, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def wait(self) -> int:
        """Read the output to its end and return the exit status."""
        while self._read():
            pass
        return self.process.wait(TIMEOUT)

    def close(self) -> None:
        """Kill the process if it still runs."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self) -> str:
        if not select.select([self._master], [], [], TIMEOUT)[0]:
            return ""
        try:
            text = os.read(self._master, 65536).decode()
        except OSError:  # the process has closed the terminal
            return ""
        self.screen += text
        return text


@pytest.fixture
def open_terminal(start_server) -> Iterator[Callable[..., Terminal]]:
    """Start the command in a terminal of its own; it is closed before the servers stop."""
    terminals: list[Terminal] = []

    def start(*words: str, url: str, stdout: IO[bytes] | None = None, **variables: str) -> Terminal:
        terminals.append(Terminal(words, _environment(url, variables), stdout))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def _environment(url: str | None, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {**({"POLARGRID_BASE_URL": url} if url else {}), **variables}
