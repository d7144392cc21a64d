"""What the SDK tells: `logging.getLogger("polargrid")`, and POLARGRID_LOG.

A line a request at level DEBUG, a line a retry at INFO. Bodies are told by the logger `polargrid.bodies`, which is
disabled until POLARGRID_LOG is `bodies` or somebody enables it. The key is in none of them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from polargrid.errors import ValidationError

logger = logging.getLogger("polargrid")
bodies = logging.getLogger("polargrid.bodies")
bodies.disabled = True
_LEVELS = {"bodies": logging.DEBUG, "debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
_LONGEST = 4000  # bytes of a body that are told


def configure(environ: Mapping[str, Any]) -> None:
    """Tell what POLARGRID_LOG asks for: where the program's log goes, or else on stderr.

    Raises ValidationError for what is no level.
    """
    name = str(environ.get("POLARGRID_LOG") or "").strip().lower()
    if not name:
        return
    if name not in _LEVELS:
        known = ", ".join(_LEVELS)
        raise ValidationError(f"POLARGRID_LOG: {name!r} is none; use one of {known}", param="POLARGRID_LOG")
    logger.setLevel(_LEVELS[name])
    bodies.disabled = name != "bodies"
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)


def body(what: str, content: bytes | None) -> None:
    """Tell a body, where bodies are asked for."""
    if content and bodies.isEnabledFor(logging.DEBUG):
        more = f" … {len(content)} bytes in all" if len(content) > _LONGEST else ""
        bodies.debug("%s: %s%s", what, content[:_LONGEST].decode("utf-8", "backslashreplace"), more)
