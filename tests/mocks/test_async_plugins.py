"""The fixture `polargrid_fake` in sync and async tests: pytest-asyncio in its strict and its auto mode, and anyio."""

import subprocess
import sys

import pytest

STRICT = """
import asyncio
import pytest
import pytest_asyncio
import polargrid

CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}

@pytest_asyncio.fixture
async def client(polargrid_fake):
    async with polargrid.PolarGrid() as client:
        yield client

@pytest.mark.asyncio
async def test_marked(polargrid_fake, client):
    polargrid_fake.chat("Hello")
    responses = await asyncio.gather(*[client.chat_completion(CHAT) for _ in range(3)])
    assert [response.choices[0].message.content for response in responses] == ["Hello"] * 3

@pytest.mark.asyncio
async def test_in_the_process(polargrid_fake):
    polargrid_fake.chat("Hello")
    async with polargrid_fake.async_client(http_client=polargrid_fake.async_http_client()) as client:
        assert [chunk async for chunk in client.chat_completion_stream(CHAT)]

def test_sync(polargrid_fake):
    polargrid_fake.chat("Hello")
    with polargrid.PolarGridSync() as client:
        assert client.chat_completion(CHAT).choices[0].message.content == "Hello"
"""
AUTO = STRICT.replace("@pytest.mark.asyncio\n", "").replace("pytest_asyncio.fixture", "pytest.fixture")
ANYIO = AUTO.replace("async def test", "@pytest.mark.anyio\nasync def test").replace("import pytest_asyncio\n", "")
LOOP_SCOPE = ["-o", "asyncio_default_fixture_loop_scope=function"]  # unset, it is a warning
BACKEND = """
@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


@pytest.mark.parametrize(
    ("program", "options"),
    [
        pytest.param(STRICT, ["--asyncio-mode=strict", *LOOP_SCOPE], id="asyncio-strict"),
        pytest.param(AUTO, ["--asyncio-mode=auto", *LOOP_SCOPE], id="asyncio-auto"),
        pytest.param(ANYIO + BACKEND, ["-p", "no:asyncio"], id="anyio"),
    ],
)
def test_plugins(tmp_path, program, options):
    """Tests and fixtures of both kinds reach the fake, by a socket and in the process."""
    (tmp_path / "test_program.py").write_text(program)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *options]
    result = subprocess.run(
        [*command, "test_program.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert "3 passed" in result.stdout, result.stdout
