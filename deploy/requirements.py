"""Print the constraints of a requirements file with hashes: `name==version` lines, with their markers.

pip checks hashes of a whole set or of none, and an image installs the edge without the tools of development.
"""

from __future__ import annotations

import sys
from pathlib import Path


def read_constraints(text: str) -> list[str]:
    """The lines of requirements, without their hashes."""
    lines = [line.split(" \\")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "--"))]


if __name__ == "__main__":
    print("\n".join(read_constraints(Path(sys.argv[1]).read_text("utf-8"))))
