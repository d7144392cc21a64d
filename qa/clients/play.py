"""Runs a client's program in the environment of that client: each of its public functions is a scenario.

`python play.py PROGRAM` prints a line of JSON for each, in the order of the source. A scenario that returns a text is
unsupported, and the text says why; one that returns a pair of numbers has measured how many of its runs succeeded; one
that raises has failed. It uses the standard library only.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import inspect
import json
import sys
import time
import traceback


def main(path):
    module = import_program(path)
    # One event loop for all: the async clients of some libraries stay with the first one.
    with asyncio.Runner() as runner:
        for name, scenario in list(vars(module).items()):
            if inspect.isfunction(scenario) and scenario.__module__ == module.__name__ and not name.startswith("_"):
                print(json.dumps({"scenario": name, **run_scenario(scenario, path, runner)}), flush=True)


def import_program(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["program"] = module  # Pydantic resolves annotations there
    with contextlib.redirect_stdout(sys.stderr):
        spec.loader.exec_module(module)
    return module


def run_scenario(scenario, path, runner):
    started_at = time.perf_counter()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            result = scenario()
            returned = runner.run(result) if inspect.iscoroutine(result) else result
        outcome = _to_outcome(returned)
    except Exception as error:  # noqa: BLE001 - every exception of a client is an outcome
        traceback.print_exc()
        outcome = {"outcome": "failed", "reason": _describe(error, path)}
    return {**outcome, "seconds": round(time.perf_counter() - started_at, 2)}


def _to_outcome(returned):
    if isinstance(returned, tuple):
        successes, runs = returned
        return {"outcome": "measured", "reason": f"{successes} of {runs}"}
    return {"outcome": "unsupported" if returned else "passed", "reason": returned or ""}


def _describe(error, path):
    """The exception and the line of the program that raised it: a bare assertion has no other message."""
    text = " ".join("".join(traceback.format_exception_only(error)).split())
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"{text} (line {lines[-1].lineno}: {lines[-1].line})" if lines else text


if __name__ == "__main__":
    main(sys.argv[1])
