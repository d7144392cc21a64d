"""The regions of PolarGrid, their names, how one is found, and which of several to ask."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Sequence
from typing import TypedDict

import attrs

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


@attrs.frozen
class Edge:
    """Where a client sends its calls."""

    base_url: str
    region: Region | None = None
    """The region that it is in; None for a base URL of your own."""


class Edges:
    """The edges of a client, the preferred one first, and which of them to leave alone for now: a circuit breaker.

    An edge that fails `faults` times in a row rests for `rest` seconds. Then one call tries it again; while that
    call is under way, and if it fails, the others still go elsewhere.
    """

    def __init__(
        self,
        edges: Sequence[Edge],
        *,
        faults: int = 3,
        rest: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._edges, self._most, self._rest, self._clock = tuple(edges), faults, rest, clock
        self._faults = {edge.base_url: 0 for edge in edges}
        self._rests_until = {edge.base_url: 0.0 for edge in edges}

    @property
    def preferred(self) -> Edge:
        """The edge that is asked as long as it is well."""
        return self._edges[0]

    def choose(self) -> Edge:
        """The first edge that does not rest; where all rest, the one whose rest ends first."""
        if len(self._edges) == 1:
            return self._edges[0]
        return self._awake(()) or min(self._edges, key=lambda edge: self._rests_until[edge.base_url])

    def another(self, tried: Collection[Edge]) -> Edge | None:
        """The first edge that does not rest and was not tried; None where there is none."""
        return self._awake([edge.base_url for edge in tried])

    def _awake(self, tried: Collection[str]) -> Edge | None:
        now = self._clock()
        for edge in self._edges:
            url = edge.base_url
            if url in tried or self._rests_until[url] > now:
                continue
            if self._faults[url] >= self._most:
                self._rests_until[url] = now + self._rest  # for all but the caller, who finds out
            return edge
        return None

    def failed(self, edge: Edge) -> None:
        """The edge could not be reached, was too slow, or said that it cannot serve."""
        url = edge.base_url
        self._faults[url] += 1
        if self._faults[url] >= self._most:
            self._rests_until[url] = self._clock() + self._rest

    def served(self, edge: Edge) -> None:
        """The edge answered."""
        self._faults[edge.base_url], self._rests_until[edge.base_url] = 0, 0.0
