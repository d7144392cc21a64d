"""The pytest plugin of `polargrid[testing]`: `polargrid_fake`, `polargrid_edge`, and cassettes.

Every pytest run where polargrid is installed imports this module, with or without the extra: it stays light.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from polargrid_testing.fixture_order import order_fixtures

if TYPE_CHECKING:
    from polargrid_testing.fake.edge import FakeEdge
    from polargrid_testing.local import LocalEdge


pytest_plugins = ("polargrid_testing.cassettes.plugin",)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Set up the fixtures of this kit before those of a test."""
    order_fixtures(item)


@pytest.fixture
def polargrid_fake() -> Iterator[FakeEdge]:
    """A scripted edge, which the clients of the test's program reach; the test fails if a request was not scripted."""
    from polargrid_testing.errors import UnscriptedRequestError, UnusedFaultError
    from polargrid_testing.fake.context import fake_edge

    message = ""
    try:
        with fake_edge(name="polargrid_fake") as fake:
            yield fake
    except (UnscriptedRequestError, UnusedFaultError) as error:
        message = str(error)
    if message:  # outside the handler, whose exception pytest would print as well
        pytest.fail(message, pytrace=False)


@pytest.fixture(scope="session")
def polargrid_edge() -> Iterator[LocalEdge]:
    """The real local edge with real models, one a session (with pytest-xdist: one a worker): `url`, `api_key`."""
    from polargrid_testing.local import local_edge

    with local_edge() as edge:
        yield edge
