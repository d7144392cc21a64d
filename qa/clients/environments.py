"""An environment for each client, in .clients/: what its pins name, checked by their hashes, and nothing else.

It is made anew when its pins, or the interpreter, have changed.
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

from qa.benchmarks.environments import ROOT, fill, make, pin
from qa.clients.roster import HERE, Client

_FOLDER: Final = ROOT / ".clients"
# Scripts of packages are not run: nothing that is used here needs them.
_NPM: Final = ("npm", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")


class NoNodeError(Exception):
    """There is no Node, or no npm, on this machine."""


def command(client: Client) -> list[str]:
    """What plays the client's program, in its environment, which is made where it is not there.

    Raises `NoNodeError`, or `subprocess.CalledProcessError` where the environment cannot be made.
    """
    return _in_python(client) if client.runtime == "python" else _in_node(client)


def _in_python(client: Client) -> list[str]:
    folder = _FOLDER / client.name
    python = make(folder, _digest(sys.version, [client.pins]), lambda python: fill(python, client.pins), client.name)
    # Safe path: a program may be named as its client is, and must not be found in its place.
    return [str(python), "-P", "-B", str(HERE / "play.py"), str(client.program)]


def _in_node(client: Client) -> list[str]:
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NoNodeError(f"There is no {tool} on this machine; install Node 20 or newer.")
    folder, sources = _FOLDER / client.name, [client.pins, client.pins.with_name("package.json")]
    node = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout
    made_from, note = _digest(node, sources), folder / "made-from"
    if not note.exists() or note.read_text(encoding="ascii") != made_from:
        print(f"making the environment of {client.name}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for source in sources:
            shutil.copy(source, folder)
        subprocess.run([*_NPM, "ci"], cwd=folder, check=True, stdout=sys.stderr)
        note.write_text(made_from, encoding="ascii")
    # Node looks for packages beside the file that names them.
    return ["node", str(HERE / "play.mjs"), shutil.copy(client.program, folder)]


def _digest(interpreter: str, sources: Iterable[Path]) -> str:
    digest = hashlib.sha256(interpreter.encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def lock(client: Client) -> None:
    """Pins the newest versions that the client's program takes; for Node, of what its package.json does not pin."""
    if client.runtime == "python":
        pin(client.requires, client.pins)
    else:
        client.pins.unlink(missing_ok=True)  # else npm keeps to it
        # The lock names no registry, so that it holds for any, nor any other host.
        install = [*_NPM, "install", "--package-lock-only", "--omit-lockfile-registry-resolved"]
        subprocess.run(install, cwd=client.pins.parent, check=True, stdout=sys.stderr)
        locked = json.loads(client.pins.read_text(encoding="utf-8"))
        for package in locked["packages"].values():
            package.pop("funding", None)
        client.pins.write_text(json.dumps(locked, indent=2) + "\n", encoding="utf-8")
