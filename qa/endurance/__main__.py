"""`python -m qa.endurance`"""

import sys

from qa.endurance.run import main

if __name__ == "__main__":
    sys.exit(main())
