"""This SDK with its default transport, httpx."""

from polargrid import PolarGrid, PolarGridSync
from polargrid_generated.operations import CHAT_COMPLETION
from qa.benchmarks import workload

NAME = "polargrid"
REQUIRES = ["."]
IMPORT = "import polargrid"
CLIENT = "polargrid.PolarGridSync(base_url='http://127.0.0.1:1', api_key='none')"

OPTIONS = {"api_key": workload.KEY, "max_retries": 0}
_validate = CHAT_COMPLETION.chunk_type.validator.validate_json


def client(url):
    return PolarGridSync(base_url=url, **OPTIONS)


def chat(client):
    return client.chat_completion(workload.build_chat()).choices[0].message.content


def stream(client, model):
    for chunk in client.chat_completion_stream(workload.build_chat(model)):
        yield chunk.choices[0].delta.content


def speech(client, text):
    return client.text_to_speech(workload.build_speech(text))


def upload(client, path):
    return client.transcribe(path, {"model": workload.WHISPER}).text


def parse_chunk(data):
    return _validate(data)


def async_client(url):
    return PolarGrid(base_url=url, **OPTIONS)


async def async_chat(client):
    return (await client.chat_completion(workload.build_chat())).choices[0].message.content


async def async_stream(client, model):
    async for chunk in client.chat_completion_stream(workload.build_chat(model)):
        yield chunk.choices[0].delta.content


async def async_speech(client, text):
    return await client.text_to_speech(workload.build_speech(text))


async def async_upload(client, path):
    return (await client.transcribe(path, {"model": workload.WHISPER})).text
