"""The faults, by kind: one function or one line each."""

from qa.fault_bench.faults import audio, http, lifecycle, streams, text  # they register
from qa.fault_bench.faults.seeded import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "audio", "http", "lifecycle", "streams", "text"]
