"""`python -m qa.soak`"""

import sys

from qa.soak.run import main

if __name__ == "__main__":
    sys.exit(main())
