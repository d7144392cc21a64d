"""ollama, in its own protocol: lines of JSON, without speech."""

import ollama

from qa.benchmarks import workload

NAME = "ollama"
REQUIRES = ["ollama==0.6.3"]
IMPORT = "import ollama"
CLIENT = "ollama.Client('http://127.0.0.1:1')"

_OPTIONS = {"num_predict": 64, "temperature": 0.2}


def client(url):
    return ollama.Client(url)


def chat(client):
    return client.chat(workload.MODEL, workload.build_messages(), options=_OPTIONS).message.content


def stream(client, model):
    for part in client.chat(model, workload.build_messages(), options=_OPTIONS, stream=True):
        yield part.message.content


def async_client(url):
    return ollama.AsyncClient(url)


async def async_chat(client):
    return (await client.chat(workload.MODEL, workload.build_messages(), options=_OPTIONS)).message.content


async def async_stream(client, model):
    async for part in await client.chat(model, workload.build_messages(), options=_OPTIONS, stream=True):
        yield part.message.content
