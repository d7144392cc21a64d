"""groq, from the same generator as openai."""

import groq

from qa.benchmarks import workload

NAME = "groq"
REQUIRES = ["groq==1.7.0"]
IMPORT = "import groq"
CLIENT = "groq.Groq(base_url='http://127.0.0.1:1', api_key='none')"


def options(url):
    return {"base_url": url, "api_key": workload.KEY, "max_retries": 0}


def client(url):
    return groq.Groq(**options(url))


def chat(client):
    return client.chat.completions.create(**workload.build_chat()).choices[0].message.content


def stream(client, model):
    for chunk in client.chat.completions.create(**workload.build_chat(model), stream=True):
        yield chunk.choices[0].delta.content


def speech(client, text):
    return client.audio.speech.create(**workload.build_speech(text)).read()


def upload(client, path):
    return client.audio.transcriptions.create(model=workload.WHISPER, file=path).text


def async_client(url):
    return groq.AsyncGroq(**options(url))


async def async_chat(client):
    return (await client.chat.completions.create(**workload.build_chat())).choices[0].message.content


async def async_stream(client, model):
    async for chunk in await client.chat.completions.create(**workload.build_chat(model), stream=True):
        yield chunk.choices[0].delta.content


async def async_speech(client, text):
    return await (await client.audio.speech.create(**workload.build_speech(text))).read()


async def async_upload(client, path):
    return (await client.audio.transcriptions.create(model=workload.WHISPER, file=path)).text
