"""Runs programs for OpenAI's SDK on one SDK, with only their imports changed. It uses the standard library only.

`python play.py PACKAGE` reads the path of a program a line, and prints what that program printed as a line of JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import traceback

_FROM = re.compile(r"^from openai(?=[. ])", flags=re.MULTILINE)
_IMPORT = re.compile(r"^import openai$", flags=re.MULTILINE)


def convert(source, package):
    """Change the imports of a program to those of another package."""
    return _IMPORT.sub(f"import {package} as openai", _FROM.sub(f"from {package}", source))


def run_program(source, name):
    """Run a program, and return its names and what it printed."""
    output, module = io.StringIO(), {"__name__": "__main__"}
    with contextlib.redirect_stdout(output):
        exec(compile(source, name, "exec", dont_inherit=True), module)  # noqa: S102 - a file of this repository
    return module, output.getvalue()


def main(package):
    results = sys.stdout
    for line in sys.stdin:
        path, result = line.strip(), {"output": "", "error": ""}
        try:
            with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs an import
                source = convert(file.read(), package) if package != "openai" else file.read()
            result["output"] = run_program(source, path)[1]
        except Exception as error:  # noqa: BLE001 - every exception of a program is a result
            result["error"] = _describe(error, path)
        print(json.dumps(result), file=results, flush=True)


def _describe(error, path):
    """The exception, and the line of the program that raised it."""
    text = " ".join("".join(traceback.format_exception_only(error)).split())
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"line {lines[-1]}: {text}" if lines else text


if __name__ == "__main__":
    main(sys.argv[1])
