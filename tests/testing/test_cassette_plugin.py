"""The marker `polargrid_cassette` and the option --polargrid-record, in runs of pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.cassette_origin import serve_origin

ROOT = Path(__file__).parents[2]
#: Plugins of this environment that take long to import, or change what is printed.
_SLOW = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
TESTS = '''
import os, pytest, unittest
import polargrid
from tests.testing.cassette_origin import run_program, run_program_async

@pytest.fixture
def client():
    """Before the test, and in its cassette."""
    with polargrid.PolarGridSync() as client:
        client.models.list()
        yield client

@pytest.mark.polargrid_cassette
@pytest.mark.parametrize("name", ["Ada", "Bob/é"])
def test_text(name, polargrid_cassette):
    run_program(os.environ["ORIGIN"], name=name)
    assert polargrid_cassette.mode == ("none" if "POLARGRID_RECORD" in os.environ else "once")

@pytest.mark.polargrid_cassette("shared/models.yaml", allow_unused=False)
def test_fixture(client):
    pass

@pytest.mark.polargrid_cassette
class TestClass:
    @pytest.mark.anyio
    async def test_async(self):
        await run_program_async(os.environ["ORIGIN"])

    class TestInner:
        def test_in_a_class_of_a_class(self):
            run_program(os.environ["ORIGIN"])

@pytest.mark.polargrid_cassette
def test_order(client, monkeypatch, polargrid_cassette):
    """The cassette is active before the client sends a request, and until monkeypatch has ended."""
    monkeypatch.setenv("POLARGRID_BASE_URL", os.environ["ORIGIN"])
    monkeypatch.chdir("/")
    assert polargrid_cassette.is_recording or polargrid_cassette.unused == ()

@pytest.mark.polargrid_cassette
class TestUnit(unittest.TestCase):
    def test_unit(self):
        assert run_program(os.environ["ORIGIN"])[2] == "Hello, world."

@pytest.mark.polargrid_cassette
def test_failing():
    run_program(os.environ["ORIGIN"])
    assert "RECORD_FAILING" in os.environ

def test_other():
    """Without the marker, nothing is active."""
    assert "POLARGRID_API_KEY" not in os.environ
    assert os.environ["POLARGRID_BASE_URL"] == os.environ["ORIGIN"]
'''
SHARED = """
import os, pytest
from tests.testing.cassette_origin import run_program

@pytest.mark.polargrid_cassette("shared.yaml")
@pytest.mark.parametrize("name", ["Ada", "Bob"])
def test_shared(name):
    run_program(os.environ["ORIGIN"], name=name)
"""
SWALLOWED = """
import os, pytest
from polargrid.errors import PolarGridError
from tests.testing.cassette_origin import run_program

@pytest.mark.polargrid_cassette("shared/models.yaml")
def test_swallowed():
    try:
        run_program(os.environ["ORIGIN"])
    except PolarGridError:
        pass

@pytest.mark.polargrid_cassette(time=True)
def test_misspelt():
    pass

@pytest.mark.polargrid_cassette("a.yaml", "all")
def test_positional():
    pass

@pytest.mark.polargrid_cassette(5)
def test_number():
    pass
"""


class _Runs:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self._url = folder, url

    def __call__(self, *arguments: str, **variables: str) -> str:
        """Run pytest, and return its output."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environ |= {"ORIGIN": self._url, "POLARGRID_BASE_URL": self._url, "PYTHONPATH": str(ROOT), **variables}
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *_SLOW, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr


@pytest.fixture
def runs(tmp_path):
    """Runs pytest in a folder of its own."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    )
    with serve_origin() as origin:
        run = _Runs(tmp_path, origin.url)
        run.origin = origin
        yield run


def test_the_marker_records_once_and_replays_also_in_several_processes(runs):
    folder = runs.folder / "cassettes"
    (runs.folder / "test_chat.py").write_text(TESTS)
    (runs.folder / "test_swallowed.py").write_text(SWALLOWED)

    output = runs("test_chat.py")
    assert "1 failed, 8 passed" in output
    assert "test_chat.py::test_failing - AssertionError: assert 'RECORD" in output
    recorded = sorted(str(path.relative_to(runs.folder)) for path in runs.folder.rglob("*.yaml"))
    names = [
        "TestClass.TestInner.test_in_a_class_of_a_class",
        "TestClass.test_async",
        "TestUnit.test_unit",
        "test_order",
        "test_text[Ada]",
    ]
    assert recorded[:5] == [f"cassettes/test_chat/{name}.yaml" for name in names]
    assert recorded[5].startswith("cassettes/test_chat/test_text[Bob-")
    assert recorded[6:] == ["shared/models.yaml"], "a test that fails leaves no cassette"
    assert not list(folder.rglob(".*"))
    runs.origin.requests.clear()

    options = ("-n", "2", "--polargrid-record=none")  # the option overrides the variable, in each process
    output = runs("test_chat.py", "test_swallowed.py", *options, POLARGRID_RECORD="all")
    assert "2 failed, 8 passed, 3 errors" in output
    assert runs.origin.requests == []
    assert "FAILED test_swallowed.py::test_swallowed" in output
    assert "CassetteMismatchError: POST /v1/chat/completions: not in" in output
    for message in ("unknown argument 'time'", "unknown argument 'all'", "path: expected a path, not 5"):
        assert message in output
    assert "there is no cassette" in output
    assert "(mode 'none' by --polargrid-record)" in output


def test_the_plugin_imports_nothing_of_the_kit_that_is_heavy():
    program = "import sys, polargrid_testing.cassettes.plugin; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"httpx", "yaml", "pydantic", "polargrid", "h11"} & {*names}


def test_tests_that_share_a_cassette_are_recorded_again_without_noise_in_one_process(runs):
    (runs.folder / "test_shared.py").write_text(SHARED)
    file = runs.folder / "shared.yaml"
    texts = []
    for _ in range(2):
        assert "2 passed" in runs("test_shared.py", "--polargrid-record=all")
        texts.append(file.read_text())
    assert texts[0] == texts[1]
    assert texts[0].count("content: Ada") == texts[0].count("content: Bob") == 1
    output = runs("test_shared.py", "--polargrid-record=all", "-n", "1")
    assert "several tests record" in output
    assert "run without -n" in output
    assert file.read_text() == texts[0]
