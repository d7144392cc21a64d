"""Files of the user that fail while they are sent."""

import io

import pytest

from polargrid import (
    ValidationError,
)
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import BUSY, close, send, wait_for_disconnect
from tests.overlay.faults.test_uploads import MODEL, TRANSCRIPT, WAV, parse_file


class BrokenFile(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, size=-1):
        if self.tell() > 100_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


@fault("upload", "Your file cannot be read to its end", result="an error that says why; not retried")
def test_broken(connect_to, expect_error):
    client = connect_to(send(TRANSCRIPT), max_retries=2)
    with expect_error(ValidationError, "file: cannot read it: .*Input/output error", param="file") as caught:
        client.transcribe(BrokenFile(WAV), MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file becomes shorter while it is sent", result="`ValidationError`; not retried")
def test_shortened(connect_to, expect_error, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    class ShortenedFile(io.FileIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                path.write_bytes(b"RIFF")
            return super().read(size)

    client = connect_to(send(TRANSCRIPT), max_retries=2)
    with ShortenedFile(path) as file, expect_error(ValidationError, "Too little data|body has .* bytes") as caught:
        client.transcribe(file, MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file is deleted when it must be sent again", result="`ValidationError` that names it")
def test_deleted(connect_to, expect_error, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    def script(connection):
        connection.read_request()
        path.unlink()
        connection.send(BUSY)
        wait_for_disconnect(connection)

    with expect_error(ValidationError, r"file: cannot read .*talk.wav: No such file", param="file"):
        connect_to(script, max_retries=1).transcribe(path, MODEL)


@fault("upload", "Your file is closed when it must be sent again", result="`ValidationError` that says so")
def test_closed(connect_to, expect_error):
    file = io.BytesIO(WAV)

    def script(connection):
        connection.read_request()
        file.close()
        connection.send(BUSY)
        wait_for_disconnect(connection)

    with expect_error(ValidationError, "file: cannot read it: .*closed", param="file"):
        connect_to(script, max_retries=1).transcribe(file, MODEL)


@pytest.mark.parametrize("file", ["/no/such/file.wav", io.StringIO("text"), 7, None, ("a", 7)], ids=repr)
@fault("upload", "The file does not exist, or is no file", result="`ValidationError` before anything is sent")
def test_not_a_file(connect_to, expect_error, file):
    client = connect_to(close)
    with expect_error(ValidationError, "^file: "):
        client.transcribe(file, MODEL)
    assert client.server.connections == 0


@fault("upload", "The file name holds quotes and line breaks", result="the transcript; the name stays a name")
def test_name(connect_to):
    client = connect_to(send(TRANSCRIPT))
    client.transcribe(('a"\r\nX-Evil: 1\r\n\r\n', WAV), MODEL)
    (request,) = client.server.received
    assert b"\r\nX-Evil" not in request.body
    assert parse_file(request) == WAV
