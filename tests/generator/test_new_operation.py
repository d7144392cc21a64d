"""The proof of the design: a new operation costs YAML, and nothing in overlay/."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import ROOT, main

ECHO = """
  /v1/echo/{word}:
    get:
      operationId: echo
      tags: [text]
      summary: Say a word back.
      description: What went in comes out, as often as asked.
      security: [{bearerAuth: []}]
      parameters:
        - {name: word, in: path, required: true, description: The word., schema: {type: string}}
        - {name: times, in: query, description: How often., schema: {type: integer, default: 1}}
      responses:
        '200':
          description: The word.
          headers:
            x-request-id: {$ref: '#/components/headers/RequestId'}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/EchoResponse'}
              example: {word: hello}
        '401': {$ref: '#/components/responses/Unauthorized'}

components:
"""
ECHO_RESPONSE = """
    EchoResponse:
      type: object
      description: A word, said back.
      required: [word]
      properties:
        word: {type: string, description: The word.}
        times: {type: integer, description: How often.}

    # Shared
"""
USER = """
import asyncio, inspect, json, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import get_type_hints
from urllib.parse import parse_qs, unquote, urlsplit

from polargrid import PolarGrid, PolarGridSync
from polargrid.types import EchoResponse


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        assert self.headers["Authorization"] == "Bearer pg_local"
        word = unquote(parts.path.removeprefix("/v1/echo/"))
        body = json.dumps({"word": word, "times": int(parse_qs(parts.query).get("times", ["1"])[0])}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-request-id", "req_1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"

with PolarGridSync(base_url=url) as client:
    assert client.echo("a/../b?c#d") == EchoResponse(word="a/../b?c#d", times=1)
    assert client.echo("..", times=3) == EchoResponse(word="..", times=3)


async def main():
    async with PolarGrid(base_url=url) as client:
        assert isinstance(await client.echo("hello"), EchoResponse)


asyncio.run(main())
server.shutdown()
server.server_close()

for kind in (PolarGrid, PolarGridSync):
    assert inspect.getdoc(kind.echo).startswith("Say a word back.\\n\\nWhat went in comes out"), kind.echo.__doc__
    assert "word: The word." in kind.echo.__doc__ and "times: How often." in kind.echo.__doc__
    signature = inspect.signature(kind.echo)
    assert list(signature.parameters) == ["self", "word", "times", "options"]
    assert signature.return_annotation == "EchoResponse" and signature.parameters["word"].annotation == "str"
print("worked")
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("echo")
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    text = text.replace("\ncomponents:\n", ECHO, 1).replace("\n    # Shared\n", ECHO_RESPONSE, 1)
    (folder / "openapi.yaml").write_text(text, encoding="utf-8")
    output = folder / "polargrid_generated"
    assert main(["--spec", str(folder / "openapi.yaml"), "--output", str(output)]) == 0
    return folder


def test_a_new_operation_is_a_method_of_both_clients_and_works(package):
    """YAML in, `make generate`, and the method is there: typed, documented, and answered by a real server."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", USER],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "worked\n", done.stderr


def test_its_types_hold_for_a_type_checker(package):
    """mypy --strict accepts right uses of the new method and refuses wrong ones."""
    user = package / "user.py"
    user.write_text(
        "from polargrid import PolarGridSync\n"
        "from polargrid.types import EchoResponse\n"
        "client = PolarGridSync(region='local')\n"
        "right: EchoResponse = client.echo('a', times=2)\n"
        "client.echo(3)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(user)],
        env={**os.environ, "MYPYPATH": f"{package}:{ROOT / 'overlay'}"},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in done.stdout.splitlines() if "user.py" in line]
    assert len(errors) == 1, done.stdout
    assert 'user.py:5: error: Argument 1 to "echo"' in errors[0], done.stdout
