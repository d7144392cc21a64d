"""A model of upstream servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from polargrid_edge.upstream.discovery import RemoteModel
from polargrid_edge.upstream.group import ModelGroup

State = Literal["loaded", "loading", "unloaded", "failed"]
_STATES: Final[tuple[State, ...]] = ("loaded", "loading", "unloaded")


@dataclass(slots=True)
class UpstreamModel:
    """A model by its name here, with its servers. `states` are those of its servers, by their URL."""

    id: str
    remote: RemoteModel
    group: ModelGroup
    max_requests: int = 0
    states: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The best state of its servers; failed if none is healthy."""
        healthy = [replica for replica in self.group.replicas if replica.server.is_healthy]
        states = {self.states.get(replica.server.url, "loaded") for replica in healthy}
        for state in _STATES:
            if state in states:
                return state
        return "failed"
