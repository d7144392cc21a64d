"""The fixtures in a run of pytest of its own: sync and async, in several processes, if a program hides errors."""

import subprocess
import sys

import pytest

PASSING = """
import anyio
import pytest
import polargrid
from polargrid_testing import fake_edge

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.parametrize("text", ["Hello", "Bonjour"])
def test_sync(polargrid_fake, text):
    polargrid_fake.chat(text)
    with polargrid.PolarGridSync() as client:
        assert client.chat_completion(CHAT).choices[0].message.content == text
    assert len(polargrid_fake.requests) == 1

@pytest.mark.anyio
async def test_anyio(polargrid_fake):
    polargrid_fake.chat("Hello")
    async with polargrid.PolarGrid(region="yvr") as client:
        assert (await client.chat_completion(CHAT)).choices[0].message.content == "Hello"
"""

FAILING = """
import os
import pytest
import polargrid

@pytest.fixture
def client():
    # When the fake has set the variables.
    with polargrid.PolarGridSync() as client:
        yield client

def test_order(client, monkeypatch, polargrid_fake):
    polargrid_fake.use_examples()
    monkeypatch.setenv("POLARGRID_BASE_URL", "http://127.0.0.1:1")
    client.list_models()

def test_environment():
    assert not os.environ.get("POLARGRID_BASE_URL", "").startswith("http://127.0.0.1")

def test_hides_the_error(polargrid_fake):
    try:
        polargrid.PolarGridSync(max_retries=5).list_models()
    except polargrid.PolarGridError:
        pass

def test_next(polargrid_fake):
    assert polargrid_fake.requests == []
"""


@pytest.fixture
def run(tmp_path):
    """Runs a file of tests."""

    def run_file(text, *options):
        (tmp_path / "test_program.py").write_text(text)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:schemathesis",
            *options,
            "test_program.py",
        ]
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        return result.returncode, result.stdout

    return run_file


def test_fixture(run):
    """Each test has a fake of its own, in several processes as well; anyio's plugin and unittest need nothing more."""
    status, output = run(PASSING, "-n", "2")
    assert status == 0, output
    assert "3 passed" in output


def test_unscripted_request_fails_the_test(run):
    """The test that sent it, and no other, with the request and the line to paste."""
    status, output = run(FAILING)
    assert status == 1
    assert "4 passed, 1 error" in output
    assert "ERROR test_program.py::test_hides_the_error" in output
    assert 'add: polargrid_fake.on("list_models").respond()' in output
    assert "Traceback" not in output


def test_unittest():
    """A test case enters a fake as a context."""
    import unittest

    import polargrid
    from polargrid_testing import fake_edge

    class Case(unittest.TestCase):
        def setUp(self):
            self.fake = self.enterContext(fake_edge())

        def test_health(self):
            self.fake.on("health").respond()
            with polargrid.PolarGridSync() as client:
                assert client.health().status == "healthy"

    result = unittest.TestResult()
    Case("test_health").run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_missing_extra(monkeypatch):
    """A fake without the extra says what to install."""
    from polargrid_testing import FakeEdge
    from polargrid_testing.fake import scripting

    monkeypatch.setattr(scripting, "find_spec", lambda name: None if name == "jsonschema_rs" else name)
    with pytest.raises(ModuleNotFoundError, match=r"needs jsonschema_rs; .*pip install 'polargrid\[testing\]'"):
        FakeEdge()
