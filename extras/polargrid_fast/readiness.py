"""Whether a socket has something to read."""

from __future__ import annotations

import select


def is_readable(descriptor: int) -> bool:
    """Whether bytes, the end of the stream or an error can be read without waiting."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
