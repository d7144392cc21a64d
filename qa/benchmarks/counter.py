"""What a process spends: instructions where the kernel counts them, CPU seconds where not.

Instructions do not vary with the machine's other work; CPU time does, by some percent.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import time
from collections.abc import Callable

_SYSCALLS = {"x86_64": 298, "aarch64": 241}  # perf_event_open
_HARDWARE, _INSTRUCTIONS, _SIZE = 0, 1, 64
_INHERIT = 1 << 1  # threads count, too
_USER_ONLY = 1 << 5 | 1 << 6  # not the kernel, not a hypervisor: what an unprivileged process may count


def _opened() -> int | None:
    number = _SYSCALLS.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return None
    attributes = struct.pack("IIQQQQQ", _HARDWARE, _SIZE, _INSTRUCTIONS, 0, 0, 0, _INHERIT | _USER_ONLY)
    buffer = ctypes.create_string_buffer(attributes, _SIZE)
    file = ctypes.CDLL(None, use_errno=True).syscall(number, buffer, 0, -1, -1, 0)  # this process, any core
    return file if file >= 0 else None


def counter() -> tuple[str, Callable[[], float]]:
    """The unit, `instructions` or `s`, and what reads this process's count. Before any thread is started."""
    file = _opened()
    if file is None:
        return "s", time.process_time
    return "instructions", lambda: float(struct.unpack("Q", os.read(file, 8))[0])
