"""What a process spends: instructions if the kernel counts them, CPU seconds if not.

Other work on the machine does not change the number of instructions; it changes CPU time by some percent.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
import time
from collections.abc import Callable

_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}  # the number of the system call
_HARDWARE, _INSTRUCTIONS, _SIZE = 0, 1, 64
_INHERIT = 1 << 1  # count threads as well
_USER_ONLY = 1 << 5 | 1 << 6  # without the kernel and a hypervisor: what an unprivileged process may count


def _open_perf_event() -> int | None:
    number = _PERF_EVENT_OPEN.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return None
    attributes = struct.pack("IIQQQQQ", _HARDWARE, _SIZE, _INSTRUCTIONS, 0, 0, 0, _INHERIT | _USER_ONLY)
    buffer = ctypes.create_string_buffer(attributes, _SIZE)
    file = ctypes.CDLL(None, use_errno=True).syscall(number, buffer, 0, -1, -1, 0)  # this process, any core
    return file if file >= 0 else None


def open_counter() -> tuple[str, Callable[[], float]]:
    """The unit, `instructions` or `s`, and a function that reads the count of this process.

    Call it before the process starts a thread.
    """
    file = _open_perf_event()
    if file is None:
        return "s", time.process_time
    return "instructions", lambda: float(struct.unpack("Q", os.read(file, 8))[0])
