"""openai on aiohttp, by its extra; async only."""

import openai

from qa.benchmarks.contenders.openai_default import (  # noqa: F401 - the interface
    async_chat,
    async_speech,
    async_stream,
    async_upload,
    options,
)

NAME = "openai with aiohttp"
REQUIRES = ["openai[aiohttp]==3.54.0"]
IMPORT = "import openai; openai.DefaultAioHttpClient"


def async_client(url):
    return openai.AsyncOpenAI(**options(url), http_client=openai.DefaultAioHttpClient())
