"""Bulk runs on Ray: an actor, a machine and the driver are killed; the speed beside Ray's own HTTP stage; and the same
input through a run on one machine and on Ray, against the local edge with real models.

python -m qa.ray [--only kills speed same]

It creates an environment with Ray, of 600 MB, at the first run. It takes about 5 minutes. The exit status is 1 if a row
is lost or doubled, if the run is less than 20 times as fast as the stage, or if a result has another schema.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from qa.batch_kill import write_input
from qa.batch_server import start_server
from qa.environments import create_project_environment
from qa.ray import kills, same
from qa.ray.commands import start

_LEAST_FACTOR = 20
_LATENCY = 0.1
_OWN_ROWS, _STAGE_ROWS = 12_800, 256


def measure_speed(python: Path) -> bool:
    """Measure both, and print a line each."""
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        write_input(source, _OWN_ROWS)
        for kind, rows in (("stage", _STAGE_ROWS), ("own", _OWN_ROWS)):
            with start_server(_LATENCY) as url:
                command = [str(python), "-m", "qa.ray.speed", kind, url, str(rows)]
                with start([*command, *([str(source), str(output)] if kind == "own" else [])]) as process:
                    out, err = process.communicate(timeout=600)
            words = next((line.split() for line in out.splitlines() if line.startswith("measured")), None)
            if words is None or int(words[1]) != rows:
                print(f"{kind}: {out[-500:]} {err[-1500:]}")
                return False
            rates[kind] = rows / float(words[2])
            name = "polargrid batch run --on ray, 64 in flight" if kind == "own" else "Ray's HTTP stage, batches of 64"
            print(f"{name}: {rates[kind]:,.1f} rows/s ({rows:,} rows of {_LATENCY:g} s, one actor)", flush=True)
    factor = rates["own"] / rates["stage"]
    print(f"{factor:.0f} times as fast (at least {_LEAST_FACTOR})")
    return factor >= _LEAST_FACTOR


def measure_kills(python: Path) -> bool:
    """Kill, and print a line each."""
    is_good = True
    for name in kills.KILLS:
        outcome = kills.measure(name, python)
        print(outcome, flush=True)
        is_good &= outcome.is_good
    return is_good


def compare_results(python: Path) -> bool:
    """Compare, and print what differs."""
    differences = same.compare(python)
    print(differences or f"{len(same.build_rows()) + 1} rows on this machine and on Ray: the same ids and schema")
    return not differences


PARTS = {"kills": measure_kills, "speed": measure_speed, "same": compare_results}


def main() -> int:
    """Run the parts."""
    parser = argparse.ArgumentParser(
        "python -m qa.ray", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parts = parser.parse_args().only or list(PARTS)
    python = create_project_environment("ray")
    results = [PARTS[name](python) for name in parts]  # each of them, also after one that is not good
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())
