"""`python -m qa.upstream`: the local edge in front of llama.cpp's own server.

Runs `polargrid contract` through `polargrid serve --upstream`, and measures what the edge adds to the time to the first
token. Exits with 1 for a violation, or if the median of the added time exceeds `LIMIT_MS`. Measure on a quiet machine.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx

from polargrid_edge.models.catalog import MODELS
from polargrid_edge.models.files import ensure
from polargrid_edge.settings import LOCAL_KEY

LIMIT_MS: Final = 1.0
_MODEL: Final = "smollm2-135m"
_KEY: Final = "sk-test-key"
_START_SECONDS: Final = 120.0
_SERVER: Final = Path(__file__).parent / "foreign_servers" / "llamacpp_server.py"
_BASELINE: Final = Path(__file__).parent / "upstream_baseline.json"
_FIRST_TEXT: Final = re.compile(rb'"content": ?"[^"]')


@contextmanager
def start_llamacpp() -> Iterator[str]:
    """Run llama.cpp's server in a process of its own, and yield its URL when it has loaded its model."""
    (file,) = ensure(next(model for model in MODELS if model.id == _MODEL).files).values()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(_SERVER), str(port), str(file), _KEY]
    with tempfile.TemporaryFile() as log, _terminate(subprocess.Popen(command, stdout=log, stderr=log)):
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{url}/health", trust_env=False).status_code == httpx.codes.OK:
                    yield url
                    return
            time.sleep(0.1)
        raise TimeoutError(f"llama.cpp's server does not respond within {_START_SECONDS:g} s")


@contextmanager
def start_edge(upstream: str) -> Iterator[str]:
    """Run `polargrid serve --upstream`, and yield its URL."""
    polargrid = str(Path(sys.executable).with_name("polargrid"))
    options = ("--port", "0", "--chat-model", _MODEL, "--max-output-tokens", "48", "--upstream", upstream)
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "POLARGRID_EDGE_UPSTREAM_KEY": _KEY, "POLARGRID_DATA": data}
        process = subprocess.Popen([polargrid, "serve", *options], stdout=subprocess.PIPE, env=environment)
        with _terminate(process):
            assert process.stdout is not None
            yield re.findall(rb"http://[0-9.]+:[0-9]+", process.stdout.readline())[0].decode()


@contextmanager
def _terminate(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def check_contract(url: str, arguments: Sequence[str]) -> int:
    """Run the contract tester; returns its exit status."""
    command = [str(Path(sys.executable).with_name("polargrid")), "contract", url, "--api-key", LOCAL_KEY]
    command += ["--seed", "2", "--baseline", str(_BASELINE)]
    return subprocess.run([*command, *arguments], check=False).returncode


def measure(upstream: str, edge: str, requests: int) -> float:
    """The median of the time that the edge adds to the first token, in milliseconds, of alternating requests."""
    added: list[float] = []
    with _connect(upstream, _KEY) as direct, _connect(edge, LOCAL_KEY) as through:
        for number in range(requests + 10):
            before, after = first_token(direct), first_token(through)
            if number >= 10:  # the first ones open connections
                added.append((after - before) * 1000)
    return statistics.median(added)


def _connect(url: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=60, trust_env=False)


def first_token(client: httpx.Client) -> float:
    """The seconds from sending a request to its first token."""
    messages = [{"role": "user", "content": "Hi"}]
    body = {"model": _MODEL, "messages": messages, "max_tokens": 4, "temperature": 0, "stream": True}
    started = time.perf_counter()
    first = None
    received = b""
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        for data in response.iter_raw():
            received += data
            if first is None and _FIRST_TEXT.search(received):
                first = time.perf_counter()
    assert first is not None, received
    return first - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if the contract is kept and the added time is within the limit."""
    parser = argparse.ArgumentParser("python -m qa.upstream", description=__doc__)
    parser.add_argument("--only", choices=["contract", "time"], help="default: both")
    parser.add_argument("--requests", type=int, default=200, help="for the time; default: %(default)s")
    parser.add_argument("contract", nargs="*", help="options of `polargrid contract`, after --")
    options = parser.parse_args(arguments)
    status = 0
    with start_llamacpp() as upstream, start_edge(upstream) as edge:
        if options.only != "time":
            status = check_contract(edge, options.contract)
        if options.only != "contract":
            added = measure(upstream, edge, options.requests)
            print(f"added to the first token: {added:.2f} ms (median of {options.requests}; limit {LIMIT_MS:g} ms)")
            status = status or int(added > LIMIT_MS)
    return status


if __name__ == "__main__":
    sys.exit(main())
