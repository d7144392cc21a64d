"""Plays a client's program, in the environment of that client: each of its public functions is a scenario.

`python play.py PROGRAM` prints a line of JSON for each, in the order in which they are written. A scenario that returns
a text cannot be done, and the text says why; one that raises has failed. Only the standard library is used here.
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
    module = _imported(path)
    # One event loop for all: the asynchronous clients of some libraries never leave the first that they saw.
    with asyncio.Runner() as loop:
        for name, scenario in list(vars(module).items()):
            if inspect.isfunction(scenario) and scenario.__module__ == module.__name__ and not name.startswith("_"):
                print(json.dumps({"scenario": name, **_played(scenario, path, loop)}), flush=True)


def _imported(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["program"] = module  # where Pydantic looks for what annotations name
    with contextlib.redirect_stdout(sys.stderr):
        spec.loader.exec_module(module)
    return module


def _played(scenario, path, loop):
    began = time.perf_counter()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            said = scenario()
            reason = loop.run(said) if inspect.iscoroutine(said) else said
        outcome = {"outcome": "cannot" if reason else "passed", "reason": reason or ""}
    except Exception as failure:  # noqa: BLE001  whatever a client raises is what is to be told
        traceback.print_exc()
        outcome = {"outcome": "failed", "reason": _told(failure, path)}
    return {**outcome, "seconds": round(time.perf_counter() - began, 2)}


def _told(failure, path):
    """The failure, and the line of the program that met it: that line is all that a bare assertion has to say."""
    said = " ".join("".join(traceback.format_exception_only(failure)).split())
    lines = [frame for frame in traceback.extract_tb(failure.__traceback__) if frame.filename == path]
    return f"{said} (line {lines[-1].lineno}: {lines[-1].line})" if lines else said


if __name__ == "__main__":
    main(sys.argv[1])
