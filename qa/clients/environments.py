"""An environment for each client, in .clients/, with its pinned packages and nothing else.

It is created again if its pins or the interpreter have changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from qa.benchmarks.environments import ROOT, create_environment, install_lock, write_lock
from qa.clients.roster import FOLDER, Client

_CACHE: Final = ROOT / ".clients"
# Install scripts are disabled: no client needs them.
_NPM: Final = ("npm", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


class NodeMissingError(Exception):
    """Node or npm is not installed."""


def prepare_command(client: Client) -> list[str]:
    """Create the client's environment if necessary, and return the command that runs its program there.

    Raises `NodeMissingError`, or `subprocess.CalledProcessError` if the environment cannot be created.
    """
    return _prepare_python(client) if client.runtime == "python" else _prepare_node(client)


def _prepare_python(client: Client) -> list[str]:
    digest = _compute_digest(sys.version, [client.pins])
    folder = _CACHE / client.name
    python = create_environment(folder, digest, lambda python: install_lock(python, client.pins), client.name)
    # -P: a program may have the name of its client, and an import must not find the program instead.
    return [str(python), "-P", "-B", str(FOLDER / "play.py"), str(client.program)]


def _prepare_node(client: Client) -> list[str]:
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NodeMissingError(f"{tool} is not installed; install Node 20 or newer")
    folder, sources = _CACHE / client.name, [client.pins, client.pins.with_name("package.json")]
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    digest, note = _compute_digest(node, sources), folder / "digest"
    if not note.exists() or note.read_text(encoding="ascii") != digest:
        print(f"creating the environment of {client.name}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for source in sources:
            shutil.copy(source, folder)
        subprocess.run([*_NPM, "ci"], cwd=folder, check=True, stdout=sys.stderr)
        note.write_text(digest, encoding="ascii")
    # Node looks for packages beside the file that imports them.
    return ["node", str(FOLDER / "play.mjs"), shutil.copy(client.program, folder)]


def _compute_digest(interpreter: str, sources: Iterable[Path]) -> str:
    digest = hashlib.sha256(interpreter.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def lock_client(client: Client) -> None:
    """Pin the newest versions that the client's requirements allow; for Node, those that package.json does not pin."""
    if client.runtime == "python":
        write_lock(client.requires, client.pins)
    else:
        client.pins.unlink(missing_ok=True)  # otherwise npm does not upgrade
        # The lock names no registry and no other host, so that it works with any registry.
        install = [*_NPM, "install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
        subprocess.run(install, cwd=client.pins.parent, check=True, stdout=sys.stderr)
        locked = json.loads(client.pins.read_text(encoding="utf-8"))
        for package in locked["packages"].values():
            package.pop("funding", None)
        client.pins.write_text(json.dumps(locked, indent=2) + "\n", encoding="utf-8")
