"""A fake of each test, and clients of both kinds that reach it by a socket or in the process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from polargrid_testing import FakeEdge
from tests.overlay.conftest import ClientFactory, ClientVariant


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
