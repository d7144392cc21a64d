"""Runs the Python blocks of docs/guide/engines.md, against a server on loopback whose first request is refused.

python -m qa.engines [--only datasets polars pyspark daft ray]

The engines are in two environments, .engines (1.5 GB) and .ray (600 MB), which it creates at the first run. pyspark
needs Java 17. The exit status is 1 if a block fails, or does not send its rows.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from polargrid_testing import FakeEdge
from qa.benchmarks.environments import ROOT
from qa.environments import create_project_environment

PAGE = ROOT / "docs" / "guide" / "engines.md"
ENGINES = {"datasets": "engines", "polars": "engines", "pyspark": "engines", "daft": "engines", "ray": "ray"}
_TIMEOUT = 300.0
_ANSWER = "Hello, as the server says it."


def find_blocks(page: str) -> list[tuple[str, str]]:
    """Return the Python blocks with the package that each imports, and those without one as `datasets`."""
    blocks = re.findall(r"^```python\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    imports = [re.findall(r"^(?:import|from) (\w+)", block, flags=re.MULTILINE) for block in blocks]
    return [
        (next((name for name in ENGINES if name in names), "datasets"), block)
        for names, block in zip(imports, blocks, strict=True)
    ]


def run_block(python: Path, block: str) -> str:
    """Run a block, and return what is wrong; empty if nothing is."""
    environment = {**os.environ, "POLARGRID_API_KEY": "k", "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
    environment |= {"HF_DATASETS_OFFLINE": "1", "PYSPARK_PYTHON": str(python), "SPARK_LOCAL_IP": "127.0.0.1"}
    with closing(FakeEdge()) as fake, tempfile.TemporaryDirectory() as folder:
        fake.chat(_ANSWER)
        fake.fault("rate-limit", times=1)
        program = Path(folder) / "block.py"
        block = block.replace('"region": "local"', f'"base_url": "{fake.url}"')
        block = block.replace('ray.init("local", ', 'ray.init("local", _node_ip_address="127.0.0.1", ')
        program.write_text(block, encoding="utf-8")
        environment |= {"HF_HOME": folder, "HOME": folder}
        process = subprocess.run(
            [python, program],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        texts = {message["content"] for item in fake.requests for message in item.json["messages"]}
    missing = [text for text in ("Bonjour", "Merci") if f"Translate to English: {text}" not in texts]
    if process.returncode or missing or not process.stdout.strip():
        return (
            f"exit status {process.returncode}, not sent: {missing}\n{process.stdout[-1000:]}{process.stderr[-3000:]}"
        )
    return ""


def main() -> int:
    """Run the blocks, and report."""
    parser = argparse.ArgumentParser(
        "python -m qa.engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=ENGINES, metavar="ENGINE", help=f"of {', '.join(ENGINES)}")
    engines = parser.parse_args().only or list(ENGINES)
    is_good = True
    for number, (engine, block) in enumerate(find_blocks(PAGE.read_text(encoding="utf-8")), 1):
        if engine in engines:
            problem = run_block(create_project_environment(ENGINES[engine]), block)
            print(f"block {number}, {engine}: {problem or 'passed'}", flush=True)
            is_good &= not problem
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
