"""The faults by kind, each a function or a line."""

from qa.fault_bench.faults import audio, http, lifecycle, streams, text  # the imports register the faults
from qa.fault_bench.faults.seeded import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "audio", "http", "lifecycle", "streams", "text"]
