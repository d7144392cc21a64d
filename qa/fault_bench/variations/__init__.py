"""Legal variations of a server: a check that fails for one of them is a false alarm."""

from qa.fault_bench.variations import http, openai, responses, transcripts  # the imports register the variations
from qa.fault_bench.variations.registry import VARIATIONS, Variation

__all__ = ["VARIATIONS", "Variation", "http", "openai", "responses", "transcripts"]
