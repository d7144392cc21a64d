"""The `polargrid` command. What a command needs is imported when it runs."""

from __future__ import annotations

import io
import os
import sys


def main() -> int:
    """Run the command line. The exit statuses are those of `polargrid_cli.exits`."""
    try:
        from polargrid_cli.commands import polargrid
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        print("polargrid: the command needs more packages: pip install 'polargrid[cli]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before there is a command to interrupt
        return 130
    _mend_streams()
    polargrid(prog_name="polargrid")
    return 0


def _mend_streams() -> None:
    """Output that is closed goes nowhere; letters that a terminal does not know are escaped."""
    if sys.stdout is None or sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
