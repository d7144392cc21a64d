"""The memory of this process."""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

_STATUS, _CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def _read_status(field: str) -> int | None:
    if not _STATUS.exists():
        return None
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def _read_lifetime_peak() -> int:
    """The peak of the process since its start, for systems without /proc."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def reset_peak() -> int:
    """Return the resident bytes, and start a new peak if the system can."""
    with contextlib.suppress(OSError):
        _CLEAR_REFS.write_text("5", encoding="ascii")
    return _read_status("VmRSS:") or _read_lifetime_peak()


def read_peak() -> int:
    """The most resident bytes since `reset_peak`."""
    return _read_status("VmHWM:") or _read_lifetime_peak()
