"""One connection of httpx, below its client: the bytes of a stream, not decoded."""

import json

import httpx

from qa.benchmarks import workload

NAME = "httpx.HTTPTransport"
REQUIRES = ["httpx==0.28.1", "sniffio==1.3.1"]


class _Client:
    """A transport and the URL of the chat."""

    def __init__(self, url, transport):
        self.url, self.transport = f"{url}/v1/chat/completions", transport

    def build_request(self, model):
        content = json.dumps({**workload.build_chat(model), "stream": True}).encode()
        headers = {"Authorization": f"Bearer {workload.KEY}", "Content-Type": "application/json"}
        return httpx.Request("POST", self.url, headers=headers, content=content)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.transport.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.transport.aclose()


def client(url):
    return _Client(url, httpx.HTTPTransport())


def receive(client, model):
    response = client.transport.handle_request(client.build_request(model))
    yield from response.stream
    response.close()


def async_client(url):
    return _Client(url, httpx.AsyncHTTPTransport())


async def async_receive(client, model):
    response = await client.transport.handle_async_request(client.build_request(model))
    async for data in response.stream:
        yield data
    await response.aclose()
