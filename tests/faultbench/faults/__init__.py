"""The faults, by kind: one function or one line each."""

from tests.faultbench.faults import audio, http, lifecycle, streams, text  # they register
from tests.faultbench.faults.seeded import FAULTS, Fault

__all__ = ["FAULTS", "Fault", "audio", "http", "lifecycle", "streams", "text"]
