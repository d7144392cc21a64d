"""`python -m qa.compat`"""

import sys

from qa.compat.run import main

if __name__ == "__main__":
    sys.exit(main())
