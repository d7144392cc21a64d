"""Faults of servers, networks, certificates and name lookups, each by its name: `fake.fault("stream-cut", after=3)`."""

from polargrid_testing.faults import (
    connections,
    encodings,
    errors,
    fields,
    framing,
    lookups,
    proxies,
    quoted_keys,
    stream_ends,
    streams,
    timing,
    tls,
    tool_calls,
)
from polargrid_testing.faults.registry import FAULTS, BoundFault, Fault, bind_fault

__all__ = ["FAULTS", "BoundFault", "Fault", "bind_fault"]

_MODULES = (
    connections,
    encodings,
    errors,
    fields,
    framing,
    lookups,
    proxies,
    quoted_keys,
    stream_ends,
    streams,
    timing,
    tls,
    tool_calls,
)  # they register their faults
