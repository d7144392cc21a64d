"""This SDK on its own HTTP/1.1 connections, by its extra [fast]."""

from polargrid import PolarGrid, PolarGridSync
from qa.benchmarks.contenders.polargrid_default import (  # noqa: F401 - the interface of a contender
    OPTIONS,
    async_chat,
    async_speech,
    async_stream,
    async_upload,
    chat,
    speech,
    stream,
    upload,
)

NAME = "polargrid on fast"
REQUIRES = [".", "certifi", "httptools", "idna"]
IMPORT = "import polargrid"
CLIENT = "polargrid.PolarGridSync(base_url='http://127.0.0.1:1', api_key='none', transport='fast')"


def client(url):
    return PolarGridSync(base_url=url, transport="fast", **OPTIONS)


def async_client(url):
    return PolarGrid(base_url=url, transport="fast", **OPTIONS)
