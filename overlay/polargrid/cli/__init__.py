"""The `polargrid` command. What a command needs is imported when it runs."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit status is 0, or 2 for wrong usage, or 1."""
    try:
        from polargrid.cli.commands import polargrid
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        print("polargrid: the command needs more packages: pip install 'polargrid[cli]'", file=sys.stderr)
        return 2
    polargrid(prog_name="polargrid")
    return 0
