# Derived from ../_async/__init__.py by `make generate`
"""The transports of sync clients."""
