"""`python -m tests.faultbench`, or `python tests/faultbench`"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.faultbench.bench import main

    sys.exit(main())
