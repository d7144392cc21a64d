"""`python -m qa.cassette_scan`: records cassettes of traffic that shows its key everywhere, and searches their files.

Exits with 1 if a file has a key, a cookie or a secret header, in any notation.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.cassette_scan.run import scan


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m qa.cassette_scan", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="cassettes (200)")
    parser.add_argument("--seed", type=int, default=0, help="of the keys and the traffic")
    parser.add_argument("--folder", type=Path, help="keep the cassettes here")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        result = scan(options.folder or Path(folder), options.count, options.seed)
    print(f"{result.cassettes} cassettes, {result.interactions} interactions, {result.size:,} bytes")
    print(f"credentials that were shown: {result.shown}; in the files: {len(result.found)}")
    for line in result.found:
        print(line)
    return 1 if result.found or not result.shown else 0


if __name__ == "__main__":
    sys.exit(main())
