"""A fake of each test, and clients of both kinds that reach it by a socket or in the process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from polargrid_testing import FakeEdge
from tests.overlay.conftest import ClientFactory, ClientVariant


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    """Hide the settings and the proxies of the machine."""
    for name in list(os.environ):
        if name.startswith("POLARGRID_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def fake() -> Iterator[FakeEdge]:
    """A fake that is not checked at the end."""
    edge = FakeEdge()
    yield edge
    edge.close()


@pytest.fixture(params=["async", "sync"])
def connect(request) -> Iterator[ClientFactory]:
    """Creates clients of either kind that are called without await."""
    with asyncio.Runner() as runner:
        factory = ClientFactory(ClientVariant(request.param), runner)
        yield factory
        factory.close()


@pytest.fixture(params=["socket", "process"])
def client(request, connect, fake):
    """A client of the fake: of either kind, by a socket or in the process."""
    options = {"base_url": fake.url, "api_key": fake.api_key}
    if request.param == "process":
        options["http_client"] = fake.async_http_client() if connect.name == "async" else fake.http_client()
    return connect(**options)
