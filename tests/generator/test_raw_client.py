"""The raw client writes what its generator would drop or write wrongly, and its docstrings say what it cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import codegen
from generator.normalize import normalize
from generator.raw.requests import view_requests
from generator.raw.responses import view_responses


def _query(name: str, schema: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **fields}


def _responses(*media_types: str) -> dict[str, Any]:
    return {"200": {"description": "Ok.", "content": {name: {"schema": {"type": "object"}} for name in media_types}}}


TEXTS = {"type": "array", "items": {"type": "string"}}
FILTER = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Test", "version": "1"},
    "paths": {
        "/v1/find/{all}?kind={kind}&fixed=yes": {
            "parameters": [{"name": "all", "in": "path", "required": True, "schema": {"type": "boolean"}}],
            "get": {
                "operationId": "find",
                "tags": ["things"],
                "parameters": [
                    {"name": "kind", "in": "path", "required": True, "schema": {"type": "string"}},
                    _query("repeated", TEXTS),
                    _query("limit", {"type": "integer", "default": 10}),
                    _query("joined", TEXTS, explode=False),
                    _query("filter", FILTER, style="deepObject", required=True),
                    {"name": "shape", "in": "query", "content": {"application/json": {"schema": FILTER}}},
                    {"name": "X-Tags", "in": "header", "schema": TEXTS},
                ],
                "responses": _responses("application/json", "text/event-stream"),
            },
        },
        "/v1/image": {
            "put": {
                "operationId": "put_image",
                "tags": ["things"],
                "requestBody": {"required": True, "content": {"image/png": {}}},
                "responses": _responses("application/x-ndjson"),
            }
        },
    },
}
SCRIPT = """
import io, sys, warnings
import httpx
from raw import Client
from raw.api.things import find, put_image
from raw.models import *
from raw.types import File

requests = []

def respond(request):
    requests.append(request)
    return httpx.Response(200, text='{}')

client = Client("http://test", httpx_args={"transport": httpx.MockTransport(respond)})
find.sync(FindAll.TRUE, "a&b", client=client, repeated=["x", "y"], joined="x,y",
          filtera="1", filterb=2, shape='{"a": "1"}', x_tags="x,y")
lines = put_image.sync(client=client, body=File(io.BytesIO(b"PNG")))
print(requests[0].url.raw_path.decode(), requests[0].headers["x-tags"])
print(requests[1].headers["content-type"], requests[1].read(), lines)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with the raw client of the document."""
    folder = tmp_path_factory.mktemp("raw")
    codegen.generate_raw_client(normalize(SPEC), folder / "raw")
    return folder


def test_wire(folder):
    """Lists, objects and bodies are sent as the document declares them."""
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    url, image = process.stdout.splitlines()
    assert url == (
        "/v1/find/true?kind=a%26b&fixed=yes&repeated=x&repeated=y&joined=x%2Cy&filter%5Ba%5D=1&filter%5Bb%5D=2"
        "&shape=%7B%22a%22%3A+%221%22%7D x,y"
    )
    assert image == "image/png b'PNG' {}"


def test_docstrings_say_what_it_cannot_do(folder):
    """It streams nothing, and parses one media type."""
    texts = [(folder / f"raw/api/things/{name}.py").read_text("utf-8") for name in ("find", "put_image")]
    assert all("The raw client does not stream" in text for text in texts)
    assert "raises `json.JSONDecodeError`" in " ".join(texts[0].split())


def test_the_document_is_not_changed():
    """The adapted one is a copy."""
    spec = normalize(SPEC)
    before = repr(spec)
    view_responses(view_requests(spec))
    assert repr(spec) == before
