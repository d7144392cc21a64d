"""A new operation needs a change of openapi.yaml only: it is typed, documented and callable on both clients."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import ROOT

PATHS = """
  /v1/echo/{word}:
    get:
      operationId: echo
      tags: [text]
      summary: Return a word.
      description: Returns the word of the path.
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
              schema: {$ref: '#/components/schemas/Word'}
              example: {text: hello}
        '401': {$ref: '#/components/responses/Unauthorized'}

  /v1/words/{word}:
    post:
      operationId: say_word
      x-call: words.aloud.say
      tags: [text]
      summary: Say a word.
      security: [{bearerAuth: []}]
      parameters:
        - {name: word, in: path, required: true, description: The word., schema: {type: string}}
        - {name: times, in: query, description: How often., schema: {type: integer}}
        - {name: sync, in: query, description: Always true., schema: {type: boolean, const: true}}
        - {$ref: '#/components/parameters/IdempotencyKey'}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/SayRequest'}
            example: {voice: {name: anna}}
      responses:
        '200':
          description: The word.
          headers:
            x-request-id: {$ref: '#/components/headers/RequestId'}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/WordList'}
              example: {object: list, data: [{text: hello}]}
        '401': {$ref: '#/components/responses/Unauthorized'}

components:
"""
SCHEMAS = """
    SayRequest:
      type: object
      description: How to say it.
      required: [voice]
      properties:
        voice: {$ref: '#/components/schemas/Voice'}
        pitch: {type: [number, 'null'], minimum: 0, description: How high.}

    Voice:
      type: object
      description: Who says it.
      required: [name]
      properties:
        name: {type: string, description: The name.}

    WordList:
      type: object
      description: A list of words.
      required: [object, data]
      properties:
        object: {type: string, const: list, description: Always `list`.}
        data: {type: array, description: The words., items: {$ref: '#/components/schemas/Word'}}

    Word:
      type: object
      description: A word.
      required: [text]
      properties:
        text: {type: string, description: The word.}

    # Shared
"""
PRELUDE = """
import asyncio, inspect, json
import httpx
from polargrid import PolarGrid, PolarGridSync
from polargrid.types import Voice, Word, WordList

urls, bodies, keys = [], [], []

def respond(request):
    urls.append(str(request.url.raw_path, "ascii"))
    keys.append(request.headers.get("idempotency-key"))
    bodies.append(json.loads(request.content or "null"))
    body = {"text": "hello"}
    if request.method == "POST":
        body = {"object": "list", "data": [body]}
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json=body)

client = PolarGridSync(region="local", http_client=httpx.Client(transport=httpx.MockTransport(respond)))
async_client = PolarGrid(region="local", http_client=httpx.AsyncClient(transport=httpx.MockTransport(respond)))
"""
TYPES = """
from polargrid import PolarGridSync
from polargrid.types import Word

client = PolarGridSync(region="local")
word: Word = client.echo("a", times=2)
words: list[Word] = [word for word in client.words.aloud.say("a", voice={"name": "anna"}, pitch=None, times=2)]
client.echo(3)
client.words.aloud.say("a", pitch=1)
client.words.aloud.say("a", voice="anna")
client.words.aloud.sing("a", voice={"name": "anna"})
"""


@pytest.fixture(scope="module")
def package(generate_with) -> Path:
    return generate_with(PATHS, SCHEMAS)


def run(package: Path, script: str) -> None:
    """Run a script in a new interpreter that imports the package; its assertions are the test's."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + script],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def test_both_clients_have_the_method(package):
    """The method sends the request and returns the model."""
    run(
        package,
        """
assert client.echo("hello") == Word(text="hello")
assert client.words.aloud.say("hello", voice=Voice(name="anna")).data == [Word(text="hello")]
assert isinstance(asyncio.run(async_client.echo("hello")), Word)
assert isinstance(asyncio.run(async_client.words.aloud.say("a", voice={"name": "anna"})), WordList)
""",
    )


def test_path_arguments_are_encoded(package):
    """An argument cannot add or remove a segment of the path."""
    run(
        package,
        """
client.echo("a/../b?c#d")
client.echo("..")
assert urls == ["/v1/echo/a%2F%2E%2E%2Fb%3Fc%23d", "/v1/echo/%2E%2E"], urls
""",
    )


def test_query_parameters_and_fields_are_sent(package):
    """Optional parameters and fields are sent if provided; a constant parameter is always sent."""
    run(
        package,
        """
client.words.aloud.say("a", voice={"name": "anna"}, pitch=None, times=2)
client.words.aloud.say("a", voice={"name": "anna"})
assert urls == ["/v1/words/a?times=2&sync=true", "/v1/words/a?sync=true"], urls
assert bodies == [{"voice": {"name": "anna"}, "pitch": None}, {"voice": {"name": "anna"}}], bodies
""",
    )


def test_idempotency_key_is_sent_if_declared(package):
    """The SDK creates the key, so it is no argument of the method; a caller can send their own."""
    run(
        package,
        """
client.echo("a")
client.words.aloud.say("a", voice={"name": "anna"})
client.words.aloud.say("a", voice={"name": "anna"}, extra_headers={"Idempotency-Key": "mine"})
assert (keys[0], len(keys[1]), keys[2]) == (None, 36, "mine"), keys
assert "idempotency_key" not in inspect.signature(client.words.aloud.say).parameters
""",
    )


def test_list_response_is_iterable(package):
    """A response with a list in `data` is iterated for its items."""
    run(package, """assert list(client.words.aloud.say("a", voice={"name": "anna"})) == [Word(text="hello")]""")


def test_raw_response(package):
    """`with_raw_response` has the method."""
    run(
        package,
        """
response = client.words.aloud.with_raw_response.say("a", voice={"name": "anna"})
assert (response.request_id, response.parse().data) == ("req_1", [Word(text="hello")])
""",
    )


def test_signature_and_docstring(package):
    """The signature has the parameters and fields, the docstring their descriptions."""
    run(
        package,
        """
for kind in (PolarGrid, PolarGridSync):
    document = inspect.getdoc(kind.echo)
    assert document.startswith("Return a word.\\n\\nReturns the word of the path."), document
    assert "word: The word." in document and "times: How often." in document, document
    signature = inspect.signature(kind.echo)
    assert list(signature.parameters) == ["self", "word", "times", "options"], signature
    assert (signature.return_annotation, signature.parameters["word"].annotation) == ("Word", "str"), signature
document = type(client.words.aloud).say.__doc__
assert "voice: Who says it." in document and "pitch: How high." in document, document
assert "sync:" not in document, document
""",
    )


def test_types(package):
    """mypy --strict accepts correct calls and rejects a wrong type, a missing field, and an unknown name."""
    (package / "user.py").write_text(TYPES, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(package / "user.py")],
        env={**os.environ, "MYPYPATH": f"{package}:{ROOT / 'overlay'}"},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = re.findall(r"^user\.py:(\d+): error", process.stdout, flags=re.MULTILINE)
    assert lines == ["8", "9", "10", "11"], process.stdout
