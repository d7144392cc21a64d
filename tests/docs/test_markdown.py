"""Pages are true: every Python block runs, and every command, target and file that a page names exists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
#: Except for those that `make docs` writes: tests/docs/test_http_pages.py reads them.
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md", ".github/*.md")
    for page in ROOT.glob(pattern)
    if page.parent != ROOT / "docs/reference/http"
)
TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}


def _find_blocks(language: str) -> list[tuple[str, str]]:
    fence = re.compile(rf"^```{language}\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return [(name, block) for name, text in TEXTS.items() for block in fence.findall(text)]


PYTHON = _find_blocks("python")
#: tests/mocks runs the blocks of the page about mocks, and those with pytest-asyncio, and `python -m qa.engines` those
#: of the page about data engines: they have these packages.
ELSEWHERE = ("docs/guide/mocks.md", "docs/guide/engines.md")
HERE = [(page, block) for page, block in PYTHON if page not in ELSEWHERE and "pytest.mark.asyncio" not in block]
TESTS = [(page, block) for page, block in HERE if "def test_" in block]
PROGRAMS = [block for block in HERE if block not in TESTS]


def test_blocks_have_a_language_that_is_tested():
    """Python blocks run here, shell blocks are checked for commands, YAML, JSON and TOML are parsed."""
    fences = {
        (name.startswith("docs/reference/"), fence)
        for name, text in TEXTS.items()
        for fence in re.findall(r"^```(.*)$", text, flags=re.MULTILINE)
    }
    assert {fence for _, fence in fences} - {"{eval-rst}"} <= {"", "json", "python", "sh", "text", "toml", "yaml"}
    assert (False, "{eval-rst}") not in fences  # only in the reference, which `make docs` builds from docstrings
    assert len(PYTHON) >= 30


@pytest.mark.parametrize(
    ("page", "block"), PROGRAMS, ids=[f"{page}-{index}" for index, (page, _) in enumerate(PROGRAMS)]
)
def test_python_block_runs(edge, tmp_path, page, block):
    """In a new interpreter, against the edge of the tests, and with warnings as errors."""
    block = block.replace('region="local"', f'base_url="{edge.url}"').replace("http://127.0.0.1:55111", edge.url)
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, f"{page}: {process.stderr}"
    assert process.stdout.strip(), f"{page}: the block prints nothing"


def _run_tests(folder: Path, edge_url: str, *arguments: str) -> str:
    """Run pytest as a user does, whose variables name a server and a key."""
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    variables = {**os.environ, "POLARGRID_BASE_URL": edge_url, "POLARGRID_API_KEY": "pg_local"}
    process = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_tests_of_pages_pass(edge, tmp_path):
    """All in one process; what records responses then passes without a server."""
    for number, (page, block) in enumerate(TESTS):
        (tmp_path / f"test_{Path(page).stem}_{number}.py").write_text(block, encoding="utf-8")
    count = sum(len(re.findall("def test_", block)) for _, block in TESTS)
    assert f"{count} passed" in _run_tests(tmp_path, edge.url)
    recorded = _run_tests(
        tmp_path, "http://127.0.0.1:9", "--polargrid-record=none", "-m", "polargrid_cassette", *tmp_path.glob("*.py")
    )
    assert "1 passed" in recorded


@pytest.mark.parametrize(
    ("language", "parse"), [("yaml", yaml.safe_load), ("json", json.loads), ("toml", tomllib.loads)]
)
def test_data_blocks_are_valid(language, parse):
    """YAML, JSON and TOML parse, to more than a text."""
    blocks = _find_blocks(language)
    assert blocks
    for page, block in blocks:
        assert isinstance(parse(block), dict | list), page


def test_the_script_of_a_fake_is_valid(tmp_path):
    """That of the guide to tests: a rule answers what the page asks, and the fault happens."""
    from polargrid.errors import InternalServerError
    from polargrid_testing import FakeEdge
    from polargrid_testing.fake.script import apply_script, read_script

    (script,) = [block for page, block in _find_blocks("yaml") if page == "docs/guide/testing.md" and "rules" in block]
    (tmp_path / "script.yaml").write_text(script, encoding="utf-8")
    with FakeEdge() as fake, fake.client() as client:
        apply_script(read_script(tmp_path / "script.yaml"), fake)
        question = {"role": "user", "content": "What is the capital of Canada?"}
        response = client.chat.completions.create(model="llama-3.1-8b", messages=[question])
        assert response.choices[0].message.content == "Ottawa"
        with pytest.raises(InternalServerError, match="503"):
            client.with_options(max_retries=0).models.list()


def test_make_targets_exist():
    """`make x` in a page names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = {name for text in TEXTS.values() for name in re.findall(r"(?:`|^)make ([a-z-]+)", text, flags=re.MULTILINE)}
    assert named <= targets
    stable = {"setup", "generate", "check", "test", "run", "serve", "contract", "docs", "build", "help"}
    assert stable <= targets


def test_relative_links_lead_to_files():
    """Of the repository."""
    links = [
        (page, link)
        for page, text in TEXTS.items()
        for link in re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
        if not (ROOT / page).parent.joinpath(link.partition("#")[0]).exists()
    ]
    assert links == []


def test_every_command_that_is_named_is_there():
    """`polargrid x` in a page is a command."""
    from polargrid_cli.commands import polargrid

    named = {
        name for text in TEXTS.values() for name in re.findall(r"(?:`|^)polargrid ([a-z]+)", text, flags=re.MULTILINE)
    }
    assert named <= set(polargrid.lazy_subcommands)
