"""This SDK on httpx's transports: the same calls, with one option more."""

from polargrid import PolarGrid, PolarGridSync
from qa.benchmarks import work
from qa.benchmarks.contenders.polargrid_default import (  # noqa: F401 - the interface
    async_chat,
    async_speech,
    async_stream,
    async_upload,
    chat,
    speech,
    stream,
    upload,
)

NAME = "polargrid on httpx"
REQUIRES = [".", "httpx"]
IMPORT = "import polargrid"
CLIENT = "polargrid.PolarGridSync(base_url='http://127.0.0.1:1', api_key='none', transport='httpx')"

_OPTIONS = {"api_key": work.KEY, "max_retries": 0, "transport": "httpx"}


def client(url):
    return PolarGridSync(base_url=url, **_OPTIONS)


def async_client(url):
    return PolarGrid(base_url=url, **_OPTIONS)
