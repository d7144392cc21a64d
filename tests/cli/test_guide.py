"""docs/command.md: its blocks run against the local edge, and it covers all commands and exit statuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from polargrid_cli import exit_codes
from polargrid_cli.commands import polargrid

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "command.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The working directory of the blocks, which run in the order of the page."""
    return tmp_path_factory.mktemp("guide")


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_a_block_runs(edge, folder, block):
    """Every line succeeds; only the endpoint is replaced, as the edge of the tests has a free port."""
    block = block.replace("--region local", f"--base-url {edge.url}")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "POLARGRID_BASE_URL": edge.url, "POLARGRID_API_KEY": "pg_local"}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_the_guide_names_every_command():
    """The commands of a group, too."""
    context = click.Context(polargrid)
    for name in polargrid.list_commands(context):
        command = polargrid.get_command(context, name)
        assert f"polargrid {name}" in GUIDE
        assert all(subcommand in GUIDE for subcommand in getattr(command, "commands", {}))


def test_the_guide_names_every_exit_status():
    """The table lists the constants of `exit_codes`."""
    listed = {int(status) for status in re.findall(r"^\| (\d+) \|", GUIDE, flags=re.MULTILINE)}
    assert listed == {value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)}
