"""`python -m qa.fault_bench`, or `python qa/fault_bench`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from qa.fault_bench.bench import main

    sys.exit(main())
