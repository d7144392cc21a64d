"""How a cassette begins and ends: at odd places, twice, in another process, and with files that cannot be used."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import polargrid_testing
from polargrid_testing.cassettes.cassette import Cassette, cassette
from polargrid_testing.cassettes.errors import CassetteFormatError, CassetteMismatchError
from polargrid_testing.cassettes.yaml_format import parse_cassette
from tests.testing.cassette_origin import run_program, serve_origin

RECORDED = "# Recorded by polargrid_testing.\nversion: 1\ninteractions:\n"
REQUEST = "request: {method: GET, origin: local, path: /x"


@pytest.fixture
def origin():
    """A scripted server."""
    with serve_origin() as server:
        yield server


def test_a_relative_path_is_that_of_the_beginning_if_the_program_changes_its_folder(origin, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with cassette("a.yaml"):
        monkeypatch.chdir("elsewhere")
        run_program(origin.url)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.yaml"]


def test_it_says_that_it_is_not_open_or_open_already(tmp_path):
    tape = Cassette(tmp_path / "a.yaml")
    with pytest.raises(RuntimeError, match=r"a\.yaml> is not open; open it with `with`"):
        _ = tape.interactions
    with tape, pytest.raises(RuntimeError, match=r"a\.yaml> is open already; for another block, create another one"):
        tape.start()
    with pytest.raises(RuntimeError, match=r"a\.yaml> is not open"):
        tape.stop(keep=True)
    with tape:
        assert tape.mode == "once"


def test_a_task_does_not_keep_the_cassettes_that_it_has_used(tmp_path):
    async def main():
        tapes = []
        for name in "ab":  # the thread that ended the last one may still hold it
            async with cassette(tmp_path / name) as tape:
                tapes.append(weakref.ref(tape))
        gc.collect()
        return tapes[0]()

    assert asyncio.run(main()) is None


FORK = """
import os, pathlib, sys
from polargrid_testing import cassette
from tests.testing.cassette_origin import run_program, serve_origin

with serve_origin() as origin:
    with cassette("a.yaml"):
        run_program(origin.url)
        child = os.fork()
        status = child and os.waitpid(child, 0)[1]
    if child == 0:
        os._exit(7 + pathlib.Path("a.yaml").exists())
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_process_can_leave_the_block_and_writes_nothing(tmp_path):
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", FORK]
    assert subprocess.run(command, cwd=tmp_path, env=environ, check=False, timeout=60).returncode == 7
    assert (tmp_path / "a.yaml").exists(), "the parent writes it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2\ninteractions: []", "expected a cassette of version 1, not 2; record it again"),
        ("version: 1\ninteraction: []", "the file: interactions is missing"),
        ("version: 1\ninteractions: 5", "interactions: expected a list, not 5"),
        (f"{RECORDED}  - {REQUEST}}}", r"interactions\[0\]: .*response"),
        (f"{RECORDED}  - {REQUEST}}}\n    response: {{staus: 200}}", r"interactions\[0\].response: status is missing"),
        (
            f"{RECORDED}  - {REQUEST}, headers: }}\n    response: {{status: 200}}",
            r"\[0\].request.headers: expected names and texts, not None",
        ),
        (
            f"{RECORDED}  - {REQUEST}}}\n    response: {{status: 200, bdy: 1}}",
            r"\[0\].response: unknown name 'bdy'; expected one of: status, ms",
        ),
        (
            f"{RECORDED}  - {REQUEST}}}\n    response: {{status: 200, stream: [{{base64: '!'}}]}}",
            r"\[0\].response.stream\[0\]: .*base64",
        ),
        (
            f"{RECORDED}  - {REQUEST}}}\n    response: {{status: 200, body: Hi}}",
            r"body: expected a .* not 'Hi'",
        ),
        (f"{RECORDED}  - {REQUEST}}}\n    response: {{status: 9000}}", "status: expected a status of HTTP"),
        (f"{RECORDED}<<<<<<< HEAD\n", "is no YAML"),
    ],
)
def test_a_file_that_was_edited_wrongly_says_where_and_what_is_expected(text, message):
    with pytest.raises(CassetteFormatError, match=f"(?s)a.yaml.*{message}"):
        parse_cassette(text, "a.yaml")


def test_numbers_and_dates_need_no_quotes(tmp_path):
    text = (
        f"{RECORDED}  - {REQUEST}, headers: {{x-a: 1}}}}\n"
        "    response: {status: 200, headers: {retry-after: 5}, body: {json: {at: 2026-11-30}}}"
    )
    (item,) = parse_cassette(text, "a.yaml")
    assert item.request.headers == {"x-a": "1"}
    assert item.response.headers == {"retry-after": "5"}
    assert item.response.content == b'{"at":"2026-11-30"}'


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n", "version: 0\n", "caf\xe9"], ids=["merge", "version", "encoding"])
def test_a_cassette_that_cannot_be_read_is_recorded_again_if_all_are(origin, tmp_path, text):
    path = tmp_path / "a.yaml"
    path.write_bytes(f"{RECORDED}{text}".encode("latin-1"))
    with pytest.raises(CassetteFormatError, match=r"a\.yaml.*"), cassette(path):
        pass
    with cassette(path, record="all"):
        run_program(origin.url)
    with cassette(path, allow_unused=False):
        run_program(origin.url)
    assert len(origin.requests) == 3


def test_a_file_that_is_no_cassette_is_never_replaced(tmp_path):
    path = tmp_path / "compose.yaml"
    path.write_text("services: {}")
    with pytest.raises(CassetteFormatError, match="not written by polargrid_testing, and is kept"):
        Cassette(path, record="all").start()
    assert path.read_text() == "services: {}"


def test_a_file_that_cannot_be_written_is_known_before_anything_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(PermissionError, match="read-only; record='none' only replays"):
        Cassette(tmp_path / "cassettes" / "a.yaml").start()
    with cassette(tmp_path / "a.yaml", record="none"):
        pass


def test_a_cassette_that_is_missing_is_named_and_so_is_what_forbids_to_record_it(origin, tmp_path, monkeypatch):
    monkeypatch.setenv("CI", "true")
    message = r"there is no cassette .*a\.yaml\nNothing is recorded \(mode 'none' by the variable CI\)"
    with pytest.raises(CassetteMismatchError, match=message), cassette(tmp_path / "a.yaml"):
        run_program(origin.url)


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(polargrid_testing._MODULES, "Cassette", "yaml_that_is_missing")
    with pytest.raises(ModuleNotFoundError, match=r"needs yaml_that_is_missing; .*pip install 'polargrid\[testing\]'"):
        _ = polargrid_testing.Cassette
