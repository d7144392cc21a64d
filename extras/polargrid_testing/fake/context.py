"""A fake for the length of a block, which the clients of programs reach whatever they are configured for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polargrid_testing.fake.edge import FakeEdge

if TYPE_CHECKING:
    from polargrid_testing.cassettes.upstream import Route


@contextmanager
def fake_edge(*, env: bool = True, **options: Any) -> Iterator[FakeEdge]:
    """Run a `FakeEdge` until the block ends, and then raise what `FakeEdge.check` raises.

    With `env`, every client of this SDK in this process reaches it, also one that names a region or another server,
    unless that is on a loopback address. POLARGRID_BASE_URL and POLARGRID_API_KEY lead there, too, for child processes
    and programs in other languages. The options are those of `FakeEdge`.
    """
    with FakeEdge(**options) as fake:
        if not env:
            yield fake
            return
        with _lead_clients(fake):
            yield fake


@contextmanager
def _lead_clients(fake: FakeEdge) -> Iterator[None]:
    from polargrid_testing.cassettes import seam
    from polargrid_testing.cassettes.environment import KEY_VARIABLE, list_changes, variables

    target = _Target(fake.url)
    changes = list_changes(fake.url, os.environ, is_recording=True)
    # Not hidden: a client without options has the fake's own address as its base URL.
    variables.push(target, {**changes, KEY_VARIABLE: fake.api_key}, is_hidden=False)
    seam.activate(target)
    try:
        yield
    finally:
        seam.deactivate(target)
        variables.pop(target)


@dataclass(eq=False)
class _Target:
    """What the transports of this process send to a fake."""

    url: str

    def accepts(self, base_url: str) -> bool:
        """Whether a request for a server goes to the fake instead; other servers of a test stay reachable."""
        from polargrid_transport.environment import is_loopback

        return not is_loopback(base_url)

    def note_attempt(self, origin: str, key: str, route: Route) -> str:  # noqa: ARG002 - the seam's
        """Note nothing: a fake has no servers behind it."""
        return ""
