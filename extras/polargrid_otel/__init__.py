"""OpenTelemetry for PolarGrid: a span for each call, and metrics, by the GenAI semantic conventions.

`PolarGridInstrumentor().instrument()` starts it, or `opentelemetry-instrument python program.py`.
"""

from polargrid_otel.instrumentor import PolarGridInstrumentor

__all__ = ["PolarGridInstrumentor"]
