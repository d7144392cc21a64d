"""`python -m tests.clients`"""

import sys

from tests.clients.run import main

if __name__ == "__main__":
    sys.exit(main())
