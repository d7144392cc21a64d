"""The faults by kind, each a function or a line."""

from qa.fault_bench.faults import (  # the imports register the faults
    audio,
    concurrent,
    dialects,
    equality,
    http,
    lifecycle,
    models,
    profile,
    streamed,
    streams,
    text,
    timing,
    wire,
)
from qa.fault_bench.faults.seeded import FAULTS, Fault

__all__ = [
    "FAULTS",
    "Fault",
    "audio",
    "concurrent",
    "dialects",
    "equality",
    "http",
    "lifecycle",
    "models",
    "profile",
    "streamed",
    "streams",
    "text",
    "timing",
    "wire",
]
