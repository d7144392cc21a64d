"""`python -m qa.clients`"""

import sys

from qa.clients.run import main

if __name__ == "__main__":
    sys.exit(main())
