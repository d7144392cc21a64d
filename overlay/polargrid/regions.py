"""The regions of PolarGrid, their names, and how one is found."""

from __future__ import annotations

import re
from typing import TypedDict

from polargrid.errors import ValidationError


class Region(TypedDict):
    """Where an edge site is."""

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
    "vancouver": "yvr-01",
    "yvr": "yvr-01",
    "montreal": "ymq-01",
    "ymq": "ymq-01",
    "washington": "was-01",
    "was": "was-01",
}
DEFAULT_REGION = "yvr-01"  # the default of openapi.yaml's server variable
LOCAL = Region(id="local", name="Local", url="http://127.0.0.1:55111")

_REGION_ID = re.compile(r"[a-z]{3}-[0-9]{2}")


def resolve(name: str) -> Region:
    """The region of an id, an alias or `local`.

    An id that is not in the table is taken where it has the form of one: a region may open before a client is
    updated. Raises ValidationError, with the names there are, for anything else.
    """
    key = name.strip().lower()
    key = REGION_ALIASES.get(key, key)
    if key == "local":
        return LOCAL
    if key in POLARGRID_REGIONS:
        return POLARGRID_REGIONS[key]
    if _REGION_ID.fullmatch(key):
        return _region(key, key)
    known = ", ".join([*POLARGRID_REGIONS, *REGION_ALIASES, "local"])
    raise ValidationError(f"region: {name!r} is none; use one of {known}", param="region")
