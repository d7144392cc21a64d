"""Pipes that close early, and Ctrl-C."""

import signal
import subprocess

from tests.cli.conftest import COMMAND
from tests.cli.edges import chat_answer, chat_begins
from tests.overlay.faults.edges import calm


def test_a_reader_who_has_enough(started, serve):
    """As with `| head`: nothing is said, and nothing is wrong."""
    edge = serve(calm(chat_answer(*["line\n"] * 40_000)))
    process = started("chat", "Hi", url=edge.url)
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == b""


def test_a_closed_pipe_for_audio(started, edge):
    """Bytes end as silently as text."""
    process = started("speak", "One. Two. Three.", "--format", "pcm", url=edge.url)
    assert len(process.stdout.read(2)) == 2
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == b""


def test_an_interrupted_answer(started, serve):
    """Ctrl-C ends it with 130; what came is whole, and nothing else is printed."""
    edge = serve(chat_begins("It was a", " dark"))
    process = started("chat", "Hi", url=edge.url)
    assert process.stdout.read(len("It was a dark")) == b"It was a dark"
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=30)
    assert (process.returncode, rest, told) == (130, b"\n", b"")


def test_an_interrupted_wait(started, serve):
    """Before the first word of it, too."""
    edge = serve(calm(lambda connection: (connection.request(), process.send_signal(signal.SIGINT), connection.left())))
    process = started("chat", "Hi", url=edge.url)
    told = process.communicate(timeout=30)
    assert (process.returncode, *told) == (130, b"", b"")


def test_an_answer_in_a_pipe_is_as_it_came(command, serve):
    """Escape sequences are data where no terminal obeys them."""
    edge = serve(chat_answer("\x1b[31mred\x1b[0m \u202e"))
    assert command("chat", "Hi", url=edge.url).stdout.decode() == "\x1b[31mred\x1b[0m \u202e\n"


def test_closed_streams(edge):
    """Who wants no output closes it: the exit status is the answer."""
    words = ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", *COMMAND, "health", "--base-url", edge.url]
    assert subprocess.run(words, check=False).returncode == 0


def test_letters_that_stdout_does_not_know(command, serve):
    """They are escaped rather than fatal."""
    edge = serve(chat_answer("naïve 🦙"))
    told = command("chat", "Hi", url=edge.url, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (told.returncode, told.stdout) == (0, b"na\\xefve \\U0001f999\n")
