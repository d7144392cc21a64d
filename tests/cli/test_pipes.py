"""Closed pipes, Ctrl-C, and encodings of stdout."""

import json
import os
import signal
import subprocess

import pytest

from polargrid_testing.steps import AwaitClose, ReceiveRequest
from tests.cli.conftest import COMMAND, TIMEOUT
from tests.cli.servers import (
    healthy,
    respond,
    response,
    route,
    stream_chat,
    stream_chat_and_wait,
)


def test_a_closed_pipe_is_success(start_process, start_server):
    """As with `| head`, nothing is printed to stderr."""
    server = start_server(stream_chat(*["line\n"] * 40_000))
    process = start_process("chat", "Hi", url=server.url)
    assert process.stdout.readline() == b"line\n"
    process.stdout.close()
    assert process.wait(TIMEOUT) == 0
    assert process.stderr.read() == b""


def test_a_closed_pipe_for_audio_is_success(start_process, start_server):
    """The audio is longer than a pipe's buffer, so that the command writes after the pipe is closed."""
    audio = response(bytes(1_000_000), media_type="audio/pcm")
    process = start_process("speak", "Hi", "--format", "pcm", url=start_server(route(lambda _path: audio)).url)
    assert len(process.stdout.read(2)) == 2
    process.stdout.close()
    assert process.wait(TIMEOUT) == 0
    assert process.stderr.read() == b""


def test_ctrl_c_ends_a_stream(start_process, start_server):
    """The exit status is 130; the text ends with a line break, and nothing else is printed."""
    server = start_server(stream_chat_and_wait("It was a", " dark"))
    process = start_process("chat", "Hi", url=server.url)
    assert process.stdout.read(len("It was a dark")) == b"It was a dark"
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, rest, errors) == (130, b"\n", b"")


def test_ctrl_c_is_tested_under_a_parent_that_ignores_it(start_process, start_server):
    """A shell ignores SIGINT for a background job; the fixtures start the command with the default."""
    server = start_server(stream_chat_and_wait("It was"))
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = start_process("chat", "Hi", url=server.url)
    finally:
        signal.signal(signal.SIGINT, previous)
    assert process.stdout.read(len("It was")) == b"It was"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130


def test_ctrl_c_ends_the_wait_for_a_response(start_process, start_server):
    """Before the first byte of the response, too."""

    def interrupt():
        yield ReceiveRequest()
        process.send_signal(signal.SIGINT)
        yield AwaitClose()

    process = start_process("chat", "Hi", url=start_server(interrupt).url)
    output, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_a_pipe_receives_control_characters(run_process, start_server):
    """Escape sequences are data if stdout is no terminal."""
    server = start_server(stream_chat("\x1b[31mred\x1b[0m \u202e"))
    assert run_process("chat", "Hi", url=server.url).stdout.decode() == "\x1b[31mred\x1b[0m \u202e\n"


def test_closed_streams_are_ignored(start_server):
    """The exit status is the only result."""
    url = start_server(route(healthy)).url
    words = ["bash", "-c", '"$@" <&- >&- 2>&-', "bash", *COMMAND, "health", "--base-url", url]
    assert subprocess.run(words, check=False, timeout=TIMEOUT).returncode == 0


def test_characters_that_stdout_cannot_encode_are_escaped(run_process, start_server):
    """The command does not fail."""
    server = start_server(stream_chat("naïve 🦙"))
    result = run_process("chat", "Hi", url=server.url, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (result.returncode, result.stdout) == (0, b"na\\xefve \\U0001f999\n")


def test_audio_of_a_process_substitution(start_server, tmp_path):
    """`<(command)` is a pipe: it is read once, to its end."""
    (tmp_path / "a.wav").write_bytes(b"RIFF" + bytes(300_000))
    server = start_server(respond(b"Hello.\n", media_type="text/plain"))
    script = '"$@" <(cat a.wav)'
    words = ["bash", "-c", script, "bash", *COMMAND, "transcribe", "--base-url", server.url, "--api-key", "pg_test_key"]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False, timeout=TIMEOUT)
    assert (result.returncode, result.stdout, result.stderr) == (0, b"Hello.\n", b"")
    (request,) = [request for request in server.requests if request.line]
    assert b'filename="audio.wav"' in request.body
    assert b"RIFF" + bytes(300_000) + b"\r\n" in request.body


@pytest.mark.parametrize("words", [[], ["--json"], ["-o", "."]], ids=repr)
def test_file_name_that_is_not_utf8(run_process, start_server, tmp_path, words):
    """It is transcribed; the name is shown with an escape."""
    name = os.fsdecode(b"caf\xe9.wav")
    (tmp_path / name).write_bytes(b"RIFF")
    (tmp_path / "b.wav").write_bytes(b"RIFF")
    server = start_server(respond({"text": "Hello."}))
    if "--json" not in words:
        server = start_server(respond(b"Hello.\n", media_type="text/plain"))
    result = run_process("transcribe", name, "b.wav", *words, url=server.url, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, b"")
    first = result.stdout.splitlines()[0]
    expected = {"": b"==> caf\\udce9.wav <==", "-o": b"caf\\udce9.txt"}.get("".join(words[:1]))
    assert first == expected or json.loads(first)["file"] == name
    missing = run_process("transcribe", f"{name}.mp3", url=server.url, cwd=tmp_path)
    assert missing.returncode == 2
    assert missing.stderr.endswith(b"cannot read caf\\udce9.wav.mp3: No such file or directory\n")


def test_stdin_without_audio_is_a_usage_error(run_process, start_server):
    """Nothing is sent."""
    server = start_server(respond({"text": "Hello."}))
    result = run_process("transcribe", "-", url=server.url)
    assert (result.returncode, result.stderr) == (2, b"polargrid transcribe: file: it is empty\n")
    assert server.requests == []
