"""Programs for OpenAI's SDK run on this one, and print the same: only their imports change.

They are in openai_programs/, one file each. `make compat` runs them on both SDKs against a local edge, and records with
`--record` what the edge responded and what OpenAI's SDK printed; here, the responses are replayed.
"""

from __future__ import annotations

import base64
import gc
import json
import re
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polargrid_testing.steps import ReceiveRequest, Send, Step
from qa.compat.play import convert, run_program
from qa.compat.programs import PROGRAMS, RECORDINGS, list_programs
from qa.compat.recorder import Response
from tests.overlay.faults.scripts import response

PACKAGE = "polargrid.openai"
EACH = pytest.mark.parametrize("path", list_programs(), ids=lambda path: path.stem)


def convert_vectors(content: bytes) -> bytes:
    """Embeddings as numbers, as this SDK requests them; OpenAI's requests them in base64 and decodes them."""
    response = json.loads(content)
    for item in response.get("data", []):
        if isinstance(item["embedding"], str):
            item["embedding"] = [value for (value,) in struct.iter_unpack("<f", base64.b64decode(item["embedding"]))]
    return json.dumps(response).encode()


class Replay:
    """Responds to each request with the next recorded response to the same method and path."""

    def __init__(self, responses: list[dict[str, Any]]) -> None:
        self._responses = [Response(**response) for response in responses]
        self._lock = threading.Lock()

    def __call__(self) -> Iterator[Step]:
        request = yield ReceiveRequest()
        recorded = self._take(*request.line.split()[:2])
        content = convert_vectors(recorded.content) if recorded.path == "/v1/embeddings" else recorded.content
        headers = dict(recorded.headers)
        status, media_type = f"{recorded.status} Status", headers.pop("content-type")
        more = [f"{name}: {value}" for name, value in headers.items()]
        yield Send(response(content, *more, "connection: close", status=status, media_type=media_type))

    def _take(self, method: str, target: str) -> Response:
        path = target.partition("?")[0]
        with self._lock:
            index = next(
                index
                for index, response in enumerate(self._responses)
                if (response.method, response.path) == (method, path)
            )
            return self._responses.pop(index)

    @property
    def remaining(self) -> list[str]:
        """The requests that were not sent, except for invalid ones: this SDK rejects those before sending."""
        responses = [response for response in self._responses if response.status != 400]
        return [f"{response.method} {response.path}" for response in responses]


@EACH
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_program(serve, tmp_path, monkeypatch, path):
    """It prints what it prints with OpenAI's SDK, and sends as many requests."""
    recorded = json.loads((RECORDINGS / f"{path.stem}.json").read_text(encoding="utf-8"))
    replay = Replay(recorded["responses"])
    url = serve(replay).url
    (tmp_path / "recording.wav").write_bytes(b"RIFF" + bytes(1000))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLARGRID_BASE_URL", url)
    for name in ("POLARGRID_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "pg_local")
    module, output = run_program(convert(path.read_text(encoding="utf-8"), PACKAGE), path.name)
    if hasattr(module.get("client"), "__exit__"):
        module["client"].close()
    assert output == recorded["output"]
    assert replay.remaining == []
    module.clear()
    gc.collect()


@EACH
def test_changed_lines(path):
    """They are imports of OpenAI's SDK."""
    source = path.read_text(encoding="utf-8")
    lines = zip(source.splitlines(), convert(source, PACKAGE).splitlines(), strict=True)
    changed = [line for line, other in lines if line != other]
    assert changed
    assert [line for line in changed if not re.match(r"(from openai[. ]|import openai$)", line)] == []


def test_each_recording_has_a_program():
    """And each program a recording."""
    assert sorted(file.stem for file in RECORDINGS.glob("*.json")) == [path.stem for path in list_programs()]


def test_there_are_many_programs():
    """As many as the docs say at least."""
    assert len(list_programs()) >= 40
    assert Path(__file__).with_name("openai_programs") == PROGRAMS
