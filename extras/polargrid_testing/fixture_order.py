"""The order of fixtures: those of this kit come before others of a test, which may create clients and send requests.

So they also outlive `monkeypatch`, which else would set POLARGRID_BASE_URL to a server that has ended.
"""

from __future__ import annotations

from typing import Any

_CASSETTE = "polargrid_cassette"  # a marker and a fixture
#: A cassette in the block of a fake records the fake.
_FIRST = ("polargrid_fake", _CASSETTE)


def order_fixtures(item: Any) -> None:
    """Let a test set up these fixtures before its own ones of the scope `function`."""
    names = getattr(item, "fixturenames", None)
    if names is None:
        return
    requested = {*names, *([_CASSETTE] if item.get_closest_marker(_CASSETTE) is not None else [])}
    first = [name for name in _FIRST if name in requested]
    if not first:
        return
    definitions: Any = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    others = [name for name in names if name not in first]
    scopes = [definitions[name][-1].scope if name in definitions else "function" for name in others]
    start = scopes.index("function") if "function" in scopes else len(others)
    names[:] = [*others[:start], *first, *others[start:]]
