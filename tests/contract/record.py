"""Records the responses that the tests replay: `python -m tests.contract.record` runs the tests on a real edge."""

from __future__ import annotations

import os
import subprocess
import sys

from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from tests.contract.recorded_edge import KEY, MODEL, RECORD_URL

_REPLAYING_TESTS = (
    "test_text_checks",
    "test_http_checks",
    "test_stream_checks",
    "test_equality_checks",
    "test_stream_parity",
    "test_concurrency_checks",
)


def main() -> int:
    """Run the tests that replay recordings and save what the edge responds."""
    settings = EdgeSettings(
        port=0,
        keys=frozenset({KEY}),
        chat_model=MODEL,
        max_output_tokens=48,
        max_speech_characters=200,
        max_body_bytes=1_000_000,
    )
    with run_in_thread(settings) as edge:
        files = [f"tests/contract/{name}.py" for name in _REPLAYING_TESTS]
        environment = {**os.environ, RECORD_URL: edge.url}
        return subprocess.run([sys.executable, "-m", "pytest", "-q", *files], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
