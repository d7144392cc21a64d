"""`python -m qa.clients`: others' clients, unmodified, against a local edge.

Exits with 1 where a scenario of any fails. A client whose runtime is not on this machine is left out, and told.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from shutil import which
from typing import Final

from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from qa.benchmarks.environments import ROOT
from qa.clients import page
from qa.clients.environments import NoNodeError, command, lock
from qa.clients.outcomes import Result, as_json, broken, exit_status, result
from qa.clients.roster import Client, clients

DOCS: Final = ROOT / "docs" / "clients.md"
_MODELS: Final = (EdgeSettings().chat_model, "kokoro-82m", "whisper-base")
_LONGEST: Final = 300.0  # seconds for a client
_LAST_LINES: Final = 3  # of what a program that ended badly said

Command = Callable[[Client], list[str]]


def results(chosen: Sequence[Client], command: Command, url: str, longest: float = _LONGEST) -> list[Result]:
    """What comes of each client at the edge of this URL; `command` says what plays its program."""
    found = []
    for client in chosen:
        print(f"{client.name} {client.version}", file=sys.stderr, flush=True)
        try:
            found.append(_played(client, command(client), url, longest))
        except NoNodeError as missing:
            found.append(Result(client.name, client.version, left_out=str(missing)))
        except subprocess.CalledProcessError as failure:
            found.append(broken(client, f"Its environment could not be made: {failure}"))
    return found


def _played(client: Client, command: list[str], url: str, longest: float) -> Result:
    # An empty folder, which is its home too: what a client keeps is not there the next time.
    with tempfile.TemporaryDirectory(prefix=f"{client.name}-") as folder:
        environment = _environment(url, folder)
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=longest, check=False
            )
        except subprocess.TimeoutExpired as over:
            return result(client, (over.stdout or b"").decode(), f"it took longer than {longest:g} s")
    last = " ".join(done.stderr.decode(errors="replace").split("\n")[-_LAST_LINES - 1 :]).strip()
    return result(client, done.stdout.decode(), f"it ended with status {done.returncode}. {last}")


def _environment(url: str, home: str) -> dict[str, str]:
    """The machine's, without proxies and settings of any SDK, with the edge where OpenAI's clients look for it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return kept | {"HOME": home, "OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": LOCAL_KEY}


def _measured(names: Sequence[str]) -> str:
    """When, where and by which command."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False) if which("node") else None
    only = " ".join(["--only", *names]) if names else ""
    return (
        f"{datetime.now(UTC).date().isoformat()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {f'Node {node.stdout.strip()[1:]}' if node else 'no Node'}; "
        f"python -m qa.clients {only}".strip()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m qa.clients", description=__doc__)
    names = [client.name for client in clients()]
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, help=f"of {', '.join(names)}")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--write-docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}, from all clients")
    parser.add_argument("--lock", nargs="+", metavar="NAME", choices=names, help="pin what these require, and end")
    given = parser.parse_args(arguments)
    if given.write_docs and given.only:
        parser.error("--write-docs: the page is about all clients; leave out --only")
    if given.lock:
        for client in clients():
            if client.name in given.lock:
                lock(client)
        return 0
    chosen = [client for client in clients() if client.name in (given.only or names)]
    for client in chosen:
        if not client.pins.exists():
            parser.error(f"{client.name} has no pins: make them with --lock {client.name}")
    found = _at_a_local_edge(chosen)
    measured = _measured(given.only or ())
    print(json.dumps(as_json(found, measured), indent=1) if given.json else page.text(found))
    if given.write_docs:
        DOCS.write_text(page.docs(found, measured), encoding="utf-8")
        print(f"wrote {DOCS.relative_to(ROOT)}", file=sys.stderr)
    return exit_status(found)


def _at_a_local_edge(chosen: Sequence[Client]) -> list[Result]:
    """The results at an edge as `polargrid serve` starts it, on a free port."""
    for model in _MODELS:
        ensure(Catalog().resolve(model).files)
    with run_in_thread(EdgeSettings(port=0)) as edge:
        return results(chosen, command, edge.url)
