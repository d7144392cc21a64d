"""docs/command.md: every block of it runs, and it names every command and exit status."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from polargrid_cli import exits
from polargrid_cli.commands import polargrid

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "command.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the blocks run, one after another, as they are read."""
    return tmp_path_factory.mktemp("guide")


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_a_block_runs(edge, folder, block):
    """Line by line, to the end; only the place changes: the edge of the tests listens on a free port."""
    block = block.replace("--region local", f"--base-url {edge.url}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "POLARGRID_BASE_URL": edge.url, "POLARGRID_API_KEY": "pg_local"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_is_named():
    """And every command of a group."""
    for name, command in polargrid.commands.items():
        assert f"polargrid {name}" in GUIDE
        for word in getattr(command, "commands", {}):
            assert word in GUIDE


def test_every_exit_status_is_named():
    """As `exits` has them."""
    told = {int(status) for status in re.findall(r"^\| (\d+) \|", GUIDE, flags=re.MULTILINE)}
    statuses = {value for name, value in vars(exits).items() if name.isupper() and isinstance(value, int)}
    assert told == statuses
