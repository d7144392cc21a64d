# Derived from ../_async/__init__.py by `make generate`
"""The sync client. `_sync/` is derived from this folder by `make generate`."""
