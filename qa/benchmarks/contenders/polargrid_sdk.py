"""polargrid-sdk, the vendor's SDK: a connection per call, and sync calls by `asyncio.run`."""

from contextlib import asynccontextmanager, nullcontext

from polargrid import PolarGrid, PolarGridSync
from qa.benchmarks import workload

NAME = "polargrid-sdk"
REQUIRES = ["polargrid-sdk==0.10.0"]
IMPORT = "import polargrid"
CLIENT = "polargrid.PolarGridSync(base_url='http://127.0.0.1:1', api_key='none')"

_TRANSCRIBE = {"model": workload.WHISPER, "stream": False}


def client(url):
    return nullcontext(PolarGridSync(base_url=url, api_key=workload.KEY, max_retries=0))


def chat(client):
    return client.chat_completion(workload.build_chat()).choices[0].message.content


def stream(client, model):
    for chunk in client.chat_completion_stream(workload.build_chat(model)):
        yield chunk.choices[0].delta.content


def speech(client, text):
    return client.text_to_speech(workload.build_speech(text))


def upload(client, path):
    return client.transcribe(path, dict(_TRANSCRIBE)).text


@asynccontextmanager
async def async_client(url):
    yield PolarGrid(base_url=url, api_key=workload.KEY, max_retries=0)


async def async_chat(client):
    return (await client.chat_completion(workload.build_chat())).choices[0].message.content


async def async_stream(client, model):
    async for chunk in client.chat_completion_stream(workload.build_chat(model)):
        yield chunk.choices[0].delta.content


async def async_speech(client, text):
    return await client.text_to_speech(workload.build_speech(text))


async def async_upload(client, path):
    return (await client.transcribe(path, dict(_TRANSCRIBE))).text
