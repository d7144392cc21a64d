"""`python -m qa.limiter_sim [NAME...]`: the share of the ideal throughput, and refusals a row, in each scenario.

It fails if a bound is missed: 95 % of the ideal, 0.3 refusals a row, no row lost. Of workers that share a server, the
first 30 seconds do not count: each starts without knowing of the others.
"""

from __future__ import annotations

import argparse
import sys

from qa.limiter_sim.report import HEADER, find_missed, format_line
from qa.limiter_sim.run import compare
from qa.limiter_sim.scenarios import SCENARIOS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m qa.limiter_sim", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of scenarios; default: all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(HEADER)
    missed: list[str] = []
    for scenario in SCENARIOS:
        if not options.names or any(name in scenario.name for name in options.names):
            comparison = compare(scenario, options.seed)
            print(format_line(comparison), flush=True)
            missed += find_missed(comparison)
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
