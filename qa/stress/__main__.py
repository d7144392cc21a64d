"""`python -m qa.stress`"""

import sys

from qa.stress.run import main

if __name__ == "__main__":
    sys.exit(main())
