"""Whether a socket can be read or written without waiting."""

from __future__ import annotations

import math
import select


def is_readable(descriptor: int) -> bool:
    """Whether bytes, the end of the stream or an error can be read without waiting."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def wait_until_ready(descriptor: int, seconds: float | None) -> tuple[bool, bool]:
    """Whether it is readable and writable; waits until it is either, at most seconds."""
    if not hasattr(select, "poll"):  # Windows
        readable, writable, _ = select.select([descriptor], [descriptor], [], seconds)
        return bool(readable), bool(writable)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLOUT)
    events = sum(event for _, event in poll.poll(None if seconds is None else math.ceil(seconds * 1000)))
    is_broken = bool(events & (select.POLLERR | select.POLLHUP))  # reading or writing says how
    return is_broken or bool(events & select.POLLIN), is_broken or bool(events & select.POLLOUT)
