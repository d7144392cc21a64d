"""What a cassette changes in the environment, for the processes that a program starts."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from threading import Lock

#: In place of a key that is not needed: nothing is sent to a server.
REPLAY_KEY = "pg_cassette"
KEY_VARIABLE = "POLARGRID_API_KEY"
_NO_PROXY = "no_proxy"


def list_changes(url: str, environ: Mapping[str, str], *, is_recording: bool) -> dict[str, str]:
    """Return the variables with which a process sends its requests to a cassette."""
    changes = {"POLARGRID_BASE_URL": url}
    if not is_recording and not environ.get(KEY_VARIABLE):
        changes[KEY_VARIABLE] = REPLAY_KEY
    if any(name.lower().endswith("_proxy") for name in environ):
        excluded = environ.get(_NO_PROXY) or environ.get("NO_PROXY")
        changes[_NO_PROXY] = f"{excluded},127.0.0.1" if excluded else "127.0.0.1"
    return changes


class VariableStack:
    """Changes of the process environment by several owners, who may end in any order; the last one's apply."""

    def __init__(self) -> None:
        self._layers: list[_Layer] = []
        self._before: dict[str, str | None] = {}
        self._lock = Lock()

    def push(self, owner: object, changes: Mapping[str, str], *, is_hidden: bool = True) -> None:
        """Set variables; if they are hidden, for other processes only: `read_outside` does not have them."""
        with self._lock:
            self._layers.append(_Layer(owner, changes, is_hidden))
            for name, value in changes.items():
                self._before.setdefault(name, os.environ.get(name))
                os.environ[name] = value

    def pop(self, owner: object) -> None:
        """Restore the variables of an owner; not what the program has set meanwhile."""
        with self._lock:
            (ended,) = [layer for layer in self._layers if layer.owner is owner]
            self._layers.remove(ended)
            for name, value in ended.changes.items():
                values = [layer.changes[name] for layer in self._layers if name in layer.changes]
                restored = values[-1] if values else self._before[name]
                if not values:
                    del self._before[name]
                if os.environ.get(name) == value:
                    _set(os.environ, name, restored)

    def read_outside(self) -> dict[str, str]:
        """Return the environment without changes that are hidden."""
        with self._lock:
            environ: dict[str, str] = dict(os.environ)
            hidden = {pair for layer in self._layers if layer.is_hidden for pair in layer.changes.items()}
            visible = dict(self._before)
            for layer in self._layers:
                if not layer.is_hidden:
                    visible |= layer.changes
            for name, value in visible.items():
                if (name, environ.get(name)) in hidden:
                    _set(environ, name, value)
            return environ


@dataclass(frozen=True, eq=False)
class _Layer:
    owner: object
    changes: Mapping[str, str]
    is_hidden: bool


def _set(environ: MutableMapping[str, str], name: str, value: str | None) -> None:
    if value is None:
        environ.pop(name, None)
    else:
        environ[name] = value


#: The changes of all cassettes that are active.
variables = VariableStack()
