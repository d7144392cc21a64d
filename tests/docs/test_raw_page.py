"""Each call of the page of the raw client runs as printed, sync and async, and sends the request of openapi.yaml."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from urllib.parse import parse_qs

import httpx
import pytest

import polargrid
from polargrid_testing.samples import load_document, load_samples, read_path
from tests.docs.extensions import load_extension

load_extension("openapi_page")
PAGE = load_extension("raw_page").write_functions(load_document())
BLOCKS = dict(re.findall(r"^### (\w+)\n.*?^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("sample", load_samples(), ids=str)
def test_call_runs_as_printed(sample):
    """Both clients send the same request."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(sample.status, headers={"content-type": sample.media_type}, content=sample.body)

    transport = httpx.MockTransport(respond)
    code = compile(BLOCKS[sample.name], sample.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        with httpx.Client(transport=transport) as http:
            async with httpx.AsyncClient(transport=transport) as async_http:
                client = polargrid.PolarGridSync(api_key="pg_test", http_client=http)
                async_client = polargrid.PolarGrid(api_key="pg_test", http_client=async_http)
                await eval(code, {"client": client, "async_client": async_client})  # noqa: S307 - a page of this repository

    asyncio.run(run())
    assert len(requests) == 2
    for request in requests:
        assert (request.method, read_path(request.url.raw_path)) == (sample.method, sample.url)
        assert sample.full_query.items() <= parse_qs(request.url.query.decode()).items()
        if sample.request_type == "application/json":
            assert json.loads(request.content) == sample.request
