"""The async client. `_sync/` is derived from this folder by `make generate`."""
