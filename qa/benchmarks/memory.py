"""The memory of this process."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _status(field: str) -> int | None:
    if not _STATUS.exists():
        return None
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _most() -> int:
    """The peak, where there is no /proc: of the whole life of the process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def held() -> int:
    """Bytes held now; from here on the peak counts anew, where the system can."""
    with contextlib.suppress(OSError):
        _RESET.write_text("5", encoding="ascii")
    return _status("VmRSS:") or _most()


def peak() -> int:
    """The most bytes held since."""
    return _status("VmHWM:") or _most()
