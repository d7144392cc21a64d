"""The page about mocks and tracers is true: its programs print something, and its tests pass.

So do the tests of the page about testing that need pytest-asyncio, which only this environment has.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guide"


def _find_blocks(page: str) -> list[str]:
    text = (GUIDE / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


BLOCKS = _find_blocks("mocks.md")
TESTS = [block for block in BLOCKS if "def test_" in block]
PROGRAMS = [block for block in BLOCKS if block not in TESTS]
TESTS += [block for block in _find_blocks("testing.md") if "pytest.mark.asyncio" in block]


def _start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate()
    assert process.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def programs(tmp_path_factory) -> Iterator[list[subprocess.Popen[str]]]:
    """The programs of the page: they run at the same time."""
    processes = [_start(tmp_path_factory.mktemp("page"), "-c", block) for block in PROGRAMS]
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_tests_of_the_pages_pass(tmp_path):
    """In a process of their own."""
    for number, block in enumerate(TESTS):
        (tmp_path / f"test_{number}.py").write_text(block, encoding="utf-8")
    loop_scope = "asyncio_default_fixture_loop_scope=function"  # unset, it is a warning
    output = _finish(_start(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", loop_scope))
    assert f"{sum(len(re.findall('def test_', block)) for block in TESTS)} passed" in output


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_program_of_the_page_runs(programs, number):
    """In a process of its own, with warnings as errors."""
    assert _finish(programs[number]).strip()


@pytest.mark.parametrize("name", ["respx", "httpx_mock", "vcr", "HTTPXClientInstrumentor", "logfire", "sentry_sdk"])
def test_the_page_shows_each_tool(name):
    """In a block that runs."""
    assert any(name in block for block in BLOCKS)
