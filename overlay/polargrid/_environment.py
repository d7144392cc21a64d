"""The settings of the SDK in the process environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from polargrid_runtime.redaction import wrap_secrets

_PUBLIC_VARIABLES = frozenset({"POLARGRID_REGION", "POLARGRID_BASE_URL", "POLARGRID_LOG", "POLARGRID_AUTOROUTER"})


def read_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the variables of the SDK, with the key as a Secret."""
    variables = {name: value for name, value in environ.items() if name.startswith("POLARGRID_") and value}
    return wrap_secrets(variables, _PUBLIC_VARIABLES)
