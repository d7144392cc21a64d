"""python -m polargrid.cli"""

import sys

from polargrid.cli import main

sys.exit(main())
