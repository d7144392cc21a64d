"""Logging: `logging.getLogger("polargrid")`, and POLARGRID_LOG.

One line per request at DEBUG, one per retry at INFO. The logger `polargrid.bodies` logs bodies; it is disabled unless
POLARGRID_LOG is `bodies` or a program enables it. Keys are never logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from polargrid.errors import ValidationError

logger = logging.getLogger("polargrid")
bodies = logging.getLogger("polargrid.bodies")
bodies.disabled = True
_LEVELS = {"bodies": logging.DEBUG, "debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_MAX_BODY_BYTES = 4000


def configure(environ: Mapping[str, Any]) -> None:
    """Set the level of POLARGRID_LOG; without handlers in the program, log to stderr.

    Raises ValidationError for an unknown level.
    """
    level = str(environ.get("POLARGRID_LOG") or "").strip().lower()
    if not level:
        return
    if level not in _LEVELS:
        raise ValidationError(
            f"POLARGRID_LOG: unknown level {level!r}; expected one of: {', '.join(_LEVELS)}", param="POLARGRID_LOG"
        )
    logger.setLevel(_LEVELS[level])
    bodies.disabled = level != "bodies"
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)


def log_body(label: str, content: bytes, redact: Callable[[str], str]) -> None:
    """Log the beginning of a body."""
    rest = f" … {len(content)} bytes in all" if len(content) > _MAX_BODY_BYTES else ""
    text = redact(content[: 2 * _MAX_BODY_BYTES].decode("utf-8", "backslashreplace"))  # a key at the end is whole
    bodies.debug("%s: %s%s", label, text[:_MAX_BODY_BYTES], rest)
