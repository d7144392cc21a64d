"""python -m polargrid_contract [URL]: does a server keep openapi.yaml? Without URL, a local edge is tested."""

from __future__ import annotations

import argparse
import os
import sys

from polargrid_contract.schema import check

LOCAL_KEY = "pg_local"
# A generated request may ask for thousands of tokens; the answer is cut there and says so (finish_reason `length`).
LOCAL_TOKENS = 12


def main() -> int:
    """Exit status: 0 kept, 1 broken, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="polargrid_contract", description=__doc__)
    parser.add_argument("url", nargs="?", help="the server, like http://127.0.0.1:55111")
    parser.add_argument("--api-key", default=os.environ.get("POLARGRID_API_KEY"), help="else POLARGRID_API_KEY")
    parser.add_argument("--max-examples", type=int, default=20, help="requests an operation in the fuzzing phase")
    parser.add_argument("--seed", type=int, help="repeat a run")
    parser.epilog = "Other options go to `schemathesis run`, like --include-operation-id health."
    options, others = parser.parse_known_args()
    arguments = [*others, "--max-examples", str(options.max_examples)]
    arguments += ["--seed", str(options.seed)] if options.seed is not None else []
    if options.url:
        return check(options.url, options.api_key or LOCAL_KEY, arguments)
    return _check_local(arguments)


def _check_local(arguments: list[str]) -> int:
    from polargrid_edge.server import running
    from polargrid_edge.settings import EdgeSettings

    settings = EdgeSettings(port=0, chat_model="smollm2-135m", max_output_tokens=LOCAL_TOKENS)
    with running(settings) as edge:
        return check(edge.url, LOCAL_KEY, arguments)


if __name__ == "__main__":
    sys.exit(main())
