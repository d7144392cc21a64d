"""`python -m qa.drain`"""

import sys

from qa.drain.run import main

if __name__ == "__main__":
    sys.exit(main())
