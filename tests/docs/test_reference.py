"""The public documents, run: every Python block as printed, every curl command with only the host changed.

The documents are plain text without fences; a block is the longest run of lines, from one that opens it, that is
Python. What a block takes for granted (a client, a request, a recording) the test gives it. One block elides a
request as `{...}`: the body of the same document's first curl command stands in for it.
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
_OPENS = re.compile(r"(from \w|import \w|# OpenAI)")


def _compiles(source: str) -> bool:
    try:
        compile(source, "block", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return False
    return True


def python_blocks(text: str) -> list[str]:
    """Every block of a document, in order."""
    lines = [line.split("Skip to main content")[0] for line in text.splitlines()]
    # A heading of one word would pass for Python.
    lines = [f"{line} is a heading" if re.fullmatch(r"[A-Z]\w*", line) else line for line in lines]
    blocks, at = [], 0
    while at < len(lines):
        ends = [end for end in range(at + 1, len(lines) + 1) if _compiles("\n".join(lines[at:end]))]
        if _OPENS.match(lines[at]) and ends:
            blocks.append("\n".join(lines[at : ends[-1]]).rstrip())
            at = ends[-1]
        else:
            at += 1
    return blocks


def curl_commands(text: str) -> list[list[str]]:
    """Every curl command as its words: the lines from `curl` until quotes and continuations are closed."""
    lines = text.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("curl ")]
    return [next(filter(None, (_words(lines[at:end]) for end in range(at + 1, len(lines))))) for at in starts]


def _words(lines: list[str]) -> list[str]:
    try:
        return [] if lines[-1].endswith("\\") else shlex.split("\n".join(lines).replace("\\\n", " "))
    except ValueError:
        return []


BLOCKS = [(name, index, block) for name, text in TEXTS.items() for index, block in enumerate(python_blocks(text))]
CURLS = [(name, command) for name, text in TEXTS.items() for command in curl_commands(text)]


def _example() -> dict:
    """The request that api-overview.txt shows."""
    command = CURLS[0][1]
    return json.loads(command[command.index("-d") + 1])


def test_the_documents_hold_what_is_run_here():
    """Five blocks in the reference, one in the overview, two curl commands: none is lost by the extraction."""
    assert [name for name, _, _ in BLOCKS] == ["sdk-reference"] * 5 + ["api-overview"]
    assert [command[0] for _, command in CURLS] == ["curl", "curl"]
    lines = [line for text in TEXTS.values() for line in text.splitlines() if re.match(r"(from \w+|import )", line)]
    assert [line for line in lines if not any(line in block for _, _, block in BLOCKS)] == []


@pytest.fixture
def surroundings(edge, tmp_path, monkeypatch):
    """A shell in which POLARGRID_REGION=local, and a folder that holds recording.mp3."""
    monkeypatch.setenv("POLARGRID_REGION", "local")
    monkeypatch.setenv("POLARGRID_BASE_URL", edge.url)  # the edge of the tests listens on a free port
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-used")
    monkeypatch.chdir(tmp_path)
    with polargrid.PolarGridSync() as client:
        spoken = {"model": "tts-1", "input": "Hello from the edge.", "voice": "alloy", "response_format": "mp3"}
        Path("recording.mp3").write_bytes(client.text_to_speech(spoken))


@pytest.mark.parametrize(("name", "index", "block"), BLOCKS, ids=lambda value: str(value)[:16])
def test_a_python_block_runs_as_printed(surroundings, name, index, block):
    """The block, its `await`s inside a function, ends without an exception."""
    block = block.replace("{...}", repr(_example()))
    code = compile(block, f"{name} block {index}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> dict:
        async with await polargrid.PolarGrid.create() as client:
            names = {"client": client, "request": _example()}
            result = eval(code, names)  # noqa: S307 - the block is a file of this repository
            if inspect.isawaitable(result):
                await result
            if names["client"] is not client and hasattr(names["client"], "close"):
                await names["client"].close()
            return names

    names = asyncio.run(run())
    if "transcription" in names:
        assert "edge" in names["transcription"].text.lower()


@pytest.mark.parametrize(("name", "command"), CURLS, ids=["plain", "stream"])
def test_a_curl_command_is_answered(edge, name, command):
    """Method, headers and body as printed, only the host changed: the answer is the documented one."""
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
    answer = httpx.request(method, url, headers=headers, content=content, timeout=120)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-request-id"]
    if '"stream": true' in (content or ""):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.endswith("data: [DONE]\n\n")
    else:
        assert answer.json()["object"] == "chat.completion"
        assert answer.json()["model"] == "llama-3.1-8b"


def test_the_printed_table_of_regions_is_the_table():
    """What the reference prints of POLARGRID_REGIONS and REGION_ALIASES is what they hold."""
    from polargrid.client import POLARGRID_REGIONS, REGION_ALIASES

    printed = re.findall(r"#   '([a-z]{3}-\d\d)': (\{.*\}),", TEXTS["sdk-reference"])
    for region, fields in printed:
        expected = {**ast.literal_eval(fields), "url": f"https://api.{region}.edge.polargrid.ai:55111"}
        assert POLARGRID_REGIONS[region] == expected
    assert list(POLARGRID_REGIONS) == [region for region, _ in printed]
    aliases = re.search(r"# Aliases: (.*)", TEXTS["sdk-reference"])
    assert aliases
    assert sorted(REGION_ALIASES) == sorted(re.findall(r"'(\w+)'", aliases[1]))
