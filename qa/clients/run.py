"""`python -m qa.clients`: third-party clients, unmodified, against a local edge.

Exits with 1 if a scenario fails. A client whose runtime is not installed is skipped, and listed as such.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from shutil import which
from typing import Final

from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from qa.benchmarks.environments import ROOT
from qa.clients import report
from qa.clients.environments import NodeMissingError, lock_client, prepare_command
from qa.clients.outcomes import Result, exit_status, fail_all, parse_output, results_as_json
from qa.clients.roster import Client, load_clients
from qa.clients.scripted_edge import run_scripted_edge

DOCS: Final = ROOT / "docs" / "clients.md"
_MODELS: Final = (EdgeSettings().chat_model, "kokoro-82m", "whisper-base", "all-minilm-l6-v2")
_CLIENT_TIMEOUT: Final = 600.0  # seconds
_STDERR_LINES: Final = 3  # of a program that failed

PrepareCommand = Callable[[Client], list[str]]


def run_clients(
    clients: Sequence[Client],
    prepare: PrepareCommand,
    url: str,
    scripted_url: str = "",
    timeout: float = _CLIENT_TIMEOUT,
) -> list[Result]:
    """Run the clients' programs against the edges at these URLs; `prepare` returns the command of a program."""
    results = []
    for client in clients:
        print(f"{client.name} {client.version}", file=sys.stderr, flush=True)
        try:
            results.append(_run_client(client, prepare(client), _build_environment(url, scripted_url), timeout))
        except NodeMissingError as error:
            results.append(Result(client.name, client.kind, client.version, skipped=str(error)))
        except subprocess.CalledProcessError as error:
            results.append(fail_all(client, f"cannot create the environment: {error}"))
    return results


def _run_client(client: Client, command: list[str], environment: Mapping[str, str], timeout: float) -> Result:
    # The working directory and home is an empty folder, so that nothing remains from an earlier run.
    with tempfile.TemporaryDirectory(prefix=f"{client.name}-") as folder:
        settings = {**environment, "HOME": folder}
        try:
            process = subprocess.run(
                command, cwd=folder, env=settings, capture_output=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired as error:
            return parse_output(client, (error.stdout or b"").decode(), f"timeout after {timeout:g} s")
    last_lines = " ".join(process.stderr.decode(errors="replace").split("\n")[-_STDERR_LINES - 1 :]).strip()
    ending = f"exit status {process.returncode}. {last_lines}"
    return parse_output(client, process.stdout.decode(), ending)


def _build_environment(url: str, scripted_url: str) -> dict[str, str]:
    """The machine's environment without proxies and settings of SDKs, and the edge where OpenAI's clients look.

    The edge whose chat model is a script is at SCRIPTED_BASE_URL.
    """
    names = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    urls = {"OPENAI_BASE_URL": f"{url}/v1", "SCRIPTED_BASE_URL": f"{scripted_url}/v1"}
    return environment | urls | {"OPENAI_API_KEY": LOCAL_KEY}


def _describe_run(names: Sequence[str]) -> str:
    """The date, the machine and the command."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False) if which("node") else None
    arguments = " ".join(["--only", *names]) if names else ""
    return (
        f"{datetime.now(UTC).date().isoformat()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {f'Node {node.stdout.strip()[1:]}' if node else 'no Node'}; "
        f"python -m qa.clients {arguments}".strip()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.clients", description=__doc__)
    clients = load_clients()
    names = [client.name for client in clients]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help=f"of {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}, from all clients")
    parser.add_argument("--lock", nargs="+", metavar="NAME", choices=names, help="only pin their requirements")
    options = parser.parse_args(arguments)
    if options.write_docs and options.only:
        parser.error("--write-docs: the page needs all clients; omit --only")
    if options.lock:
        for client in clients:
            if client.name in options.lock:
                lock_client(client)
        return 0
    selected = [client for client in clients if client.name in (options.only or names)]
    for client in selected:
        if not client.pins.exists():
            parser.error(
                f"{client.name}: its requirements are not pinned; run: make clients ARGS='--lock {client.name}'"
            )
    results = _run_against_local_edge(selected)
    run = _describe_run(options.only or ())
    print(json.dumps(results_as_json(results, run), indent=1) if options.json else report.render_text(results))
    if options.write_docs:
        DOCS.write_text(report.render_docs(results, run), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}", file=sys.stderr)
    return exit_status(results)


def _run_against_local_edge(clients: Sequence[Client]) -> list[Result]:
    """Run the clients against an edge with the settings of `polargrid serve`, on a free port, and a scripted edge."""
    for model in _MODELS:
        ensure(Catalog().resolve(model).files)
    with run_in_thread(EdgeSettings(port=0)) as edge, run_scripted_edge() as scripted_edge:
        return run_clients(clients, prepare_command, edge.url, scripted_edge.url)
