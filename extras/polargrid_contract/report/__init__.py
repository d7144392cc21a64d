"""Renderers of a report: for a terminal, as JUnit XML, as JSON, as one HTML page."""
