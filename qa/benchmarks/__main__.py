"""`python -m qa.benchmarks`"""

import sys

from qa.benchmarks.bench import main

if __name__ == "__main__":
    sys.exit(main())
