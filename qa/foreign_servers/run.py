"""`python -m qa.foreign_servers`: the contract tester against servers of other projects, unmodified.

The findings about each server were judged, and stand in its baseline with the reason why they are right. The command
exits with 1 if the tester reports anything else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx

from qa.benchmarks.environments import ROOT, create_environment, install_lock, write_lock
from qa.foreign_servers import report
from qa.foreign_servers.servers import KEY, SERVERS, ForeignServer

DOCS: Final = ROOT / "docs" / "foreign-servers.md"
OUTPUT: Final = ROOT / "out" / "foreign-servers"
_CACHE: Final = ROOT / ".foreign"
_START_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.2
_RUN_SECONDS: Final = 1200.0
_SEED: Final = 2
_LOADING: Final = 503  # the status of a server until its model is loaded


class StartError(Exception):
    """A server does not start; the message has the last lines of its log."""


def check_server(server: ForeignServer, arguments: Sequence[str]) -> dict[str, Any]:
    """Start a server, run the contract tester against it, and return its report as JSON."""
    python = _prepare_environment(server)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{server.name}-") as folder, _serve(server, python, Path(folder)) as url:
        command = [str(Path(sys.executable).with_name("polargrid")), "contract", url, "--api-key", KEY]
        command += ["--profile", "openai", "--seed", str(_SEED), "--json", *server.options, *arguments]
        if server.baseline.exists():
            command += ["--baseline", str(server.baseline)]
        process = subprocess.run(command, stdout=subprocess.PIPE, timeout=_RUN_SECONDS, check=False)
    results: dict[str, Any] = json.loads(process.stdout)
    (OUTPUT / f"{server.name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results


def _prepare_environment(server: ForeignServer) -> Path:
    """Create the environment of a server if necessary, and return its interpreter."""
    digest = hashlib.sha256(sys.version.encode() + server.pins.read_bytes()).hexdigest()
    return create_environment(
        _CACHE / server.name, digest, lambda python: install_lock(python, server.pins), server.name
    )


@contextmanager
def _serve(server: ForeignServer, python: Path, folder: Path) -> Iterator[str]:
    """Start a server on loopback, and yield its URL when it responds."""
    port, log_path = _find_free_port(), OUTPUT / f"{server.name}.log"
    command = server.build_command(python, port, folder)
    environment = {**os.environ, **server.environment, "HOME": str(folder)}
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_responds(process, url, log_path)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_until_it_responds(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.HTTPError):
            key = {"authorization": f"Bearer {KEY}"}
            if httpx.get(f"{url}/v1/models", headers=key, trust_env=False, timeout=10).status_code != _LOADING:
                return
        time.sleep(_POLL_SECONDS)
    lines = log.read_text("utf-8", "replace").splitlines()[-5:]
    raise StartError("\n".join([f"it does not respond within {_START_SECONDS:g} s; its log ends:", *lines]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if the tester reports what was judged and nothing else, otherwise 1."""
    parser = argparse.ArgumentParser("python -m qa.foreign_servers", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--suite", choices=["schema", "behaviour"], help="of the contract tester; default: both")
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}, from all servers")
    parser.add_argument("--lock", nargs="+", metavar="NAME", choices=SERVERS, help="only pin their requirements")
    options = parser.parse_args(arguments)
    if options.write_docs and (options.suite or set(options.only) != set(SERVERS)):
        parser.error("--write-docs: the page needs all servers and both suites; omit --only and --suite")
    if options.lock:
        for name in options.lock:
            write_lock(SERVERS[name].requires, SERVERS[name].pins)
        return 0
    results = {}
    for name in options.only:
        print(f"{name} {SERVERS[name].version}", file=sys.stderr, flush=True)
        results[name] = check_server(SERVERS[name], ["--suite", options.suite] if options.suite else [])
        print(report.render_text(name, results[name]), flush=True)
    if options.write_docs:
        DOCS.write_text(report.render_docs(results), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}", file=sys.stderr)
    return int(any(result["exit_status"] for result in results.values()))
