# Derived from ../_async/__init__.py by `make generate`
"""Streams and the base class of sync clients."""
