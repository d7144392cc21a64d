"""This SDK on httpx2, by its extra [httpx2]."""

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

NAME = "polargrid on httpx2"
REQUIRES = [".", "httpx2"]
IMPORT = "import polargrid"
CLIENT = "polargrid.PolarGridSync(base_url='http://127.0.0.1:1', api_key='none', transport='httpx2')"


def client(url):
    return PolarGridSync(base_url=url, transport="httpx2", **OPTIONS)


def async_client(url):
    return PolarGrid(base_url=url, transport="httpx2", **OPTIONS)
