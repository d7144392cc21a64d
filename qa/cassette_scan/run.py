"""Records and searches the cassettes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import polargrid
from polargrid_testing.cassettes.cassette import cassette
from polargrid_testing.server import LoopbackServer
from qa.cassette_scan.search import find_in_cassette, find_secret
from qa.cassette_scan.traffic import HostileServer, list_secrets, make_key, send_requests

_TRANSPORTS = ("httpx", "fast")


@dataclass
class ScanResult:
    """What was recorded and found."""

    cassettes: int = 0
    interactions: int = 0
    size: int = 0
    shown: int = 0
    """Responses in which the search finds a credential before they are recorded: a control of the search."""
    found: list[str] = field(default_factory=list)
    """A line for each credential in a file."""


def scan(folder: Path, count: int, seed: int = 0) -> ScanResult:
    """Record cassettes in a folder, and search them."""
    result = ScanResult()
    for number in range(count):
        source = random.Random(f"{seed}/{number}")  # noqa: S311 - the same traffic each time
        key, path = make_key(source), folder / f"{number}.yaml"
        secrets = list_secrets(key, source)
        handler = HostileServer(source)
        with LoopbackServer(handler) as server, cassette(path, record="all") as recorded:
            options = {"base_url": server.url, "api_key": key, "max_retries": 0}
            with polargrid.PolarGridSync(**options, transport=_TRANSPORTS[number % 2]) as client:
                send_requests(client, secrets, source)
        result.cassettes += 1
        result.interactions += len(recorded.interactions)
        result.size += path.stat().st_size
        result.shown += sum(find_secret(body, key) is not None for body in handler.sent)
        for name, secret in secrets.items():
            if (excerpt := find_in_cassette(path, secret)) is not None:
                result.found.append(f"{path.name}: {name} {secret!r} in {excerpt!r}")
    return result
