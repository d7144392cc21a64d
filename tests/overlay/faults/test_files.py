"""Files of the user's that fail while they are sent."""

import io

import pytest

from polargrid import (
    ValidationError,
)
from tests.overlay.faults.edges import BUSY, closes, heard, says, stays
from tests.overlay.faults.registry import fault
from tests.overlay.faults.test_uploads import MODEL, TRANSCRIPT, WAV, sent


class Broken(io.BytesIO):
    """A file whose disk fails."""

    def read(self, size=-1):
        if self.tell() > 100_000:
            raise OSError(5, "Input/output error")
        return super().read(size)


@fault("upload", "Your file cannot be read to its end", then="an error that says why; nothing is tried again")
def test_broken_file(against, fails):
    client = against(says(TRANSCRIPT), max_retries=2)
    with fails(ValidationError, "file: cannot read it: .*Input/output error", param="file") as caught:
        client.transcribe(Broken(WAV), MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file becomes shorter while it is sent", then="`ValidationError`; nothing is tried again")
def test_shorter_file(against, fails, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    class Shrinking(io.FileIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                path.write_bytes(b"RIFF")
            return super().read(size)

    client = against(says(TRANSCRIPT), max_retries=2)
    with Shrinking(path) as file, fails(ValidationError, "Too little data") as caught:
        client.transcribe(file, MODEL)
    assert caught.value.meta.attempts == 1


@fault("upload", "Your file is gone when it must be sent again", then="`ValidationError` that names it")
def test_gone(against, fails, tmp_path):
    path = tmp_path / "talk.wav"
    path.write_bytes(WAV)

    def busy(connection):
        connection.request()
        path.unlink()
        connection.send(BUSY)
        stays(connection)

    with fails(ValidationError, r"file: cannot read .*talk.wav: No such file", param="file"):
        against(busy, max_retries=1).transcribe(path, MODEL)


@fault("upload", "Your file is closed when it must be sent again", then="`ValidationError` that says so")
def test_closed_file(against, fails):
    file = io.BytesIO(WAV)

    def busy(connection):
        connection.request()
        file.close()
        connection.send(BUSY)
        stays(connection)

    with fails(ValidationError, "file: cannot read it: .*closed", param="file"):
        against(busy, max_retries=1).transcribe(file, MODEL)


@pytest.mark.parametrize("file", ["/no/such/file.wav", io.StringIO("text"), 7, None, ("a", 7)], ids=repr)
@fault("upload", "There is no such file, or it is none", then="`ValidationError` before anything is sent")
def test_no_file(against, fails, file):
    client = against(closes)
    with fails(ValidationError, "^file: "):
        client.transcribe(file, MODEL)
    assert client.edge.connections == 0


@fault("upload", "Its name holds quotes and line ends", then="the transcript; a name stays a name")
def test_name(against):
    client = against(says(TRANSCRIPT))
    client.transcribe(('a"\r\nX-Evil: 1\r\n\r\n', WAV), MODEL)
    (request,) = heard(client.edge)
    assert b"\r\nX-Evil" not in request.body
    assert sent(request) == WAV
