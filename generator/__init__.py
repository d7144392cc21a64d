"""Generates generated/polargrid_generated/ from openapi.yaml, and _sync/ from _async/. Not part of the distribution."""
