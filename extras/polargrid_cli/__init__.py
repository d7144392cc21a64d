"""The `polargrid` command. Each command imports its dependencies when it runs."""

from __future__ import annotations

import io
import os
import sys


def main() -> int:
    """Run the command line; `polargrid_cli.exit_codes` defines the exit statuses."""
    try:
        from polargrid_cli.commands import polargrid
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        print("polargrid: missing dependencies; install them with: pip install 'polargrid[cli]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # click has not taken over yet
        return 130
    _configure_streams()
    polargrid(prog_name="polargrid")
    return 0


def _configure_streams() -> None:
    """Discard output to closed streams, and escape characters that stdout cannot encode."""
    if sys.stdout is None or sys.stderr is None:
        devnull = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open until the process exits
        sys.stdout, sys.stderr = sys.stdout or devnull, sys.stderr or devnull
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
