"""openai, with its default transport."""

import openai

from qa.benchmarks import workload

NAME = "openai"
REQUIRES = ["openai==3.54.0"]
IMPORT = "import openai"
CLIENT = "openai.OpenAI(base_url='http://127.0.0.1:1/v1', api_key='none')"


def options(url):
    return {"base_url": f"{url}/v1", "api_key": workload.KEY, "max_retries": 0}


def client(url):
    return openai.OpenAI(**options(url))


def chat(client):
    return client.chat.completions.create(**workload.build_chat()).choices[0].message.content


def stream(client, model):
    for chunk in client.chat.completions.create(**workload.build_chat(model), stream=True):
        yield chunk.choices[0].delta.content


def speech(client, text):
    return client.audio.speech.create(**workload.build_speech(text)).content


def upload(client, path):
    return client.audio.transcriptions.create(model=workload.WHISPER, file=path).text


def async_client(url):
    return openai.AsyncOpenAI(**options(url))


async def async_chat(client):
    return (await client.chat.completions.create(**workload.build_chat())).choices[0].message.content


async def async_stream(client, model):
    async for chunk in await client.chat.completions.create(**workload.build_chat(model), stream=True):
        yield chunk.choices[0].delta.content


async def async_speech(client, text):
    return (await client.audio.speech.create(**workload.build_speech(text))).content


async def async_upload(client, path):
    return (await client.audio.transcriptions.create(model=workload.WHISPER, file=path)).text
