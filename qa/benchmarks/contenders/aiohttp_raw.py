"""aiohttp without an SDK, with dicts; async only."""

import json

import aiohttp

from qa.benchmarks import workload

NAME = "aiohttp"
REQUIRES = ["aiohttp==3.14.5"]
IMPORT = "import aiohttp"

_CHAT, _SPEECH, _UPLOAD = "/v1/chat/completions", "/v1/audio/speech", "/v1/audio/transcriptions"


def async_client(url):
    return aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {workload.KEY}"})


async def async_chat(client):
    async with client.post(_CHAT, json=workload.build_chat()) as response:
        return (await response.json())["choices"][0]["message"]["content"]


async def async_stream(client, model):
    async with client.post(_CHAT, json={**workload.build_chat(model), "stream": True}) as response:
        async for line in response.content:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"]["content"]


async def async_speech(client, text):
    async with client.post(_SPEECH, json=workload.build_speech(text)) as response:
        return await response.read()


async def async_upload(client, path):
    with path.open("rb") as file:
        async with client.post(_UPLOAD, data={"model": workload.WHISPER, "file": file}) as response:
            return (await response.json())["text"]
