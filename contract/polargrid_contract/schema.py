"""schemathesis over the shipped specification, against any server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path


def command(url: str, config: Path, specification: Path, options: Sequence[str]) -> list[str]:
    """The command line of one run. The key stands in the environment, not here."""
    run = ["run", str(specification), "--url", url, *options]
    return [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), *run]


def configuration(shipped: str) -> str:
    """The shipped settings and the key, which schemathesis takes from the environment."""
    return f'{shipped}\n[auth.openapi.bearerAuth]\nbearer = "${{POLARGRID_CONTRACT_KEY}}"\n'


def check(url: str, api_key: str, options: Sequence[str] = ()) -> int:
    """Test the server at `url`; what schemathesis says goes to stdout. 0: kept, 1: broken, 2: cannot be tested."""
    with tempfile.TemporaryDirectory() as folder, _shipped("polargrid_generated", "openapi.json") as specification:
        config = Path(folder) / "schemathesis.toml"
        settings = resources.files("polargrid_contract").joinpath("schemathesis.toml").read_text("utf-8")
        config.write_text(configuration(settings), encoding="utf-8")
        done = subprocess.run(
            command(url, config, specification, options),
            env={**os.environ, "POLARGRID_CONTRACT_KEY": api_key},
            cwd=folder,  # where schemathesis would leave its database
            check=False,
        )
    return done.returncode


def _shipped(package: str, name: str) -> AbstractContextManager[Path]:
    return resources.as_file(resources.files(package).joinpath(name))
