"""What a cassette records: the modes of vcrpy and pytest-recording."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, cast, get_args

RecordMode = Literal["once", "new", "all", "none"]
MODES: tuple[str, ...] = get_args(RecordMode)
VARIABLE = "POLARGRID_RECORD"
_is_false = frozenset({"", "0", "false", "no", "off"}).__contains__


_option: str | None = None  # of pytest, for every cassette of its process


def set_option(mode: str | None) -> None:
    """Set the mode of every cassette; None for none."""
    global _option  # noqa: PLW0603 - pytest configures a process once
    _option = mode


def resolve_mode(argument: str | None = None, environ: Mapping[str, str] = os.environ) -> RecordMode:
    """Return the mode: of pytest's option, else of POLARGRID_RECORD, else the argument, else the default.

    The default is `once`; where the variable CI is set, `none`, so that no test run of a server records by accident.
    Raises ValueError for an unknown mode.
    """
    mode, source = _select_mode(argument, environ)
    if mode not in MODES:
        raise ValueError(f"{source}: unknown mode {mode!r}; expected one of: {', '.join(MODES)}")
    return cast("RecordMode", mode)


def describe_mode(argument: str | None = None, environ: Mapping[str, str] = os.environ) -> str:
    """Return the mode, and who has chosen it."""
    mode, source = _select_mode(argument, environ)
    return f"{mode!r} by {source}"


def _select_mode(argument: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    is_ci = not _is_false(environ.get("CI", "").lower())
    sources = (
        (_option, "--polargrid-record"),
        (environ.get(VARIABLE), VARIABLE),
        (argument, "record"),
        ("none" if is_ci else None, "the variable CI"),
        ("once", "default"),
    )
    return next((mode, source) for mode, source in sources if mode)
