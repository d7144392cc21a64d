"""The regions of PolarGrid, by id and alias."""

from __future__ import annotations

import re
from typing import TypedDict

from polargrid.errors import ValidationError

__all__ = ["DEFAULT_REGION", "LOCAL", "POLARGRID_REGIONS", "REGION_ALIASES", "Region", "resolve"]


class Region(TypedDict):
    """An edge site."""

    id: str
    name: str
    url: str


def _region(region_id: str, name: str) -> Region:
    return Region(id=region_id, name=name, url=f"https://api.{region_id}.edge.polargrid.ai:55111")


POLARGRID_REGIONS: dict[str, Region] = {
    "yvr-01": _region("yvr-01", "Vancouver"),
    "ymq-01": _region("ymq-01", "Montreal"),
    "was-01": _region("was-01", "Washington"),
}
REGION_ALIASES: dict[str, str] = {
    **dict.fromkeys(("vancouver", "yvr"), "yvr-01"),
    **dict.fromkeys(("montreal", "ymq"), "ymq-01"),
    **dict.fromkeys(("washington", "was"), "was-01"),
}
DEFAULT_REGION = "yvr-01"  # the default of openapi.yaml's server variable
LOCAL = Region(id="local", name="Local", url="http://127.0.0.1:55111")

_REGION_ID = re.compile(r"[a-z]{3}-[0-9]{2}")


def resolve(name: str) -> Region:
    """Return the region of an id, an alias or `local`.

    An unknown id of the right form is accepted: a region may open before a client is updated. Raises ValidationError
    for anything else.
    """
    if not isinstance(name, str):
        raise ValidationError(f"region: expected a string, not {type(name).__name__}", param="region")
    key = name.strip().lower()
    key = REGION_ALIASES.get(key, key)
    if key == "local":
        return LOCAL
    if key in POLARGRID_REGIONS:
        return POLARGRID_REGIONS[key]
    if _REGION_ID.fullmatch(key):
        return _region(key, key)
    names = ", ".join([*POLARGRID_REGIONS, *REGION_ALIASES, "local"])
    raise ValidationError(f"unknown region {name!r}; expected one of: {names}", param="region")
