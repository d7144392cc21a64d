"""httpx without an SDK, with dicts and without retries."""

import json

import httpx

from qa.benchmarks import workload

NAME = "httpx"
REQUIRES = ["httpx==0.28.1"]
IMPORT = "import httpx"
CLIENT = "httpx.Client(base_url='http://127.0.0.1:1')"

_CHAT, _SPEECH, _UPLOAD = "/v1/chat/completions", "/v1/audio/speech", "/v1/audio/transcriptions"


def _options(url):
    # With 256 calls at once, calls wait for one of 100 connections.
    return {"base_url": url, "headers": {"Authorization": f"Bearer {workload.KEY}"}, "timeout": 60}


def _text(line):
    if line.startswith("data: {"):
        return json.loads(line[6:])["choices"][0]["delta"]["content"]
    return None


def client(url):
    return httpx.Client(**_options(url))


def chat(client):
    return client.post(_CHAT, json=workload.build_chat()).json()["choices"][0]["message"]["content"]


def stream(client, model):
    with client.stream("POST", _CHAT, json={**workload.build_chat(model), "stream": True}) as response:
        for line in response.iter_lines():
            if (text := _text(line)) is not None:
                yield text


def speech(client, text):
    return client.post(_SPEECH, json=workload.build_speech(text)).content


def upload(client, path):
    with path.open("rb") as file:
        return client.post(_UPLOAD, data={"model": workload.WHISPER}, files={"file": file}).json()["text"]


def async_client(url):
    return httpx.AsyncClient(**_options(url))


async def async_chat(client):
    return (await client.post(_CHAT, json=workload.build_chat())).json()["choices"][0]["message"]["content"]


async def async_stream(client, model):
    async with client.stream("POST", _CHAT, json={**workload.build_chat(model), "stream": True}) as response:
        async for line in response.aiter_lines():
            if (text := _text(line)) is not None:
                yield text


async def async_speech(client, text):
    return (await client.post(_SPEECH, json=workload.build_speech(text))).content


async def async_upload(client, path):
    with path.open("rb") as file:
        return (await client.post(_UPLOAD, data={"model": workload.WHISPER}, files={"file": file})).json()["text"]
