"""The public reference documents: every Python block runs as printed, every curl command with another host.

The documents are plain text without fences. A block is the longest run of lines that compiles, from a line that can
start one. The tests provide what a block uses without defining it: a client, a request, a recording. One block
abbreviates a request as `{...}`; it gets the body of the first curl command of the same document.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import shlex
from pathlib import Path

import httpx
import pytest

import polargrid

REFERENCE = Path(__file__).parent / "reference"
TEXTS = {name: (REFERENCE / f"{name}.txt").read_text(encoding="utf-8") for name in ("sdk-reference", "api-overview")}
_BLOCK_START = re.compile(r"(from \w|import \w|# OpenAI)")


def _is_python(source: str) -> bool:
    try:
        compile(source, "block", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return False
    return True


def find_python_blocks(text: str) -> list[str]:
    """Return the blocks of a document, in order."""
    lines = [line.split("Skip to main content")[0] for line in text.splitlines()]
    # A heading of one word compiles as Python.
    lines = [f"{line} is a heading" if re.fullmatch(r"[A-Z]\w*", line) else line for line in lines]
    blocks, start = [], 0
    while start < len(lines):
        ends = [end for end in range(start + 1, len(lines) + 1) if _is_python("\n".join(lines[start:end]))]
        if _BLOCK_START.match(lines[start]) and ends:
            blocks.append("\n".join(lines[start : ends[-1]]).rstrip())
            start = ends[-1]
        else:
            start += 1
    return blocks


def find_curl_commands(text: str) -> list[list[str]]:
    """Return the words of each curl command: the lines from `curl` until quotes and continuations end."""
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("curl ")]
    return [
        next(filter(None, (_split_words(lines[start:end]) for end in range(start + 1, len(lines))))) for start in starts
    ]


def _split_words(lines: list[str]) -> list[str]:
    try:
        return [] if lines[-1].endswith("\\") else shlex.split("\n".join(lines).replace("\\\n", " "))
    except ValueError:
        return []


BLOCKS = [(name, index, block) for name, text in TEXTS.items() for index, block in enumerate(find_python_blocks(text))]
CURLS = [(name, command) for name, text in TEXTS.items() for command in find_curl_commands(text)]


def _read_example_request() -> dict:
    """Return the request of api-overview.txt."""
    command = CURLS[0][1]
    return json.loads(command[command.index("-d") + 1])


def test_all_blocks_are_found():
    """Five blocks in the reference, one in the overview, two curl commands."""
    assert [name for name, _, _ in BLOCKS] == ["sdk-reference"] * 5 + ["api-overview"]
    assert [command[0] for _, command in CURLS] == ["curl", "curl"]
    lines = [line for text in TEXTS.values() for line in text.splitlines() if re.match(r"(from \w+|import )", line)]
    assert [line for line in lines if not any(line in block for _, _, block in BLOCKS)] == []


@pytest.fixture
def reference_environment(edge, tmp_path, monkeypatch):
    """The environment variables of a local edge, and a folder with recording.mp3."""
    monkeypatch.setenv("POLARGRID_REGION", "local")
    monkeypatch.setenv("POLARGRID_BASE_URL", edge.url)  # the tests use a free port
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-used")
    monkeypatch.chdir(tmp_path)
    with polargrid.PolarGridSync() as client:
        request = {"model": "tts-1", "input": "Hello from the edge.", "voice": "alloy", "response_format": "mp3"}
        Path("recording.mp3").write_bytes(client.text_to_speech(request))


@pytest.mark.parametrize(("name", "index", "block"), BLOCKS, ids=lambda value: str(value)[:16])
def test_python_block_runs_as_printed(reference_environment, name, index, block):
    """With top-level `await`; it raises no exception."""
    block = block.replace("{...}", repr(_read_example_request()))
    code = compile(block, f"{name} block {index}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> dict:
        async with await polargrid.PolarGrid.create() as client:
            names = {"client": client, "request": _read_example_request()}
            result = eval(code, names)  # noqa: S307 - the block is a file of this repository
            if inspect.isawaitable(result):
                await result
            if names["client"] is not client and hasattr(names["client"], "close"):
                await names["client"].close()
            return names

    names = asyncio.run(run())
    if "transcription" in names:
        assert names["transcription"].text


@pytest.mark.parametrize(("name", "command"), CURLS, ids=["plain", "stream"])
def test_curl_command_gets_the_documented_response(edge, name, command):
    """With method, headers and body as printed, and the host of the local edge."""
    words = iter(command[1:])
    method, headers, content, url = "GET", {}, None, ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            header, _, value = next(words).partition(": ")
            headers[header] = value
        elif word == "-d":
            content = next(words)
        else:
            url = word
    url = re.sub(r"^https://api\.[a-z]{3}-\d\d\.edge\.polargrid\.ai:55111", edge.url, url)
    assert url.startswith(edge.url), command
    response = httpx.request(method, url, headers=headers, content=content, timeout=120)
    assert response.status_code == 200, response.text
    assert response.headers["x-request-id"]
    if '"stream": true' in (content or ""):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.text.endswith("data: [DONE]\n\n")
    else:
        assert response.json()["object"] == "chat.completion"
        assert response.json()["model"] == "llama-3.1-8b"


def test_region_tables_match_the_reference():
    """POLARGRID_REGIONS and REGION_ALIASES."""
    from polargrid.client import POLARGRID_REGIONS, REGION_ALIASES

    printed = re.findall(r"#   '([a-z]{3}-\d\d)': (\{.*\}),", TEXTS["sdk-reference"])
    for region, fields in printed:
        expected = {**ast.literal_eval(fields), "url": f"https://api.{region}.edge.polargrid.ai:55111"}
        assert POLARGRID_REGIONS[region] == expected
    assert list(POLARGRID_REGIONS) == [region for region, _ in printed]
    aliases = re.search(r"# Aliases: (.*)", TEXTS["sdk-reference"])
    assert aliases
    assert sorted(REGION_ALIASES) == sorted(re.findall(r"'(\w+)'", aliases[1]))
