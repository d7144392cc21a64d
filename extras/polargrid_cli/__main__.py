"""Run the command with `python -m polargrid_cli`."""

import sys

from polargrid_cli import main

sys.exit(main())
