"""`python -m qa.foreign_servers`"""

import sys

from qa.foreign_servers.run import main

if __name__ == "__main__":
    sys.exit(main())
